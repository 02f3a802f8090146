import { find, select } from "../common/rows.ts";
import { median } from "../common/sample.ts";
import { settle } from "../common/settle.ts";
import { timeInTurns } from "../gemm/bench.ts";
import { square } from "../gemm/cases.ts";
import { gemmEntry, plainEntry } from "../gemm/products.ts";
import { matmulEntry, stackEntry } from "../gemm/small.ts";
import { prepare } from "../gemm/validate.ts";
import type { Bench } from "./bench.ts";
import { STACKED } from "./cases.ts";
import type { Row } from "./rows.ts";

export const PLAIN = "plain loop";

/** Small squares: nanoseconds a call beside the plain loop over typed arrays. */
export async function calls(bench: Bench): Promise<void> {
  const { la, selection, settings, say, rows } = bench;
  const ours = { la, build: la.config().build.chosen };
  for (const dtype of selection.dtypes) {
    settle(la, dtype);
    for (const n of selection.sizes) {
      if (settings.stopped()) return;
      say(`calls ${dtype} n = ${n}`);
      const one = square(dtype, n);
      const problem = prepare(one);
      const entries = [
        gemmEntry(ours, one, problem, "gemm"),
        plainEntry(one, problem),
        matmulEntry(ours, dtype, n),
        ...(n === STACKED ? [stackEntry(ours, dtype)] : []),
      ].map((entry) => ({
        ...entry,
        unit: "ns" as const,
        work: entry.what.startsWith("stack") ? entry.work : 1,
      }));
      for (const row of await timeInTurns(entries, settings)) {
        const what = row.who === PLAIN ? PLAIN : row.what;
        rows.push({
          ...row,
          section: "calls",
          dtype,
          label: String(n),
          n,
          who: ours.build,
          what,
          unit: "ns",
        });
      }
    }
    rows.push(...crossoverRow(ours.build, dtype, rows));
  }
}

/** The first size from which on gemm is faster than the plain loop; none if it is not at the largest. */
export function crossover(rows: readonly Row[], dtype: Row["dtype"]): number | undefined {
  let first: number | undefined;
  for (const gemm of select(rows, { section: "calls", dtype, what: "gemm" })) {
    const plain = find(rows, { section: "calls", dtype, what: PLAIN, label: gemm.label });
    if (plain === undefined || gemm.values.length === 0) continue;
    const faster = median(gemm.values) < median(plain.values);
    first = faster ? (first ?? gemm.n) : undefined;
  }
  return first;
}

function crossoverRow(who: string, dtype: Row["dtype"], rows: readonly Row[]): Row[] {
  const n = crossover(rows, dtype);
  if (n === undefined) return [];
  const key = { section: "calls", dtype, label: "all sizes", who, what: "crossover" } as const;
  return [{ ...key, unit: "n", better: "lower", values: [n] }];
}

import type { Context, DType } from "../../src/index.ts";
import { buildOf } from "../common/environment.ts";
import { settle } from "../common/settle.ts";
import { type Entry, timeInTurns } from "../gemm/bench.ts";
import { square } from "../gemm/cases.ts";
import { gemmEntry } from "../gemm/products.ts";
import { patient } from "../gemm/threads.ts";
import { prepare } from "../gemm/validate.ts";
import type { Bench } from "./bench.ts";
import { type Section, threadCounts, weakSide } from "./cases.ts";
import type { Row } from "./rows.ts";

/** The same product on 1, 2, … threads. */
export const strong = (bench: Bench): Promise<void> =>
  scale(bench, "strong", bench.selection.sizes, (n) => n);

/** On more threads a larger one. */
export const weak = (bench: Bench): Promise<void> =>
  scale(bench, "weak", bench.selection.weakSizes, weakSide);

async function scale(
  bench: Bench,
  section: Section,
  sizes: readonly number[],
  sideOf: (n: number, threads: number) => number,
): Promise<void> {
  const { la, selection, settings, say, notes } = bench;
  const { host, memory } = la.config();
  if (!memory.shared) notes.push("more threads: they share no memory here");
  const teams = await teamsOf(bench, memory.shared ? threadCounts(host.cores) : [1]);
  try {
    for (const dtype of selection.dtypes) {
      for (const n of sizes) {
        if (settings.stopped()) return;
        say(`${section} ${dtype} n = ${n}`);
        const entries = teams.map(([threads, team]) => entryOf(team, dtype, sideOf(n, threads), threads));
        const rows = await timeInTurns(entries, patient(settings));
        bench.rows.push(...rows.map((row): Row => ({ ...row, section, dtype, label: String(n) })));
      }
    }
  } finally {
    for (const [, team] of teams) team.close();
  }
}

/** A context for each number of threads, its members started. */
async function teamsOf(
  { init, selection, builds }: Bench,
  counts: readonly number[],
): Promise<[number, Context][]> {
  const teams: [number, Context][] = [];
  for (const threads of counts) {
    const la = await init({ build: selection.build, threads, prewarm: threads > 1 });
    for (const dtype of selection.dtypes) settle(la, dtype);
    builds.push(buildOf(la.config()));
    teams.push([threads, la]);
  }
  return teams;
}

function entryOf(la: Context, dtype: DType, n: number, threads: number): Entry {
  const one = square(dtype, n);
  return { ...gemmEntry({ la, build: la.config().build.chosen }, one, prepare(one), "gemm"), n, threads };
}

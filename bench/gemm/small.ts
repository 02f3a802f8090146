import type { DType } from "../../src/index.ts";
import { timed } from "../common/sample.ts";
import type { FreshProcesses } from "../host/host.ts";
import type { Results } from "../results-file/format.ts";
import { rowOf } from "../results-file/from-rows.ts";
import { type Bench, type Contestant, contest, type Entry } from "./bench.ts";
import { floats, square } from "./cases.ts";
import { gemmEntry, plainEntry } from "./products.ts";
import type { Row } from "./rows.ts";
import { linesOf, prepare, residual } from "./validate.ts";

/** Products of a stack. */
const STACK = 1000;

/** Nanoseconds a call. */
async function callsOf(bench: Bench, contestant: Contestant): Promise<void> {
  const ns = { unit: "ns", work: 1 } as const;
  for (const dtype of bench.selection.dtypes) {
    for (const n of bench.selection.callSizes) {
      if (bench.settings.stopped()) return;
      const one = square(dtype, n);
      const problem = prepare(one);
      const entries: Entry[] = [
        { ...gemmEntry(contestant, one, problem, "gemm"), ...ns },
        { ...plainEntry(one, problem), ...ns, who: contestant.build, what: "plain loop" },
      ];
      if (n === 4) entries.push(matmulEntry(contestant, dtype, n), stackEntry(contestant, dtype));
      await contest(bench, "small", dtype, String(n), entries);
    }
  }
}

type Multiplier = Pick<Contestant, "la" | "build">;

/** matmul of squares that allocates its result, and the release of it. */
export function matmulEntry({ la, build }: Multiplier, dtype: DType, n: number): Entry {
  const problem = prepare(square(dtype, n));
  const a = la.fromTyped(problem.a, [n, n]);
  const b = la.fromTyped(problem.b, [n, n]);
  const product = la.matmul(a, b);
  const error = residual(linesOf(product.data, n, n, problem.lines), problem);
  product.release();
  return {
    who: build,
    what: "matmul",
    unit: "ns",
    work: 1,
    n,
    subject: timed(() => la.matmul(a, b).release()),
    residual: error,
    release: () => {
      a.release();
      b.release();
    },
  };
}

/** A stack of 4×4 products in one call; nanoseconds a product. */
export function stackEntry({ la, build }: Multiplier, dtype: DType): Entry {
  const problem = prepare(square(dtype, 4));
  const stackOf = (values: ArrayLike<number>): ReturnType<typeof la.fromTyped> => {
    const all = floats(dtype, STACK * 16);
    for (let i = 0; i < STACK; ++i) all.set(values, 16 * i);
    return la.fromTyped(all, [STACK, 4, 4]);
  };
  const a = stackOf(problem.a);
  const b = stackOf(problem.b);
  const out = la.full([STACK, 4, 4], Number.NaN, { dtype });
  const run = (): void => {
    la.matmul(a, b, { out });
  };
  run();
  const { data } = out;
  const errors = Array.from({ length: STACK }, (_, i) =>
    residual(linesOf(data.subarray(16 * i, 16 * i + 16), 4, 4, problem.lines), problem),
  );
  return {
    who: build,
    what: "stack of 1000",
    unit: "ns",
    work: STACK,
    n: 4,
    subject: timed(run),
    residual: Math.max(...errors),
    release: () => {
      for (const array of [a, b, out]) array.release();
    },
  };
}

/**
 * Small products: the cost of a call. A process that has used several contexts calls each of them more slowly, because
 * the engine's call sites then know more than one target; so each build has a fresh process where there can be one.
 */
export async function small(bench: Bench): Promise<void> {
  const { fresh } = bench.host;
  for (const contestant of bench.contestants) {
    if (bench.settings.stopped()) return;
    if (fresh === undefined || bench.contestants.length === 1) await callsOf(bench, contestant);
    else bench.rows.push(...(await inFreshProcess(bench, fresh, contestant)));
  }
}

async function inFreshProcess(bench: Bench, fresh: FreshProcesses, { build }: Contestant): Promise<Row[]> {
  bench.say(`small products of the ${build} build`);
  const { rounds, dtypes, warmUpMs, callSizes } = bench.selection;
  const args = ["gemm", "--only", "small", "--builds", build, "--dtypes", dtypes.join(",")];
  args.push("--rounds", String(rounds), "--warm-up", String(warmUpMs), "--no-native", "--json", "-");
  args.push("--call-sizes", callSizes.join(","));
  const text = await fresh.bench(args);
  try {
    const { measurements } = JSON.parse(text) as Results;
    return measurements.map((measurement) => rowOf(measurement) as Row);
  } catch {
    if (bench.settings.stopped()) return [];
    throw new Error(`the process for small products gave no result: ${text || "it printed nothing"}`);
  }
}

import { timed } from "../common/sample.ts";
import type { NativeBlas } from "../host/host.ts";
import { type Bench, type Contestant, chosenMicroKernel, contest, type Entry } from "./bench.ts";
import { type Case, equalSquare, floats, shapeName, square, type TransposePair } from "./cases.ts";
import { plainLoop } from "./plain.ts";
import { linesOf, type Problem, prepare, residual } from "./validate.ts";

/** The plain loop takes seconds above this. */
const PLAIN_UP_TO = 512;

/** Where a plot draws it: of squares alone. */
const sideOf = ({ m, n, k }: Case): { n?: number } => (m === n && n === k ? { n } : {});

const flopsOf = ({ m, n, k }: Case): number => 2 * m * n * k;

/** gemm on operands in the context's memory, its result checked. */
export function gemmEntry(
  { la, build }: Pick<Contestant, "la" | "build">,
  one: Case,
  problem: Problem,
  what: string,
): Entry {
  const { dtype, m, n, k, transA, transB } = one;
  const a = la.fromTyped(problem.a, transA === "N" ? [m, k] : [k, m]);
  const b = la.fromTyped(problem.b, transB === "N" ? [k, n] : [n, k]);
  const c = la.full([m, n], Number.NaN, { dtype });
  const run = (): void => {
    la.gemm({ transA, transB, a, b, c });
  };
  run();
  return {
    who: build,
    what,
    unit: "GFLOP/s",
    work: flopsOf(one),
    ...sideOf(one),
    subject: timed(run),
    residual: residual(linesOf(c.data, m, n, problem.lines), problem),
    release: () => {
      for (const array of [a, b, c]) array.release();
    },
  };
}

/** The chosen micro-kernel alone, panels in the L1 cache. */
function microEntry(contestant: Contestant, { dtype, n }: Case): Entry {
  const subject = contestant.micro.subject(chosenMicroKernel(contestant, dtype), dtype);
  return { who: contestant.build, what: "micro-kernel", unit: "GFLOP/s", work: subject.flops, n, subject };
}

/** The plain loop, its result checked. */
export function plainEntry(one: Case, problem: Problem): Entry {
  const c = floats(one.dtype, one.m * one.n).fill(Number.NaN);
  const run = plainLoop(one, problem.a, problem.b, c);
  run();
  return {
    who: "plain loop",
    what: "gemm",
    unit: "GFLOP/s",
    work: flopsOf(one),
    ...sideOf(one),
    subject: timed(run),
    residual: residual(linesOf(c, one.m, one.n, problem.lines), problem),
  };
}

/** Native BLAS, its result checked. */
export async function nativeEntry(
  native: NativeBlas | undefined,
  one: Case,
  problem: Problem,
  what = "gemm",
): Promise<Entry[]> {
  if (native === undefined) return [];
  const error = residual(await native.prepare(one, problem.lines), problem);
  return [
    {
      who: "native",
      what,
      unit: "GFLOP/s",
      work: flopsOf(one),
      ...sideOf(one),
      subject: native,
      residual: error,
    },
  ];
}

/** Square products of every build beside its micro-kernel, the plain loop, and native BLAS. */
export async function squares(bench: Bench): Promise<void> {
  for (const dtype of bench.selection.dtypes) {
    for (const n of bench.selection.sizes) {
      if (bench.settings.stopped()) return;
      const one = square(dtype, n);
      const problem = prepare(one);
      const entries = bench.contestants.flatMap((contestant) => [
        microEntry(contestant, one),
        gemmEntry(contestant, one, problem, "gemm"),
      ]);
      if (n <= PLAIN_UP_TO) entries.push(plainEntry(one, problem));
      entries.push(...(await nativeEntry(bench.native, one, problem)));
      await contest(bench, "squares", dtype, String(n), entries);
    }
  }
}

/** Other shapes, each beside a square with as much work. */
export async function shapes(bench: Bench): Promise<void> {
  for (const dtype of bench.selection.dtypes) {
    for (const shape of bench.selection.shapes) {
      if (bench.settings.stopped()) return;
      const [m, n, k] = shape;
      const one: Case = { ...square(dtype, 0), m, n, k };
      const other = square(dtype, equalSquare(shape));
      const [problem, otherProblem] = [prepare(one), prepare(other)];
      const entries = bench.contestants.flatMap((contestant) => [
        gemmEntry(contestant, other, otherProblem, "square"),
        gemmEntry(contestant, one, problem, "gemm"),
      ]);
      await contest(bench, "shapes", dtype, shapeName(shape), entries);
    }
  }
}

/** NN beside NT, TN, TT. */
export async function transposes(bench: Bench): Promise<void> {
  const { dtypes, transposeSizes } = bench.selection;
  const pairs = [...new Set<TransposePair>(["NN", ...bench.selection.transposes])];
  for (const dtype of dtypes) {
    for (const n of transposeSizes) {
      const cases = pairs.map((pair) => {
        const one = { ...square(dtype, n), transA: pair[0], transB: pair[1] } as Case;
        return { pair, one, problem: prepare(one) };
      });
      for (const contestant of bench.contestants) {
        if (bench.settings.stopped()) return;
        const entries = cases.map(({ pair, one, problem }) => gemmEntry(contestant, one, problem, pair));
        await contest(bench, "transposes", dtype, String(n), entries);
      }
    }
  }
}

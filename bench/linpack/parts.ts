import type { Build, Context, DType, NDArray } from "../../src/index.ts";
import { buildOf } from "../common/environment.ts";
import { sampled } from "../common/rows.ts";
import { interleave, type Subject, timed } from "../common/sample.ts";
import { settle } from "../common/settle.ts";
import { SEEDS, uniform } from "../gemm/cases.ts";
import type { NativeBlas } from "../host/host.ts";
import type { Bench } from "./bench.ts";
import { factorFlops, triangleFlops } from "./cases.ts";
import { productResidual, residualOf, THRESHOLD, triangleResidual } from "./residual.ts";

/** Right-hand sides of the triangular system. */
const RIGHT_HAND_SIDES = 256;

/** A team finds out while it runs what pays, in trials some twenty milliseconds apart. */
const SAMPLE_MS = 200;

/** Something to be timed, its result checked. */
interface Entry {
  readonly who: string;
  readonly what: "gemm" | "lu" | "trsm";
  readonly threads: number;
  readonly flops: number;
  readonly residual: number;
  readonly subject: Subject;
}

/** A factorization beside the product and the triangular system that it is made of, on one thread and on all; and native LAPACK's. */
export async function parts(bench: Bench): Promise<void> {
  const { selection, settings, say, host, notes } = bench;
  const n = selection.partsOrder;
  const most = selection.threads ?? bench.la.config().host.cores;
  const native = (await host.native?.(1)) ?? "not asked for";
  notes.push(`native: ${typeof native === "string" ? native : native.name}`);
  const contexts = await contextsOf(bench, most);
  try {
    for (const dtype of selection.dtypes) {
      if (settings.stopped()) return;
      say(`parts ${dtype} n = ${n}`);
      const problem = problemOf(bench.la, dtype, n);
      const operands = contexts.map(({ la }) => new Operands(la, problem));
      try {
        const entries = contexts.flatMap(({ build, threads }, i) =>
          entriesOf(operands[i]!, build, threads, problem),
        );
        if (typeof native !== "string") entries.push(await nativeEntry(native, problem));
        await contest(bench, dtype, n, entries);
      } finally {
        for (const { arrays } of [...operands, problem]) for (const array of arrays) array.release();
      }
    }
  } finally {
    if (typeof native !== "string") native.close();
    for (const { la } of contexts) la.close();
  }
}

interface Contestant {
  readonly build: Build;
  readonly threads: number;
  readonly la: Context;
}

/** For each build that can be had: on one thread, and on all. */
async function contextsOf({ init, selection, builds }: Bench, most: number): Promise<Contestant[]> {
  const contexts: Contestant[] = [];
  for (const build of selection.partsBuilds) {
    for (const threads of most > 1 ? [1, most] : [1]) {
      const la = await init({ build, threads, prewarm: threads > 1 });
      if (la.config().build.chosen === build) {
        for (const dtype of selection.dtypes) settle(la, dtype);
        contexts.push({ build, threads, la });
        builds.push(buildOf(la.config()));
      } else la.close();
    }
  }
  return contexts;
}

/** A matrix and a right-hand side, the same as native.py's, in a context of one thread that checks the solutions. */
interface Problem {
  readonly la: Context;
  readonly dtype: DType;
  readonly n: number;
  readonly a: NDArray;
  readonly b: NDArray;
  readonly arrays: readonly NDArray[];
}

function problemOf(la: Context, dtype: DType, n: number): Problem {
  const a = la.fromTyped(uniform(dtype, n * n, SEEDS.a), [n, n]);
  const b = la.fromTyped(uniform(dtype, n, SEEDS.b));
  return { la, dtype, n, a, b, arrays: [a, b] };
}

/** HPL's residual of a solution, in units of its bound. */
function check({ la, a, b }: Problem, x: ArrayLike<number>): number {
  const solution = la.fromTyped(a.dtype === "float32" ? Float32Array.from(x) : Float64Array.from(x));
  const residual = residualOf(la, a, solution, b) / THRESHOLD;
  solution.release();
  return residual;
}

/** What one context works on. */
class Operands {
  readonly a: NDArray;
  readonly b: NDArray;
  /** A with a diagonal that outweighs its rows: a triangle of it is far from singular. */
  readonly heavy: NDArray;
  readonly wide: NDArray;
  readonly c: NDArray;
  readonly arrays: readonly NDArray[];

  constructor(
    readonly la: Context,
    { a, b, n, dtype }: Problem,
  ) {
    this.a = la.fromTyped(a.toTyped(), [n, n]);
    this.b = la.fromTyped(b.toTyped());
    this.heavy = this.a.copy();
    for (let i = 0; i < n; ++i) this.heavy.set(n, i, i);
    this.wide = la.fromTyped(uniform(dtype, n * RIGHT_HAND_SIDES, 3), [n, RIGHT_HAND_SIDES]);
    this.c = la.zeros([n, n], { dtype });
    this.arrays = [this.a, this.b, this.heavy, this.wide, this.c];
  }
}

function entriesOf(
  { la, a, b, heavy, wide, c }: Operands,
  who: Build,
  threads: number,
  problem: Problem,
): Entry[] {
  const { n } = problem;
  const factors = la.linalg.luFactor(a);
  const x = la.linalg.luSolve(factors, b);
  const common = { who, threads };
  const lu: Entry = {
    ...common,
    what: "lu",
    flops: factorFlops(n),
    residual: check(problem, x.data),
    subject: timed(() => la.linalg.luFactor(a).release()),
  };
  x.release();
  factors.release();
  if (threads > 1) return [lu];
  la.gemm({ a, b: a, c });
  const triangle = { lower: true } as const;
  const solution = la.linalg.solveTriangular(heavy, wide, triangle);
  const gemm: Entry = {
    ...common,
    what: "gemm",
    flops: 2 * n ** 3,
    residual: productResidual(a, a, c),
    subject: timed(() => la.gemm({ a, b: a, c })),
  };
  const trsm: Entry = {
    ...common,
    what: "trsm",
    flops: triangleFlops(n, RIGHT_HAND_SIDES),
    residual: triangleResidual(heavy, solution, wide),
    subject: timed(() => la.linalg.solveTriangular(heavy, wide, triangle).release()),
  };
  solution.release();
  return [gemm, lu, trsm];
}

async function nativeEntry(native: NativeBlas, problem: Problem): Promise<Entry> {
  const { dtype, n } = problem;
  const x = await native.factor(dtype, n);
  const residual = check(
    problem,
    x.map((value) => value ?? Number.NaN),
  );
  return { who: NATIVE, what: "lu", threads: 1, flops: factorFlops(n), residual, subject: native };
}

export const NATIVE = "native";

async function contest(bench: Bench, dtype: DType, n: number, entries: readonly Entry[]): Promise<void> {
  const right = entries.filter(({ residual }) => residual < 1);
  const settings = { ...bench.settings, sampleMs: Math.max(SAMPLE_MS, bench.settings.sampleMs) };
  const samples = await interleave(
    right.map(({ subject }) => subject),
    settings,
  );
  for (const entry of entries) {
    const { who, what, threads, flops, residual } = entry;
    const wrong = !(residual < 1);
    const taken = wrong ? { seconds: [], disturbed: 0 } : samples[right.indexOf(entry)]!;
    bench.rows.push({
      ...{
        section: "parts",
        label: String(n),
        who,
        what,
        dtype,
        n,
        threads,
        unit: "GFLOP/s",
        residual,
        wrong,
      },
      ...sampled(taken, (seconds) => flops / seconds / 1e9),
    });
  }
}

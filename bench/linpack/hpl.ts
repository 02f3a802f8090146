import type { Build, Context, DType, NDArray } from "../../src/index.ts";
import { buildOf } from "../common/environment.ts";
import { breathe } from "../common/sample.ts";
import { settle } from "../common/settle.ts";
import type { Bench } from "./bench.ts";
import { flopsOf } from "./cases.ts";
import { orderOf } from "./order.ts";
import { residualOf, THRESHOLD } from "./residual.ts";
import type { Row } from "./rows.ts";

/** Seeds of A and b. */
const SEEDS = { a: 1, b: 2 } as const;

/** Order of the system that tells what rate may be expected; large enough for the team. */
const TRIAL = 1024;

/** A system that may take so many seconds is not waited for after Ctrl-C: it ends the process. */
const LONG_S = 10;

/** Of the physical memory, what one program may take. */
const SHARE = 0.8;

/** LINPACK: A x = b by LU with partial pivoting, timed from the matrix to x, with HPL's residual. */
export async function hpl(bench: Bench): Promise<void> {
  const { init, selection, settings, say, host, builds, notes } = bench;
  const { memoryBytes } = await host.machine();
  const done = new Set<Build>();
  for (const build of selection.builds) {
    const threads = selection.threads ?? bench.la.config().host.cores;
    const la = await init({ build, threads, prewarm: true });
    const { chosen } = la.config().build;
    if (chosen !== build) notes.push(`hpl: ${build} cannot be had here, ${chosen} is measured in its place`);
    try {
      if (done.has(chosen)) continue;
      done.add(chosen);
      builds.push(buildOf(la.config()));
      const { maximum, committed } = la.config().memory;
      const free = maximum - committed + la.arena.stats().free;
      const bytes = Math.min(free - la.config().memory.scratch * threads, SHARE * (memoryBytes ?? maximum));
      for (const dtype of selection.dtypes) {
        settle(la, dtype);
        // Refused before anything is computed.
        const { budgetMs } = selection;
        for (const order of selection.orders) orderOf(order, dtype, { bytes, gflops: 1, budgetMs });
        say(`hpl ${dtype}, a trial`);
        const gflops = await trialRate(la, dtype);
        for (const order of selection.orders) {
          const n = orderOf(order, dtype, { bytes, gflops, budgetMs });
          const seconds = flopsOf(n) / gflops / 1e9;
          say(`hpl ${dtype} N = ${n}, about ${Math.ceil(seconds)} s`);
          await breathe();
          if (settings.stopped()) return;
          const perform = seconds > LONG_S ? bench.blocking : call;
          bench.rows.push(await solved(bench, la, dtype, n, perform));
        }
      }
    } finally {
      la.close();
    }
  }
}

type Perform = <T>(work: () => T) => T;
const call: Perform = (work) => work();

/** GFLOP/s of a small system: what a large one has at the least. */
async function trialRate(la: Context, dtype: DType): Promise<number> {
  const trial = async (): Promise<number> => (await solveOnce(la, dtype, TRIAL, call, true)).seconds;
  return flopsOf(TRIAL) / Math.min(await trial(), await trial()) / 1e9;
}

/** Random numbers in [−0.5, 0.5), as HPL's. */
export function centred(la: Context, shape: readonly number[], dtype: DType, seed: number): NDArray {
  const numbers = la.random([...shape], { seed, dtype });
  const { data } = numbers;
  for (let i = 0; i < data.length; ++i) data[i]! -= 0.5;
  return numbers;
}

interface Solution {
  readonly seconds: number;
  /** NaN if nobody asked for it. */
  readonly residual: number;
}

/** Factors and solves; Ctrl-C is heard before and after. As in HPL, A is made anew for the residual: there is no room for two. */
async function solveOnce(
  la: Context,
  dtype: DType,
  n: number,
  perform: Perform,
  unchecked = false,
): Promise<Solution> {
  const a = centred(la, [n, n], dtype, SEEDS.a);
  const b = centred(la, [n], dtype, SEEDS.b);
  await breathe();
  const start = performance.now();
  const { factors, x } = perform(() => {
    const factors = la.linalg.luFactor(a, { overwriteA: true });
    return { factors, x: la.linalg.luSolve(factors, b) };
  });
  const seconds = (performance.now() - start) / 1000;
  factors.release();
  a.release();
  try {
    await breathe();
    if (unchecked) return { seconds, residual: Number.NaN };
    const again = centred(la, [n, n], dtype, SEEDS.a);
    const residual = residualOf(la, again, x, b);
    again.release();
    return { seconds, residual };
  } finally {
    b.release();
    x.release();
  }
}

/** Solves as often as there are rounds, or time; the residual is computed once, for bits do not change. */
async function solved(
  { settings, selection }: Bench,
  la: Context,
  dtype: DType,
  n: number,
  perform: Perform,
): Promise<Row> {
  const begun = performance.now();
  const solutions = [await solveOnce(la, dtype, n, perform)];
  const machine = settings.reference ? [settings.reference.pace()] : undefined;
  while (
    solutions.length < settings.rounds &&
    performance.now() - begun < selection.budgetMs &&
    !settings.stopped()
  ) {
    solutions.push(await solveOnce(la, dtype, n, perform, true));
    if (settings.reference) machine?.push(settings.reference.pace());
  }
  const { chosen } = la.config().build;
  return rowOf(chosen, la.config().threads.used, dtype, n, solutions, machine);
}

/** The row of a system. */
export function rowOf(
  who: string,
  threads: number,
  dtype: DType,
  n: number,
  solutions: readonly Solution[],
  machine: readonly number[] | undefined,
): Row {
  const residual = solutions[0]!.residual / THRESHOLD;
  const wrong = !(residual < 1);
  return {
    ...{ section: "hpl", label: String(n), who, what: "solve", dtype, n, threads, unit: "GFLOP/s" },
    values: wrong ? [] : solutions.map(({ seconds }) => flopsOf(n) / seconds / 1e9),
    machine: wrong ? [] : machine,
    residual,
    wrong,
  };
}

import type { Context } from "../../src/index.ts";
import { buildOf } from "../common/environment.ts";
import { sampled } from "../common/rows.ts";
import { interleave, type Samples, timed } from "../common/sample.ts";
import { settle } from "../common/settle.ts";
import { square } from "../gemm/cases.ts";
import { linesOf, type Problem, prepare, residual } from "../gemm/validate.ts";
import type { Bench } from "./bench.ts";
import type { Row } from "./rows.ts";

/** The fastest build: there, what calls and waits cost is the largest part. */
const BUILD = "tuned";
const DTYPE = "float64";

/** A team finds out while it runs what pays, in trials some twenty milliseconds apart: a sample has some of them. */
export const SAMPLE_MS = 100;

/** Results that are checked before anything is timed: the first four of a size may be the calling thread's alone. */
const CHECKS = 6;

/** A product in one context. */
interface Contestant {
  readonly who: string;
  readonly run: () => void;
  /** Computes it once more; whether the result is right. */
  readonly isRight: () => boolean;
  readonly release: () => void;
}

export const ONE = "1 thread";
export const TWO = "2 threads";

/** Products on two threads and on one, in turns, while other processes have all cores but one. */
export async function taken(bench: Bench): Promise<void> {
  const { init, selection, say, rows, host, notes } = bench;
  if (host.occupy === undefined) {
    notes.push("a core that is taken: this host starts no other processes");
    return;
  }
  const one = await init({ build: BUILD, threads: 1 });
  const two = await init({ build: BUILD, threads: 2, prewarm: true });
  try {
    // How fast micro-kernels are is measured while nobody disturbs it, and members take their seats.
    for (const la of [one, two]) settle(la, DTYPE);
    bench.builds.push(buildOf(one.config()));
    await startTeam(two);
    const cores = Math.max(1, bench.la.config().host.cores - 1);
    const free = await host.occupy(cores);
    try {
      for (const n of selection.takenSizes) {
        if (bench.settings.stopped()) return;
        say(`n = ${n}, ${cores} taken`);
        rows.push(...(await contest(bench, n, one, two)));
      }
    } finally {
      free();
    }
  } finally {
    for (const la of [one, two]) la.close();
  }
}

/** An asynchronous product is members' alone: when it is done, they are there. */
async function startTeam(la: Context): Promise<void> {
  const a = la.ones([256, 256], { dtype: DTYPE });
  const c = await la.matmulAsync(a, a);
  for (const array of [a, c]) array.release();
}

async function contest(bench: Bench, n: number, one: Context, two: Context): Promise<Row[]> {
  const problem = prepare(square(DTYPE, n));
  const contestants = [contestantOf(TWO, two, n, problem), contestantOf(ONE, one, n, problem)];
  try {
    const right = contestants.map(({ isRight }) => Array.from({ length: CHECKS }, isRight).every(Boolean));
    const settings = { ...bench.settings, sampleMs: Math.max(SAMPLE_MS, bench.settings.sampleMs) };
    const samples = await interleave(
      contestants.map(({ run }) => timed(run)),
      settings,
    );
    return contestants.map(({ who, isRight }, i) => rowOf(n, who, samples[i]!, right[i]! && isRight()));
  } finally {
    for (const { release } of contestants) release();
  }
}

/** The row of one contestant. */
export const rowOf = (n: number, who: string, samples: Samples, right: boolean): Row => ({
  section: "taken",
  label: String(n),
  who,
  what: "gemm",
  unit: "GFLOP/s",
  n,
  ...sampled(right ? samples : { seconds: [], disturbed: 0 }, (seconds) => (2 * n ** 3) / seconds / 1e9),
  wrong: !right,
});

function contestantOf(who: string, la: Context, n: number, problem: Problem): Contestant {
  const a = la.fromTyped(problem.a, [n, n]);
  const b = la.fromTyped(problem.b, [n, n]);
  const c = la.zeros([n, n], { dtype: DTYPE });
  const run = (): void => void la.gemm({ a, b, c });
  return {
    who,
    run,
    isRight() {
      c.data.fill(Number.NaN);
      run();
      return residual(linesOf(c.data, n, n, problem.lines), problem) < 1;
    },
    release() {
      for (const array of [a, b, c]) array.release();
    },
  };
}

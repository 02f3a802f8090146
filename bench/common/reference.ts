import type { Context } from "../../src/index.ts";
import { type SampleSettings, warmUp } from "./sample.ts";
import { settle } from "./settle.ts";
import { median } from "./statistics.ts";

/** Side of the squares (float64) that are multiplied: in the first caches, whatever was measured before. */
const SIDE = 64;
/** One look at the machine's pace lasts so long, and no fewer steps of the clock. */
const LOOK_MS = 1.5;
const LOOK_STEPS = 20;
const WARM_UP_MS = 20;

/**
 * A kernel that is timed again and again while others are measured: it tells how fast the machine is just now. Frequency that heat
 * takes away, and load on a shared core, show in it as in them.
 */
export class ReferenceKernel {
  /** Calls a millisecond, at each look. */
  readonly paces: number[] = [];
  readonly #run: (calls: number) => void;
  #calls = 1;
  readonly release: () => void;

  private constructor(la: Context) {
    const a = la.ones([SIDE, SIDE]);
    const c = la.zeros([SIDE, SIDE]);
    this.#run = (calls) => {
      for (let i = 0; i < calls; ++i) la.gemm({ a, b: a, c });
    };
    this.release = () => {
      for (const array of [a, c]) array.release();
    };
  }

  /** Warmed up, on a context whose micro-kernels are chosen afterwards. */
  static async of(
    la: Context,
    timerMs: number,
    stopped: SampleSettings["stopped"],
  ): Promise<ReferenceKernel> {
    for (const dtype of ["float32", "float64"] as const) settle(la, dtype);
    const kernel = new ReferenceKernel(la);
    const sampleMs = Math.max(LOOK_MS, LOOK_STEPS * timerMs);
    const subject = { sample: (calls: number) => ({ ms: kernel.#time(calls) }) };
    const { ms } = await warmUp(subject, { rounds: 1, sampleMs, warmUpMs: WARM_UP_MS, stopped });
    kernel.#calls = Math.max(1, Math.ceil(sampleMs / ms));
    return kernel;
  }

  /** Looks once more. */
  pace(): number {
    const pace = this.#calls / this.#time(this.#calls);
    this.paces.push(pace);
    return pace;
  }

  #time(calls: number): number {
    const start = performance.now();
    this.#run(calls);
    return performance.now() - start;
  }
}

/** Below this part of its best, the machine was slow enough to be mentioned. */
const SLOW = 0.9;
/** Looks enough to tell a trend. */
const TREND = 9;

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** What a row keeps of the reference kernel. */
interface Paced {
  readonly machine?: readonly number[] | undefined;
  readonly notes?: readonly string[] | undefined;
}

/** Rows with the machine's pace in units of its best in the run, and a note where it was slow. */
export function withPace<Row extends Paced>(rows: readonly Row[], paces: readonly number[]): Row[] {
  const best = Math.max(...paces);
  return rows.map((row) => {
    const { machine, notes = [] } = row;
    if (machine === undefined || machine.length === 0) return row;
    const shares = machine.map((pace) => pace / best);
    const share = median(shares);
    const slow = share < SLOW ? [`the machine was at ${percent(share)} of its best`] : [];
    return { ...row, machine: shares, notes: [...notes, ...slow] };
  });
}

/** What became of the machine during a run. */
export function paceNotes(paces: readonly number[]): string[] {
  if (paces.length < TREND) return [];
  const third = Math.floor(paces.length / 3);
  const change = median(paces.slice(-third)) / median(paces.slice(0, third));
  if (change < SLOW) return [`the machine slowed by ${percent(1 - change)} during the run`];
  if (change > 1 / SLOW) return [`the machine became faster by ${percent(change - 1)} during the run`];
  const share = median(paces) / Math.max(...paces);
  return share < SLOW
    ? [`the machine was at ${percent(share)} of its best, or less, for half of the run`]
    : [];
}

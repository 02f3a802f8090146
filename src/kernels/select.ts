import { UnsupportedError } from "../errors.ts";
import type { Build } from "./builds.ts";
import type { EngineHost } from "./engine.ts";
import { type DType, MICRO_KERNELS, type MicroKernel } from "./exports.ts";
import { elements, itemSize, NO_JOB, type Workbench, writeJob } from "./job.ts";
import type { Kernels } from "./table.ts";

/** A micro-kernel that was considered, and its rate with panels in the L1 cache; 0 as long as it was not measured. */
export interface Candidate {
  readonly microKernel: MicroKernel;
  gflops: number;
}

/** Milliseconds spent on measuring, for each dtype: two of them, and what the last batches overrun, are 15 ms at most. */
const BUDGET_MS = 6.5;
/** Of one slice, between two products: V8 compiles in the background meanwhile. */
const SLICE_MS = 1.5;
/** A rate is the best of windows this long: 20 steps of a browser's 5 µs clock, short enough to lie in the fast tier. */
const WINDOW_MS = 0.1;
/** A candidate replaces the first guess only if it is better by this factor: less is noise. */
const MARGIN = 1.03;
/** GFLOP/s where there is no measurement. */
const UNMEASURED = 40;
/** k of the measured call: the KC of real work. */
const KC = 256;

/**
 * The candidates of an engine and build, the best first guess in front. From measurements on x86-64 (Zen 4), see
 * bench/results: which tile wins depends on how an engine allocates registers, not on the algorithm. Engines before
 * V8 13 emit a loop body's loads first, so tiles of more than eight or nine accumulators spill there.
 */
function candidates(build: Build, host: EngineHost): readonly MicroKernel[] {
  const v8 = Number.parseFloat(host.v8 ?? "99");
  if (build === "tuned" && v8 >= 13) return ["6x4", "4x4"];
  if (host.engine === "javascriptcore") return ["2x4", "4x4", "4x2"];
  if (host.architecture === "arm64") return ["6x4", "4x4", "6x2"];
  if (build === "strict") return v8 < 13 ? ["4x2", "2x4"] : ["3x3", "5x2", "4x2", "2x4"];
  return v8 < 13 ? ["3x3", "2x4", "4x2"] : ["6x2", "5x2", "3x3"];
}

/** Whether a name is a micro-kernel's. */
export function isMicroKernel(name: unknown): name is MicroKernel {
  return MICRO_KERNELS.includes(name as MicroKernel);
}

/**
 * Chooses a micro-kernel for one dtype: a first guess from the table above, refined by measuring between the first real
 * products. An engine starts functions in a slow tier and replaces them while they run; so the rates of several short
 * slices are taken and the best of each counts. The bits of a result never depend on the choice.
 */
export class Selection {
  readonly candidates: readonly Candidate[];
  readonly #override: MicroKernel | undefined;
  #spentMs = 0;
  #chosen: MicroKernel;

  constructor(build: Build, host: EngineHost, override: MicroKernel | undefined) {
    const names = candidates(build, host);
    this.candidates = (override ? [override] : names).map((microKernel) => ({ microKernel, gflops: 0 }));
    this.#override = override;
    this.#chosen = override ?? names[0]!;
  }

  get chosen(): MicroKernel {
    return this.#chosen;
  }

  /** The chosen one's rate; a guess as long as it was not measured. */
  get gflops(): number {
    return this.candidates.find(({ microKernel }) => microKernel === this.#chosen)?.gflops || UNMEASURED;
  }

  /** Whether another tile may take over for a product that it fits better: not if the user has asked for one. */
  get substitutable(): boolean {
    return this.#override === undefined;
  }

  /** Why this one: for config(). */
  get reason(): string {
    if (this.#override) return "asked for";
    if (this.settled) return this.#measured ? "measured" : "first guess; the clock is too coarse";
    return this.#spentMs === 0 ? "first guess for this engine" : "being measured";
  }

  /** Whether every candidate has a rate. */
  get #measured(): boolean {
    return this.candidates.every(({ gflops }) => gflops > 0);
  }

  /** Whether measuring has ended. */
  get settled(): boolean {
    return this.#override !== undefined || this.#spentMs >= BUDGET_MS;
  }

  /** Takes another thread's choice: members of a team do not measure, each for itself. */
  adopt(microKernel: MicroKernel): void {
    this.#chosen = microKernel;
    this.#spentMs = BUDGET_MS;
  }

  /** Spends one slice on measuring; nothing once it is settled. */
  refine(kernels: Kernels, dtype: DType, bench: Workbench, now: () => number): void {
    if (this.settled) return;
    const start = now();
    const ms = Math.min(SLICE_MS, BUDGET_MS - this.#spentMs) / this.candidates.length;
    for (const candidate of this.candidates) {
      const rate = measure(kernels, candidate.microKernel, dtype, bench, now, ms);
      candidate.gflops = Math.max(candidate.gflops, rate);
    }
    // A clock too coarse to see the slice must not keep the measuring alive.
    this.#spentMs += Math.max(now() - start, SLICE_MS / 2);
    if (!this.#measured) return;
    let best = this.candidates[0]!;
    for (const candidate of this.candidates) {
      if (candidate.gflops > best.gflops * (best === this.candidates[0] ? MARGIN : 1)) best = candidate;
    }
    this.#chosen = best.microKernel;
  }
}

/**
 * The selection for a build and dtype, one for all contexts of the process: what one has measured, the next need not. An
 * override gets one of its own.
 */
export const selectionFor = /* @__PURE__ */ (() => {
  const remembered = new Map<string, Selection>();
  return (build: Build, dtype: DType, host: EngineHost, override: MicroKernel | undefined): Selection => {
    if (override) return new Selection(build, host, override);
    const key = `${build} ${dtype}`;
    const selection = remembered.get(key) ?? new Selection(build, host, undefined);
    remembered.set(key, selection);
    return selection;
  };
})();

/** GFLOP/s of one micro-kernel on packed panels of ones, for about `ms`. */
function measure(
  kernels: Kernels,
  microKernel: MicroKernel,
  dtype: DType,
  bench: Workbench,
  now: () => number,
  ms: number,
): number {
  const size = itemSize(dtype);
  const { rows, vectors, micro } = kernels.tiles[microKernel];
  const columns = (vectors * 16) / size;
  const panels = elements(bench, dtype);
  panels.fill(1, bench.a / size, bench.a / size + rows * KC);
  panels.fill(1, bench.b / size, bench.b / size + columns * KC);
  const { job, tile: c, a, b } = bench;
  const [csa, rsb, rsc] = [rows * size, columns * size, columns * size];
  writeJob(bench, job, { ...NO_JOB, k: KC, a, rsa: size, csa, b, rsb, csb: size, c, rsc, csc: size });
  const flops = 2 * rows * columns * KC;
  // Batches of a few microseconds: the slow tier must not overrun the budget, the clock must still see them.
  const batch = Math.ceil(1e6 / flops);
  const start = now();
  let last = start;
  let windowStart = start;
  let done = 0;
  let best = 0;
  do {
    for (let i = 0; i < batch; ++i) micro(job);
    const after = now();
    // A clock that does not see a batch (1 ms in some browsers) measures nothing but its own ticks.
    if (after <= last) return 0;
    last = after;
    done += batch * flops;
    if (after - windowStart >= WINDOW_MS) {
      best = Math.max(best, done / (after - windowStart) / 1e6);
      windowStart = after;
      done = 0;
    }
  } while (last - start < ms);
  return best;
}

/** The overrides of `init({ microKernel })`, checked. */
export function checkOverride(dtype: DType, name: unknown): MicroKernel | undefined {
  if (name === undefined || isMicroKernel(name)) return name;
  throw new UnsupportedError(
    `microKernel.${dtype}: there is no "${String(name)}". The micro-kernels are ${MICRO_KERNELS.join(", ")}.`,
    "OPTION",
  );
}

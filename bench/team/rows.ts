import type { Section } from "./cases.ts";

/** One thing measured, or counted, at one case. */
export interface Row {
  readonly section: Section;
  /** "2 threads, awake", "n = 1024", "256" */
  readonly label: string;
  /** "team", "bare Atomics", "2 threads", … */
  readonly who: string;
  /** "median", "balance", "gemm", … */
  readonly what: string;
  readonly unit: Unit;
  /** One number a round; rows of one case have theirs taken in turns. What is counted has one, or none that is a number. */
  readonly values: readonly number[];
  /** Whether what was computed came out wrong; then nothing is said of its speed. */
  readonly wrong?: boolean;
  /** How many of `values` shared their core with something else, where that can be told. */
  readonly disturbed?: number;
}

export type Unit = "µs" | "GFLOP/s" | "MiB" | "count" | "share" | "times";

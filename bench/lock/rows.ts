import type { Section } from "./cases.ts";

/** One thing measured at one case. */
export interface Row {
  readonly section: Section;
  /** "Lock", "2 threads, 2 µs inside and outside" */
  readonly label: string;
  /** "blasm", or what it stands beside: "bare Atomics", "spinlock", "wait/notify" */
  readonly who: string;
  /** "acquire + release", "throughput", "longest wait", … */
  readonly what: string;
  readonly unit: Unit;
  /** One number a round; rows of one case have theirs taken in turns. */
  readonly values: readonly number[];
  /** Whether what the lock guarded came out wrong; then nothing is said of its speed. */
  readonly wrong?: boolean;
  /** How many of `values` shared their core with something else, where that can be told. */
  readonly disturbed?: number;
}

export type Unit = "ns" | "µs" | "ms" | "bytes" | "1/s" | "share";

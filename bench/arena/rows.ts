import type { Section } from "./cases.ts";

/** One thing measured at one case. */
export interface Row {
  readonly section: Section;
  /** "1000 live", "2 threads", "blocked LU" */
  readonly label: string;
  /** Whose memory it is: see allocators.ts. */
  readonly who: string;
  /** "allocate + release", "external fragmentation", … */
  readonly what: string;
  readonly unit: Unit;
  /** One number a round; rows of one case have theirs taken in turns. What does not depend on time has one. */
  readonly values: readonly number[];
  /** Whether what was computed, or the arena itself, came out wrong; then nothing is said of it. */
  readonly wrong?: boolean;
  /** How many of `values` shared their core with something else, where that can be told. */
  readonly disturbed?: number;
}

export type Unit = "ns" | "1/s" | "bytes" | "MiB" | "share" | "blocks";

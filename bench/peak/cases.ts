import type { Build, DType } from "../../src/index.ts";

export const SECTIONS = ["one", "all"] as const;

/** The parts of the bench: on one thread, on as many as there are cores. */
export type Section = (typeof SECTIONS)[number];

/** What is measured, and how often. */
export interface Selection {
  readonly sections: readonly Section[];
  readonly builds: readonly Build[];
  readonly dtypes: readonly DType[];
  readonly rounds: number;
  /** Milliseconds that a kernel is warmed up, at least. */
  readonly warmUpMs: number;
  /** Milliseconds of a sample on all threads. */
  readonly togetherMs: number;
}

export const FULL: Selection = {
  sections: SECTIONS,
  builds: ["strict", "relaxed", "tuned"],
  dtypes: ["float32", "float64"],
  rounds: 9,
  warmUpMs: 60,
  togetherMs: 60,
};

/** The same in a few seconds. */
export const QUICK: Selection = { ...FULL, rounds: 3, warmUpMs: 20, togetherMs: 30 };

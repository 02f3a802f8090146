import type { DType } from "../../src/index.ts";

export const SECTIONS = ["calls", "dispatch"] as const;

/** The parts of the bench: what a call costs; what calling the team costs. */
export type Section = (typeof SECTIONS)[number];

/** What is measured, and how often. */
export interface Selection {
  readonly sections: readonly Section[];
  readonly dtypes: readonly DType[];
  /** Sides of the squares, growing. */
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly warmUpMs: number;
  /** Calls of a round: of members that are awake, and of members that sleep. */
  readonly awakeCalls: number;
  readonly asleepCalls: number;
}

export const FULL: Selection = {
  sections: SECTIONS,
  dtypes: ["float32", "float64"],
  sizes: [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64],
  rounds: 9,
  warmUpMs: 60,
  awakeCalls: 5000,
  asleepCalls: 300,
};

/** The same in about 10 seconds. */
export const QUICK: Selection = {
  ...FULL,
  sizes: [2, 4, 8, 16, 32, 64],
  rounds: 3,
  warmUpMs: 25,
  awakeCalls: 2000,
  asleepCalls: 100,
};

/** Side of the squares of a stack. */
export const STACKED = 4;

export const SECTIONS = ["blocks", "views", "threads", "traces"] as const;

/** The parts of the bench; each stands for itself. */
export type Section = (typeof SECTIONS)[number];

/** What is measured, and how often. */
export interface Selection {
  readonly sections: readonly Section[];
  readonly rounds: number;
  /** Milliseconds that something is warmed up, at least. */
  readonly warmUpMs: number;
  /** How many blocks are alive while another is allocated and released, in rising order. */
  readonly live: readonly number[];
  /** Milliseconds that threads allocate, each time. */
  readonly churnMs: number;
}

export const FULL: Selection = {
  sections: SECTIONS,
  rounds: 9,
  warmUpMs: 60,
  live: [10, 1000, 100_000, 1_000_000],
  churnMs: 100,
};

/** The same in less than 10 seconds. */
export const QUICK: Selection = {
  ...FULL,
  rounds: 3,
  warmUpMs: 25,
  live: [10, 1000, 100_000],
  churnMs: 40,
};

export const SECTIONS = ["uncontended", "contended", "wake-up", "gil"] as const;

/** The parts of the bench; each stands for itself. */
export type Section = (typeof SECTIONS)[number];

/** What is measured, and how often. */
export interface Selection {
  readonly sections: readonly Section[];
  readonly rounds: number;
  /** Milliseconds that something without threads is warmed up, at least. */
  readonly warmUpMs: number;
  /** Threads that hammer one lock. */
  readonly crowds: readonly number[];
  /** Milliseconds that they do, each time. */
  readonly hammerMs: number;
  /** Wake-ups in a round, each way. */
  readonly wakeUps: number;
  /** Milliseconds that threads share a GIL, each time. */
  readonly gilMs: number;
}

export const FULL: Selection = {
  sections: SECTIONS,
  rounds: 7,
  warmUpMs: 60,
  crowds: [2, 4],
  hammerMs: 50,
  wakeUps: 1000,
  gilMs: 700,
};

/** The same in less than 10 seconds. */
export const QUICK: Selection = {
  ...FULL,
  rounds: 3,
  warmUpMs: 25,
  hammerMs: 30,
  wakeUps: 300,
  gilMs: 300,
};

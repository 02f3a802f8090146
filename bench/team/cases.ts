export const SECTIONS = ["dispatch", "partition", "taken", "memory"] as const;

/** The parts of the bench; each stands for itself. */
export type Section = (typeof SECTIONS)[number];

/** What is measured, and how often. */
export interface Selection {
  readonly sections: readonly Section[];
  readonly rounds: number;
  /** Milliseconds that a product is warmed up, at least. */
  readonly warmUpMs: number;
  /** Calls of a round: of members that are awake, and of members that sleep. */
  readonly awakeCalls: number;
  readonly asleepCalls: number;
  /** Sides of the squares that are multiplied while cores are taken. */
  readonly takenSizes: readonly number[];
}

export const FULL: Selection = {
  sections: SECTIONS,
  rounds: 7,
  warmUpMs: 250,
  awakeCalls: 5000,
  asleepCalls: 300,
  takenSizes: [256, 512, 1024],
};

/** The same in about 10 seconds. */
export const QUICK: Selection = {
  ...FULL,
  rounds: 3,
  warmUpMs: 60,
  awakeCalls: 2000,
  asleepCalls: 100,
  takenSizes: [256, 1024],
};

import type { Build } from "../../src/index.ts";

export const SECTIONS = ["start", "first"] as const;

/** The parts of the bench: from nothing to a small product; the first large product beside later ones. */
export type Section = (typeof SECTIONS)[number];

/** What is measured, and how often. */
export interface Selection {
  readonly sections: readonly Section[];
  readonly builds: readonly Build[];
  /** Sides of the squares whose first product is timed. */
  readonly sizes: readonly number[];
  /** Fresh starts of each. */
  readonly rounds: number;
  readonly warmUpMs: number;
}

export const FULL: Selection = {
  sections: SECTIONS,
  builds: ["strict", "relaxed", "tuned"],
  sizes: [512, 1024],
  rounds: 9,
  warmUpMs: 60,
};

/** The same in about 10 seconds. */
export const QUICK: Selection = { ...FULL, sizes: [512], rounds: 3 };

/** Side of the small product. */
export const SMALL = 64;

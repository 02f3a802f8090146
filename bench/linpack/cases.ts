import type { Build, DType } from "../../src/index.ts";
import { PANEL } from "../../src/ops/getrf.ts";

export const SECTIONS = ["hpl", "parts"] as const;

/** The parts of the bench: LINPACK, as HPL reports it; and the rates that it is made of. */
export type Section = (typeof SECTIONS)[number];

/** N: as many as fit a time, as many as fit the memory, or so many. */
export type Order = "auto" | "max" | number;

/** What is measured, and how often. */
export interface Selection {
  readonly sections: readonly Section[];
  readonly builds: readonly Build[];
  readonly dtypes: readonly DType[];
  readonly orders: readonly Order[];
  /** Undefined: one a core. */
  readonly threads: number | undefined;
  /** Columns where the factorization goes over to panels: HPL's report has it; another one cannot be had. */
  readonly NB: number;
  readonly rounds: number;
  readonly warmUpMs: number;
  /** Milliseconds of a system whose N is chosen here; of all rounds of any other there are no more once they have passed. */
  readonly budgetMs: number;
  /** Order of the matrix whose parts are timed, and the builds that it is timed for. */
  readonly partsOrder: number;
  readonly partsBuilds: readonly Build[];
}

export const FULL: Selection = {
  sections: SECTIONS,
  builds: ["tuned"],
  dtypes: ["float64"],
  orders: ["auto"],
  threads: undefined,
  NB: PANEL,
  rounds: 5,
  warmUpMs: 60,
  budgetMs: 8000,
  partsOrder: 2048,
  partsBuilds: ["strict", "relaxed", "tuned"],
};

/** The same in about 15 seconds. */
export const QUICK: Selection = {
  ...FULL,
  rounds: 3,
  warmUpMs: 25,
  budgetMs: 1500,
  partsOrder: 1024,
  partsBuilds: ["tuned"],
};

/** Floating-point operations of a system, as HPL counts them. */
export const flopsOf = (n: number): number => (2 / 3) * n ** 3 + (3 / 2) * n ** 2;

/** Floating-point operations of its factorization, and of r right-hand sides of a triangle. */
export const factorFlops = (n: number): number => (2 / 3) * n ** 3;
export const triangleFlops = (n: number, r: number): number => n * n * r;

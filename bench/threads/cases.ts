import type { Build, DType } from "../../src/index.ts";

export const SECTIONS = ["strong", "weak"] as const;

/** The parts of the bench: the same product on more threads; on more threads a larger one, as much work for each. */
export type Section = (typeof SECTIONS)[number];

/** What is measured, and how often. */
export interface Selection {
  readonly sections: readonly Section[];
  /** The one asked for; without it, the best that can be had. */
  readonly build: Build;
  readonly dtypes: readonly DType[];
  /** Sides of the squares that all numbers of threads multiply. */
  readonly sizes: readonly number[];
  /** Sides of the squares of one thread in the weak section. */
  readonly weakSizes: readonly number[];
  readonly rounds: number;
  readonly warmUpMs: number;
}

export const FULL: Selection = {
  sections: SECTIONS,
  build: "tuned",
  dtypes: ["float32", "float64"],
  sizes: [256, 512, 1024, 2048],
  weakSizes: [512, 1024],
  rounds: 7,
  warmUpMs: 60,
};

/** The same in about 15 seconds. */
export const QUICK: Selection = {
  ...FULL,
  dtypes: ["float64"],
  sizes: [512, 1024],
  weakSizes: [512],
  rounds: 3,
  warmUpMs: 25,
};

/** Up to so many, every number of threads; above it every power of two, and all. */
const EACH_UP_TO = 4;

/** Numbers of threads that are compared on so many cores. */
export function threadCounts(cores: number): number[] {
  const counts: number[] = [];
  for (let count = 1; count < cores; count = count < EACH_UP_TO ? count + 1 : 2 * count) counts.push(count);
  return [...counts, cores];
}

/** Side of a square with as many times the work of n's as there are threads, in whole tiles. */
export const weakSide = (n: number, threads: number): number =>
  16 * Math.round((n * Math.cbrt(threads)) / 16);

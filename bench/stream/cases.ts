import type { DType } from "../../src/index.ts";

export const SECTIONS = ["one", "all"] as const;

/** The parts of the bench: on one thread, on as many as there are cores. */
export type Section = (typeof SECTIONS)[number];

/** What is measured, and how often. */
export interface Selection {
  readonly sections: readonly Section[];
  readonly dtypes: readonly DType[];
  readonly rounds: number;
  /** Of the four kernels in a round, of which the best of each counts; one more goes before them. */
  readonly sweeps: number;
  readonly warmUpMs: number;
}

export const FULL: Selection = {
  sections: SECTIONS,
  dtypes: ["float32", "float64"],
  rounds: 7,
  sweeps: 4,
  warmUpMs: 60,
};

/** The same in about 10 seconds. */
export const QUICK: Selection = { ...FULL, rounds: 3, sweeps: 2 };

const MIB = 2 ** 20;

/** Bytes of an array where nothing is known of caches. */
const BLIND = 64 * MIB;

/** Three arrays of this are 3 GiB: more does not fit a WebAssembly memory. */
const LARGEST = 1024 * MIB;

/** Bytes of an array: four times the caches, as STREAM's rules ask for. */
export function arrayBytes(cacheBytes: number | undefined): number {
  const wanted = cacheBytes === undefined ? BLIND : Math.ceil((4 * cacheBytes) / MIB) * MIB;
  return Math.min(LARGEST, Math.max(BLIND, wanted));
}

/** Why figures may be a cache's, undefined where they are not. */
export function suspicionOf(bytes: number, cacheBytes: number | undefined): string | undefined {
  if (cacheBytes === undefined)
    return "the caches' size is not known here: a large one may hold part of the arrays";
  return bytes < 4 * cacheBytes
    ? "arrays of less than four times the last cache: part of them may lie in it"
    : undefined;
}

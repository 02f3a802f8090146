import type { DType, MicroKernel } from "../kernels/exports.ts";

/** Block sizes of the five loops, in rows, steps of k, and columns. */
export interface Blocking {
  readonly MC: number;
  readonly KC: number;
  readonly NC: number;
}

/**
 * The one table of block sizes.
 *
 * KC fixes the order of summation (k is summed in pieces of KC), so it depends on nothing: a micropanel of B, at most
 * 64 bytes × KC = 16 KiB, takes half an L1 cache of 32 KiB, and one of A (≤ 6 rows) a quarter.
 * MC × KC elements of A, 192 KiB, take a fifth of an L2 cache of 1 MiB and three quarters of one of 256 KiB.
 * KC × NC elements of B, 2 MiB, fit a share of the L3 cache. The rates of MC 96 … 384 and NC 1024 … 4096 differ by less
 * than the noise here (bench/results), so the smallest scratch memory won.
 */
export const BLOCKING: Readonly<Record<DType, Blocking>> = {
  float32: { MC: 192, KC: 256, NC: 2048 },
  float64: { MC: 96, KC: 256, NC: 1024 },
};

/** How a product is computed. The bits do not depend on it, but for `vector`, which has its own order of summation. */
export interface Plan {
  readonly path: "vector" | "small" | "blocked";
  /** Which micro-kernel computes it. */
  readonly microKernel: MicroKernel;
  /** Whether A's m-blocks, B's n-panels are packed; else they are read in place. */
  readonly packA: boolean;
  readonly packB: boolean;
}

/** What a plan depends on. */
export interface Problem {
  readonly dtype: DType;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Whether elements of a row of A, of a row of B, are adjacent. */
  readonly aRowsAdjacent: boolean;
  readonly bRowsAdjacent: boolean;
}

/** Up to this many bytes an operand is read in place: it stays in the L2 cache, so that packing gains nothing. */
const IN_PLACE_BYTES = 256 * 1024;

/** Below so many rows of A (columns of B) a packed copy of the other operand is used too seldom to pay. */
const FEW = 24;

/** A tile no wider than the product: padding is computed, too. */
function fitting(chosen: MicroKernel, n: number, lanes: number): MicroKernel {
  if (n <= lanes) return "4x1";
  return n <= 2 * lanes && chosen.endsWith("x4") ? "4x2" : chosen;
}

/** Chooses a path. Pure: depends on nothing but the problem and the chosen micro-kernel. */
export function plan(problem: Problem, chosen: MicroKernel): Plan {
  const { dtype, m, n, k, aRowsAdjacent, bRowsAdjacent } = problem;
  const size = dtype === "float32" ? 4 : 8;
  const microKernel = fitting(chosen, n, 16 / size);
  if (m === 1 || n === 1) return { path: "vector", microKernel, packA: false, packB: false };
  const small = k <= BLOCKING[dtype].KC && m * k * size <= IN_PLACE_BYTES && n * k * size <= IN_PLACE_BYTES;
  if (small) return { path: "small", microKernel, packA: false, packB: !bRowsAdjacent };
  return { path: "blocked", microKernel, packA: n > FEW || !aRowsAdjacent, packB: m > FEW || !bRowsAdjacent };
}

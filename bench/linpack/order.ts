import { UnsupportedError } from "../../src/errors.ts";
import type { DType } from "../../src/index.ts";
import { PANEL } from "../../src/ops/getrf.ts";
import type { Order } from "./cases.ts";

const itemSize = (dtype: DType): number => (dtype === "float32" ? 4 : 8);

/** Columns and rows of room beside the matrix: a panel of the factorization, and vectors (b, x, A x, sums, pivots). */
const BESIDE = PANEL + 16;

/** Rows of a float32 matrix that lie in float64 beside it while the residual is computed. */
export const RESIDUAL_ROWS = 256;

/** Bytes of a system of order n. */
export function bytesFor(dtype: DType, n: number): number {
  const beside = BESIDE + (dtype === "float32" ? 2 * RESIDUAL_ROWS : 0);
  return itemSize(dtype) * n * (n + beside);
}

/** N is chosen in steps of it. */
const STEP = 128;

/** The largest order whose system has no more bytes. */
export function largestOrder(dtype: DType, bytes: number): number {
  let n = Math.floor(Math.sqrt(Math.max(0, bytes) / itemSize(dtype)));
  while (n > 0 && bytesFor(dtype, n) > bytes) --n;
  return n;
}

/** What an order is chosen by. */
export interface Limits {
  /** Bytes that there are for a system. */
  readonly bytes: number;
  /** GFLOP/s that may be expected. */
  readonly gflops: number;
  readonly budgetMs: number;
}

/** N itself. @throws UnsupportedError if it, or any, does not fit, naming the largest that does. */
export function orderOf(order: Order, dtype: DType, { bytes, gflops, budgetMs }: Limits): number {
  const largest = largestOrder(dtype, bytes);
  if (largest < 1) {
    throw new UnsupportedError(
      `linpack: no system in ${dtype} fits: ${Math.floor(bytes)} bytes are left beside the threads' scratch; take fewer --threads.`,
      "OPTION",
    );
  }
  if (typeof order === "number") {
    if (order <= largest) return order;
    const gib = (count: number): string => `${(count / 2 ** 30).toFixed(2)} GiB`;
    throw new UnsupportedError(
      `linpack: N = ${order} in ${dtype} needs ${gib(bytesFor(dtype, order))}, there are ${gib(bytes)}: the largest N that fits is ${largest}.`,
      "OPTION",
    );
  }
  const inSteps = (n: number): number => Math.max(STEP, STEP * Math.floor(n / STEP));
  if (order === "max") return Math.min(largest, inSteps(largest));
  const affordable = Math.cbrt((1.5 * gflops * 1e9 * budgetMs) / 1000);
  // Halves: a machine does more than this.
  const n = Math.min(affordable, largestOrder(dtype, bytes / 2));
  return Math.min(largest, inSteps(n));
}

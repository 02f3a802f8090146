import type { Context, DType, NDArray } from "../../src/index.ts";
import { RESIDUAL_ROWS } from "./order.ts";

/** HPL's ε: half the distance from 1 to the next number. */
const EPSILON = { float32: 2 ** -24, float64: 2 ** -53 } as const;

/** A scaled residual from this on has FAILED. */
export const THRESHOLD = 16;

/** The largest sum of magnitudes of a row-major matrix's rows: ‖A‖∞. */
export function infinityNorm(a: ArrayLike<number>, columns: number): number {
  let norm = 0;
  for (let at = 0; at < a.length; at += columns) {
    let sum = 0;
    for (let j = 0; j < columns; ++j) sum += Math.abs(a[at + j]!);
    // Of a NaN it makes a NaN.
    norm = Math.max(norm, sum);
  }
  return norm;
}

/** What HPL's residual is made of. */
export interface Norms {
  /** ‖A x − b‖∞, ‖A‖∞, ‖x‖∞, ‖b‖∞. */
  readonly r: number;
  readonly a: number;
  readonly x: number;
  readonly b: number;
}

/** ‖A x − b‖∞ / (ε (‖A‖∞ ‖x‖∞ + ‖b‖∞) N) */
export function scaledResidual(dtype: DType, n: number, { r, a, x, b }: Norms): number {
  const scaled = r / (EPSILON[dtype] * (a * x + b) * n);
  return Number.isFinite(scaled) ? scaled : Number.POSITIVE_INFINITY;
}

/** The residual of x, whose product with A is computed by this library in float64, some rows at a time. */
export function residualOf(la: Context, a: NDArray, x: NDArray, b: NDArray): number {
  const n = a.shape[0]!;
  const wide = la.fromTyped(Float64Array.from(x.data));
  let r = 0;
  let norm = 0;
  try {
    for (let first = 0; first < n; first += RESIDUAL_ROWS) {
      la.scope(() => {
        const last = Math.min(n, first + RESIDUAL_ROWS);
        const rows = a.data.subarray(first * n, last * n);
        const block =
          a.dtype === "float64"
            ? a.slice([first, last])
            : la.fromTyped(Float64Array.from(rows), [last - first, n]);
        const product = la.matmul(block, wide).toTyped();
        const right = b.data.subarray(first, last);
        const difference = Float64Array.from(product, (value, i) => value - right[i]!);
        r = Math.max(r, infinityNorm(difference, 1));
        norm = Math.max(norm, infinityNorm(rows, n));
      });
    }
  } finally {
    wide.release();
  }
  const norms = { r, a: norm, x: infinityNorm(x.data, 1), b: infinityNorm(b.data, 1) };
  return scaledResidual(a.dtype, n, norms);
}

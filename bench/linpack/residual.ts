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

/** Lines of a result that are computed again: the first, the last, and two between. */
const linesOf = (extent: number): number[] => [
  ...new Set([0, Math.floor(extent * 0.382), Math.floor(extent * 0.809), extent - 1]),
];

/** Where a product's element, row-major, is compared: its terms are A[i, p] B[p, j] for p below `depth`. */
interface Element {
  readonly i: number;
  readonly j: number;
  readonly depth: number;
}

/**
 * The largest |Σ A[i, p] B[p, j] − C[i, j]| of some elements, summed in float64, in units of 2 (k + 2) ε (Σ |A[i, p] B[p, j]|): what k
 * roundings in the result and as many in this sum may come to.
 */
function largestError(a: NDArray, b: NDArray, c: NDArray, elements: Iterable<Element>): number {
  const [av, bv, cv] = [a.data, b.data, c.data];
  const k = a.shape[1]!;
  const columns = b.shape[1]!;
  let worst = 0;
  for (const { i, j, depth } of elements) {
    let sum = 0;
    let magnitude = 0;
    for (let p = 0; p < depth; ++p) {
      const term = av[i * k + p]! * bv[p * columns + j]!;
      sum += term;
      magnitude += Math.abs(term);
    }
    const share = Math.abs(sum - cv[i * columns + j]!) / (2 * (k + 2) * EPSILON[c.dtype] * magnitude);
    if (!Number.isFinite(share)) return Number.POSITIVE_INFINITY;
    worst = Math.max(worst, share);
  }
  return worst;
}

/** The error of some rows of C = A B in units of what is allowed: below 1 if they are right. All three are row-major. */
export function productResidual(a: NDArray, b: NDArray, c: NDArray): number {
  const [m, k] = a.shape as [number, number];
  const columns = Array.from({ length: b.shape[1]! }, (_, j) => j);
  return largestError(
    a,
    b,
    c,
    linesOf(m).flatMap((i) => columns.map((j) => ({ i, j, depth: k }))),
  );
}

/** That of some columns of X, of L X = B: L is what is on and below the diagonal. All three are row-major. */
export function triangleResidual(l: NDArray, x: NDArray, b: NDArray): number {
  const rows = Array.from({ length: l.shape[0]! }, (_, i) => i);
  return largestError(
    l,
    x,
    b,
    linesOf(x.shape[1]!).flatMap((j) => rows.map((i) => ({ i, j, depth: i + 1 }))),
  );
}

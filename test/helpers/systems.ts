import { expect } from "vitest";
import type { Context, NDArray } from "../../src/index.ts";
import { Lcg } from "../assembly/lcg.ts";
import type { DType } from "./product.ts";

/** LAPACK's relative machine epsilon (slamch("Epsilon")). */
export const EPSILON = { float32: 2 ** -24, float64: 2 ** -53 };
/** LAPACK's threshold for all of its test ratios. */
export const THRESHOLD = 30;

/** A matrix in float64, row by row. */
export interface Dense {
  readonly m: number;
  readonly n: number;
  readonly data: Float64Array;
}

export function dense(m: number, n: number, value: (i: number, j: number) => number): Dense {
  return { m, n, data: Float64Array.from({ length: m * n }, (_, at) => value(Math.floor(at / n), at % n)) };
}

export function product(a: Dense, b: Dense): Dense {
  const c = new Float64Array(a.m * b.n);
  for (let i = 0; i < a.m; ++i) {
    for (let p = 0; p < a.n; ++p) {
      const factor = a.data[i * a.n + p]!;
      for (let j = 0; j < b.n; ++j) c[i * b.n + j]! += factor * b.data[p * b.n + j]!;
    }
  }
  return { m: a.m, n: b.n, data: c };
}

export const transpose = (a: Dense): Dense => dense(a.n, a.m, (i, j) => a.data[j * a.n + i]!);

/** The largest column sum of magnitudes. */
export function norm1({ m, n, data }: Dense): number {
  let norm = 0;
  for (let j = 0; j < n; ++j) {
    let sum = 0;
    for (let i = 0; i < m; ++i) sum += Math.abs(data[i * n + j]!);
    norm = Math.max(norm, sum);
  }
  return norm;
}

/** An array as a float64 matrix; a vector as a column. */
export function toDense(array: NDArray): Dense {
  const [m = 0, n = 1] = array.shape;
  return { m, n, data: Float64Array.from(array.toTyped()) };
}

export function toArray(la: Context, { m, n, data }: Dense, dtype: DType): NDArray {
  return la.fromTyped(data, [m, n], { dtype });
}

/** As it is in the dtype. */
export const rounded = ({ m, n, data }: Dense, dtype: DType): Dense =>
  dtype === "float64" ? { m, n, data } : { m, n, data: Float64Array.from(data, Math.fround) };

/** LAPACK's get01: ‖A − P L U‖₁ / (n ‖A‖₁ ε), from the factors as they are stored. */
function factorRatio(a: Dense, lu: Dense, piv: Int32Array, dtype: DType): number {
  const { m, n } = a;
  const k = Math.min(m, n);
  const at = (i: number, j: number): number => lu.data[i * n + j]!;
  const l = dense(m, k, (i, j) => (i === j ? 1 : i > j ? at(i, j) : 0));
  const u = dense(k, n, (i, j) => (i <= j ? at(i, j) : 0));
  const back = product(l, u);
  for (let i = k - 1; i >= 0; --i) {
    const p = piv[i]!;
    for (let j = 0; j < n; ++j) {
      const value = back.data[i * n + j]!;
      back.data[i * n + j] = back.data[p * n + j]!;
      back.data[p * n + j] = value;
    }
  }
  const off = norm1(dense(m, n, (i, j) => a.data[i * n + j]! - back.data[i * n + j]!));
  const norm = norm1(a);
  return norm === 0 ? off : off / (n * norm * EPSILON[dtype]);
}

/** LAPACK's get02: the largest of ‖b − A x‖₁ / (‖A‖₁ ‖x‖₁ ε n) over the right-hand sides. */
export function solveRatio(a: Dense, x: Dense, b: Dense, dtype: DType): number {
  const ax = product(a, x);
  let worst = 0;
  for (let j = 0; j < b.n; ++j) {
    let [off, size] = [0, 0];
    for (let i = 0; i < b.m; ++i) {
      off += Math.abs(b.data[i * b.n + j]! - ax.data[i * b.n + j]!);
      size += Math.abs(x.data[i * b.n + j]!);
    }
    if (off > 0) worst = Math.max(worst, off / (norm1(a) * size * EPSILON[dtype] * a.n));
  }
  return worst;
}

/** An orthogonal matrix: a product of Householder reflections, of random vectors. */
function orthogonal(n: number, random: Lcg): Dense {
  let q = dense(n, n, (i, j) => (i === j ? 1 : 0));
  for (let reflection = 0; reflection < 3; ++reflection) {
    const v = Float64Array.from({ length: n }, () => random.value("f64"));
    const square = v.reduce((sum, x) => sum + x * x, 0);
    const h = dense(n, n, (i, j) => (i === j ? 1 : 0) - (2 * v[i]! * v[j]!) / square);
    q = product(q, h);
  }
  return q;
}

/** A matrix with the singular values 1 … 1 / condition, geometrically spaced, times `scale`: LAPACK's latms, mode 3. */
export function conditioned(n: number, condition: number, scale: number, seed: number): Dense {
  const random = new Lcg(seed);
  const u = orthogonal(n, random);
  const v = orthogonal(n, random);
  const s = dense(n, n, (i, j) => (i === j ? scale * condition ** (-i / Math.max(1, n - 1)) : 0));
  return product(product(u, s), v);
}

/** Random numbers in (−4, 4). */
export function randomDense(m: number, n: number, seed: number): Dense {
  const random = new Lcg(seed);
  return dense(m, n, () => random.value("f64"));
}

/** Checks the factors of a matrix: its ratio, the pivots, L's multipliers. */
export function checkFactors(
  a: Dense,
  { lu, piv }: { readonly lu: NDArray; readonly piv: Int32Array },
  what: string,
): void {
  const { dtype } = lu;
  const k = Math.min(a.m, a.n);
  expect(piv.length, what).toBe(k);
  expect(
    piv.every((p, i) => p >= i && p < a.m),
    `${what}: pivots`,
  ).toBe(true);
  const factors = toDense(lu);
  const most = factors.data.reduce((max, value, at) => {
    const below = Math.floor(at / a.n) > at % a.n;
    return below ? Math.max(max, Math.abs(value)) : max;
  }, 0);
  expect(most, `${what}: the largest multiplier`).toBeLessThanOrEqual(1 + 2 * EPSILON[dtype]);
  expect(factorRatio(a, factors, piv, dtype), `${what}: ‖A − PLU‖ / (n ‖A‖ ε)`).toBeLessThan(THRESHOLD);
}

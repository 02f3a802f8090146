import { expect } from "vitest";
import type { Context, NDArray } from "../../src/index.ts";
import { BLOCKING } from "../../src/plan/blocking.ts";
import { Lcg } from "../assembly/lcg.ts";
import { strictDot, strictProduct } from "../assembly/reference.ts";

export type DType = "float32" | "float64";
export const DTYPES: readonly DType[] = ["float64", "float32"];

const UNIT = { float32: 2 ** -24, float64: 2 ** -53 };
const suffixOf = (dtype: DType): "f32" | "f64" => (dtype === "float32" ? "f32" : "f64");

/** Random numbers in (−4, 4), exact in the dtype. */
export function numbers(count: number, seed: number, dtype: DType): Float64Array<ArrayBuffer> {
  const random = new Lcg(seed);
  return Float64Array.from({ length: count }, () => random.value(suffixOf(dtype)));
}

export function randomArray(la: Context, shape: readonly number[], seed: number, dtype: DType): NDArray {
  const count = shape.reduce((x, y) => x * y, 1);
  return la.fromTyped(numbers(count, seed, dtype), shape, { dtype });
}

/** How a matrix lies in memory. */
export const LAYOUTS = [
  "rows",
  "columns",
  "reversed",
  "reversedColumns",
  "strided",
  "stridedColumns",
] as const;
export type Layout = (typeof LAYOUTS)[number];

/**
 * The same matrix laid out in some way. The block's other elements are NaN: what reads them is found out. `owner` is the
 * array whose block it lies in.
 */
export function layOut(la: Context, matrix: NDArray, layout: Layout): { view: NDArray; owner: NDArray } {
  const [m, n] = matrix.shape as [number, number];
  const { dtype } = matrix;
  const columns = layout === "columns" || layout === "reversedColumns" || layout === "stridedColumns";
  const [rows, across] = columns ? [n, m] : [m, n];
  const strided = layout.startsWith("strided");
  const owner = la.full(strided ? [2 * rows + 3, 3 * across + 2] : [rows, across], Number.NaN, { dtype });
  const backwards = [null, null, -1] as const;
  const part = strided
    ? owner.slice([2, 2 + 2 * rows, 2], [1, 1 + 3 * across, 3])
    : layout.startsWith("reversed")
      ? owner.slice(backwards, backwards)
      : owner.slice();
  const view = columns ? part.T : part;
  const elements = matrix.toTyped();
  for (let i = 0; i < m; ++i) for (let j = 0; j < n; ++j) view.set(elements[i * n + j]!, i, j);
  return { view, owner };
}

/** What a product must be: C <- alpha A B + beta C, all given row by row. */
export interface Expected {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: ArrayLike<number>;
  readonly b: ArrayLike<number>;
  readonly alpha?: number;
  readonly beta?: number;
  readonly c?: ArrayLike<number>;
}

const elements = (from: ArrayLike<number> | undefined, count: number): Float64Array =>
  from === undefined ? new Float64Array(count) : Float64Array.from(from);

/** The strict build's bits, whatever path: of a product with a vector in the order that gemv documents. */
export function strictBits(dtype: DType, { m, n, k, a, b, alpha = 1, beta = 0, c }: Expected): Float64Array {
  const suffix = suffixOf(dtype);
  if (k === 0 || alpha === 0 || (m !== 1 && n !== 1)) {
    const KC = BLOCKING[dtype].KC;
    return strictProduct({
      suffix,
      m,
      n,
      k: alpha === 0 ? 0 : k,
      a: elements(a, m * k),
      b: elements(b, k * n),
      c: elements(c, m * n),
      alpha,
      beta,
      KC,
    });
  }
  const round = dtype === "float32" ? Math.fround : (x: number): number => x;
  return Float64Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    const dot = strictDot(
      suffix,
      k,
      (p) => a[i * k + p]!,
      (p) => b[p * n + j]!,
    );
    const term = round(round(alpha) * dot);
    return beta === 0 ? term : round(round(round(beta) * c![at]!) + term);
  });
}

/** Equal to the bit, but that one NaN is as good as another, and a zero's sign after alpha = 0 or k = 0 is free. */
export function checkBits(got: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  expect(got.length, what).toBe(expected.length);
  for (let i = 0; i < expected.length; ++i) {
    const [x, y] = [got[i]!, expected[i]!];
    if (!Object.is(x, y) && !(x === 0 && y === 0))
      expect.fail(`${what}: element ${i} is ${x}, to the bit it should be ${y}`);
  }
}

/** |C − C_ref| ≤ (k + 4) · ε · (|alpha| |A||B| + |beta C|), C_ref in float64 summed plainly. */
export function checkBound(dtype: DType, got: ArrayLike<number>, expected: Expected, what: string): void {
  const { m, n, k, a, b, alpha = 1, beta = 0, c } = expected;
  expect(got.length, what).toBe(m * n);
  const epsilon = UNIT[dtype] + (dtype === "float32" ? 2 ** -53 : UNIT[dtype]);
  for (let i = 0; i < m; ++i) {
    for (let j = 0; j < n; ++j) {
      let [sum, magnitude] = [0, 0];
      for (let p = 0; p < k; ++p) {
        const term = a[i * k + p]! * b[p * n + j]!;
        sum += term;
        magnitude += Math.abs(term);
      }
      const old = beta === 0 ? 0 : beta * c![i * n + j]!;
      const bound = (k + 4) * epsilon * (Math.abs(alpha) * magnitude + Math.abs(old));
      const off = Math.abs(got[i * n + j]! - (alpha * sum + old));
      if (!(off <= bound)) expect.fail(`${what}: C[${i}, ${j}] is off by ${off}, more than ${bound}`);
    }
  }
}

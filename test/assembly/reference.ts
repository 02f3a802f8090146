import type { Suffix } from "../../src/kernels/exports.ts";
import { type Build, rounding, sizeOf } from "./harness.ts";

/** A product's operands as they were before the kernel ran, row by row. */
export interface Product {
  readonly suffix: Suffix;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly c: Float64Array;
  readonly alpha: number;
  readonly beta: number;
  readonly KC: number;
}

/** Equal to the sign of zero; one NaN is as good as another, since wasm leaves its sign and payload open. */
export function same(x: number, y: number): boolean {
  return Object.is(x, y);
}

/** The strict build's bits: multiply, round, add, round, in increasing k, in pieces of KC. */
export function strictProduct(product: Product): Float64Array {
  const { m, n, k, a, b, c, KC } = product;
  const round = rounding(product.suffix);
  const alpha = round(product.alpha);
  const beta = round(product.beta);
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; ++i) {
    for (let j = 0; j < n; ++j) {
      const old = c[i * n + j] as number;
      let value = beta === 0 || beta === 1 ? old : round(beta * old);
      let from = 0;
      do {
        const to = Math.min(k, from + KC);
        let sum = 0;
        for (let p = from; p < to; ++p) {
          sum = round(sum + round((a[i * k + p] as number) * (b[p * n + j] as number)));
        }
        const term = round(alpha * sum);
        value = from === 0 && beta === 0 ? term : round(value + term);
        from = to;
      } while (from < k);
      out[i * n + j] = value;
    }
  }
  return out;
}

/** The order of summation that assembly/level2/gemv.ts documents, in scalars. */
export function strictDot(
  suffix: Suffix,
  k: number,
  x: (p: number) => number,
  y: (p: number) => number,
): number {
  const round = rounding(suffix);
  const parts = 64 / sizeOf(suffix);
  const lanes = parts / 4;
  const s = new Array<number>(parts).fill(0);
  for (let p = 0; p < k; ++p) {
    s[p % parts] = round((s[p % parts] as number) + round(x(p) * y(p)));
  }
  const sum = (i: number, j: number) => round((s[i] as number) + (s[j] as number));
  const t = Array.from({ length: lanes }, (_, l) =>
    round(sum(l, l + lanes) + sum(l + 2 * lanes, l + 3 * lanes)),
  ) as number[];
  const first = round(t[0]! + t[1]!);
  return lanes === 2 ? first : round(first + round(t[2]! + t[3]!));
}

/** A number as an unevaluated sum high + low, about 106 bits. */
export class Precise {
  high = 0;
  low = 0;

  add(x: number): void {
    const sum = this.high + x;
    const part = sum - this.high;
    this.low += this.high - (sum - part) + (x - part);
    this.high = sum;
  }

  /** Adds x · y: Veltkamp's splitting and Dekker's product, so |x| and |y| stay below 2⁹⁹⁰. */
  addProduct(x: number, y: number): void {
    const product = x * y;
    const bigX = 134217729 * x;
    const bigY = 134217729 * y;
    const headX = bigX - (bigX - x);
    const headY = bigY - (bigY - y);
    const tailX = x - headX;
    const tailY = y - headY;
    this.low += tailX * tailY - (product - headX * headY - tailX * headY - headX * tailY);
    this.add(product);
  }
}

export interface Bounded {
  readonly value: Precise;
  readonly bound: number;
}

/** Half a unit in the last place of 1, and the smallest number above 0. */
const UNIT = { f32: 2 ** -24, f64: 2 ** -53 };
const TINY = { f32: 2 ** -149, f64: 2 ** -1074 };

/**
 * alpha x·y + beta c in twice the precision, and how far a kernel may be from it: one rounding a product, an addition,
 * a piece of KC, for alpha and for beta, each relative to |alpha| |x|·|y| + |beta c|; and what underflow may lose.
 */
export function preciseDot(
  suffix: Suffix,
  k: number,
  x: (p: number) => number,
  y: (p: number) => number,
  alpha: number,
  beta: number,
  c: number,
  pieces: number,
): Bounded {
  const dot = new Precise();
  let magnitude = 0;
  for (let p = 0; p < k; ++p) {
    dot.addProduct(x(p), y(p));
    magnitude += Math.abs(x(p) * y(p));
  }
  const value = new Precise();
  value.addProduct(alpha, dot.high);
  value.low += alpha * dot.low;
  magnitude *= Math.abs(alpha);
  if (beta !== 0) {
    value.addProduct(beta, c);
    magnitude += Math.abs(beta * c);
  }
  const steps = k + 2 * pieces + 3;
  const underflow = steps * TINY[suffix] * Math.max(1, Math.abs(alpha));
  return { value, bound: steps * UNIT[suffix] * magnitude * 1.01 + underflow };
}

/** Whether `got` is within the bound; `bits` is what the strict build gives, for what isn't a finite number. */
export function within(got: number, bits: number, bounded: () => Bounded): boolean {
  if (!Number.isFinite(bits)) return same(got, bits);
  const { value, bound } = bounded();
  return Math.abs(got - value.high - value.low) <= bound;
}

/** Throws unless `got` is the strict product to the bit (strict build), and within the bound of the precise one. */
export function checkProduct(build: Build, product: Product, got: Float64Array, what: string): void {
  const { suffix, m, n, k, a, b, c, KC } = product;
  const round = rounding(suffix);
  const bits = strictProduct(product);
  const pieces = Math.max(1, Math.ceil(k / KC));
  for (let i = 0; i < m; ++i) {
    for (let j = 0; j < n; ++j) {
      const [x, y] = [got[i * n + j] as number, bits[i * n + j] as number];
      if (build.name === "strict") {
        if (!same(x, y)) throw new Error(`${what}: C[${i}, ${j}] is ${x}, to the bit it should be ${y}`);
        continue;
      }
      const bounded = () =>
        preciseDot(
          suffix,
          k,
          (p) => a[i * k + p] as number,
          (p) => b[p * n + j] as number,
          round(product.alpha),
          round(product.beta),
          c[i * n + j] as number,
          pieces,
        );
      if (!within(x, y, bounded)) throw new Error(`${what}: C[${i}, ${j}] is ${x}, it should be about ${y}`);
    }
  }
}

/** Throws unless the two agree to the bit. */
export function checkSame(got: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  if (got.length !== expected.length)
    throw new Error(`${what}: ${got.length} elements, not ${expected.length}`);
  for (let i = 0; i < got.length; ++i) {
    if (!same(got[i] as number, expected[i] as number)) {
      throw new Error(`${what}: element ${i} is ${got[i]}, to the bit it should be ${expected[i]}`);
    }
  }
}

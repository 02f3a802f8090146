import type { Context, DType, NDArray } from "../index.ts";
import { CommandError } from "./fail.ts";

/** A product beside a reference. */
export interface Comparison {
  /** The largest difference, and where; infinite if one of two is no number or infinite and the other is not. */
  readonly maxError: number;
  readonly atIndex: readonly number[];
  /** The largest difference in units of its bound. */
  readonly ofBound: number;
  /** How many elements are beyond the bound. */
  readonly wrong: number;
}

/** The distance from 1 to the next number. */
const EPSILON: Record<DType, number> = { float32: 2 ** -23, float64: 2 ** -52 };

/**
 * Compares C = A B with a reference, element by element, with the bound that holds for every order of summation of two
 * results with k + 1 roundings each: |C − R| ≤ (k + 1) ε |A||B|.
 *
 * @throws CommandError if the shapes differ.
 */
export function compare(la: Context, a: NDArray, b: NDArray, c: NDArray, reference: NDArray): Comparison {
  if (String(c.shape) !== String(reference.shape)) {
    throw new CommandError(
      `its shape is [${reference.shape.join(", ")}], the product's is [${c.shape.join(", ")}].`,
    );
  }
  return la.scope(() => {
    const magnitudes = la.matmul(absolute(la, a), absolute(la, b)).toTyped();
    const got = c.toTyped();
    const wanted = reference.toTyped();
    const epsilon = Math.max(EPSILON[c.dtype], EPSILON[reference.dtype]);
    const factor = ((a.shape.at(-1) ?? 0) + 1) * epsilon;
    let [maxError, worst, ofBound, wrong] = [0, -1, 0, 0];
    for (const [i, x] of got.entries()) {
      const error = difference(x, wanted[i]!);
      const bound = factor * magnitudes[i]!;
      if (error > maxError) [maxError, worst] = [error, i];
      // Where magnitudes overflow, the bound says nothing about finite values.
      if (error > 0) ofBound = Math.max(ofBound, error / bound || 0);
      if (error > bound || error === Number.POSITIVE_INFINITY) ++wrong;
    }
    return { maxError, atIndex: worst < 0 ? [] : indexOf(worst, c.shape), ofBound, wrong };
  });
}

function absolute(la: Context, array: NDArray): NDArray {
  const values = array.toTyped();
  for (const [i, value] of values.entries()) values[i] = Math.abs(value);
  return la.fromTyped(values, array.shape);
}

/** Equal infinities and two NaNs do not differ. */
function difference(x: number, y: number): number {
  if (Object.is(x, y) || x === y) return 0;
  const error = Math.abs(x - y);
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

/** The index of the element at a position in C order. */
function indexOf(position: number, shape: readonly number[]): number[] {
  let rest = position;
  return shape
    .map((_, axis) => {
      const extent = shape[shape.length - 1 - axis]!;
      const index = rest % extent;
      rest = (rest - index) / extent;
      return index;
    })
    .reverse();
}

import type { NDArray } from "../array/ndarray.ts";
import type { HeatmapOptions } from "../array/pictures.ts";

/** A matrix in few cells, and what there is to say of all its elements. */
export interface Cells {
  /** Rows of cells. */
  readonly values: readonly (readonly number[])[];
  /** Rows and columns of elements in a cell; the last ones may have fewer. */
  readonly each: readonly [rows: number, columns: number];
  /** Of the finite elements; Infinity and −Infinity where there is none. */
  readonly low: number;
  readonly high: number;
  /** How many elements are NaN, Infinity and −Infinity. */
  readonly counts: readonly [nan: number, inf: number, minusInf: number];
}

/** What `counts` counts: of those in a cell, it shows the first. */
const STRANGE = [NaN, Infinity, -Infinity];

/**
 * Reads each element of a matrix once, into at most `most` × `most` cells. A cell with elements that are no finite numbers shows
 * one of them: not one of them is hidden by its neighbours.
 */
export function cellsOf(array: NDArray, how: HeatmapOptions["cells"], most: number): Cells {
  const [rows, columns] = matrix(array.shape, 1);
  const [down, across] = matrix(array.strides, 0);
  const elements = array.elements();
  const first = array.address / elements.BYTES_PER_ELEMENT;
  const [tall, wide] = [rows, columns].map((n) => Math.max(1, Math.ceil(n / most))) as [number, number];
  let [low, high] = [Infinity, -Infinity];
  const counts: [number, number, number] = [0, 0, 0];

  const cell = (top: number, left: number): number => {
    const [bottom, right] = [Math.min(rows, top + tall), Math.min(columns, left + wide)];
    let worst = STRANGE.length;
    let count = 0;
    let value = 0;
    for (let i = top; i < bottom; ++i) {
      for (let j = left; j < right; ++j) {
        const x = elements[first + i * down + j * across]!;
        if (x - x === 0) {
          if (x < low) low = x;
          if (x > high) high = x;
          // A running mean: of equal numbers it is that number, where a sum would round. (The halves cannot overflow.)
          if (how === "mean") value += ((x / 2 - value / 2) / ++count) * 2;
          else if (Math.abs(x) > Math.abs(value)) value = x;
        } else {
          const kind = x > 0 ? 1 : x < 0 ? 2 : 0;
          ++counts[kind]!;
          worst = Math.min(worst, kind);
        }
      }
    }
    return STRANGE[worst] ?? value;
  };
  const steps = (n: number, step: number): number[] =>
    Array.from({ length: Math.ceil(n / step) }, (_, i) => i * step);
  const values = steps(rows, tall).map((top) => steps(columns, wide).map((left) => cell(top, left)));
  return { values, each: [tall, wide], low, high, counts };
}

/** Shape or strides of at most two axes, as those of a matrix: what is 1-D is its only row. */
function matrix(of: readonly number[], missing: number): [number, number] {
  const [columns = missing, rows = missing] = [...of].reverse();
  return [rows, columns];
}

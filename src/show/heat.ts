import type { NDArray } from "../array/ndarray.ts";
import type { HeatmapOptions } from "../array/pictures.ts";
import { checkOptions, show } from "../array/shape.ts";
import { printable, widthIn } from "../base/svg.ts";
import { ShapeError, UnsupportedError } from "../errors.ts";
import { cellsOf } from "./cells.ts";

/** Steps from the lowest to the highest number. Even: one is for the middle. */
export const STEPS = 64;
/** What the steps after those stand for. */
const STRANGE = ["nan", "inf", "-inf"];
/** Pixels of a cell, at least. */
const SMALLEST = 8;

/** What a heat map shows, in text and in SVG. Nothing of the array is in it. */
export interface Heat {
  readonly title: string;
  readonly summary: readonly string[];
  /** Pixels for all cells. */
  readonly width: number;
  /** Rows of cells: the step that each shows. */
  readonly steps: readonly (readonly number[])[];
  /** Rows and columns of elements in a cell. */
  readonly each: readonly [rows: number, columns: number];
  /** Whether numbers below and above 0 have colours of their own. */
  readonly signed: boolean;
  /** Numbers at the start, the middle and the end of the scale; "" for those that say nothing. */
  readonly labels: readonly string[];
  /** Steps that are no numbers, and what they are. */
  readonly strange: readonly { readonly step: number; readonly says: string }[];
}

/** What is to be drawn of a matrix. @throws ShapeError for more than two axes; UnsupportedError (`OPTION`). */
export function heatOf(array: NDArray, options: HeatmapOptions): Heat {
  checkOptions(options, { cells: true, width: true, title: true }, "heatmap");
  const { cells: how = "mean", title = array.name || "Heat map" } = options;
  if (how !== "mean" && how !== "extreme") {
    throw new UnsupportedError(`heatmap: cells "${how}" is neither "mean" nor "extreme".`, "OPTION");
  }
  if (array.ndim > 2) {
    throw new ShapeError(`heatmap: ${show(array.shape)} has more than two axes; slice() or reshape() it.`);
  }
  const width = widthIn(options, 512);
  const { values, each, low, high, counts } = cellsOf(array, how, Math.floor(width / SMALLEST));
  const shown = values.flat().filter(Number.isFinite);
  const signed = low < 0 && high > 0;
  let [from, to] = [Infinity, -Infinity];
  for (const x of shown) {
    from = Math.min(from, signed ? -Math.abs(x) : x);
    to = Math.max(to, signed ? Math.abs(x) : x);
  }
  const stepOf = (x: number): number => {
    if (!Number.isFinite(x)) return STEPS + (x > 0 ? 2 : x < 0 ? 3 : 1);
    // (The halves cannot overflow.)
    return from < to ? Math.round(STEPS * ((x / 2 - from / 2) / (to / 2 - from / 2))) : STEPS / 2;
  };
  const one = how === "mean" ? "the mean" : "the largest in magnitude";
  return {
    title: printable(title),
    summary: [
      `${show(array.shape)} ${array.dtype}${low > high ? "" : `, from ${short(low)} to ${short(high)}`}`,
      `a cell is ${each[0] * each[1] > 1 ? `${one} of up to ${each.join(" × ")} elements` : "an element"}`,
    ],
    width,
    steps: values.map((row) => row.map(stepOf)),
    each,
    signed,
    labels:
      from < to ? [short(from), short(from / 2 + to / 2), short(to)] : from === to ? ["", short(to), ""] : [],
    strange: STRANGE.flatMap((name, i) =>
      counts[i]! > 0 ? [{ step: STEPS + 1 + i, says: `${counts[i]} ${name}` }] : [],
    ),
  };
}

/** Four digits, in the shorter notation. */
function short(x: number): string {
  const number = Number(x.toPrecision(4));
  const [plain, scientific] = [`${number}`, number.toExponential()];
  return scientific.length < plain.length ? scientific : plain;
}

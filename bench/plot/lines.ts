import * as Plot from "@observablehq/plot";
import { quantile } from "../common/statistics.ts";
import { type Look, lookOf } from "./looks.ts";
import type { Datum } from "./source.ts";

/** The middle of some samples, and the range that the middle half of them lies in. */
export interface Spread {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

export const spreadOf = (values: readonly number[]): Spread => ({
  low: quantile(values, 0.25),
  middle: quantile(values, 0.5),
  high: quantile(values, 0.75),
});

/** A point of a line. */
export interface Point extends Spread {
  readonly x: number;
  /** What a pointer that rests on it reads. */
  readonly tip: string;
}

/** Three digits, without an exponent. */
export const digits = (value: number): string =>
  value >= 100
    ? value.toFixed(0)
    : value >= 10
      ? value.toFixed(1)
      : value >= 0.1
        ? value.toFixed(2)
        : value.toPrecision(2);

/** "relaxed, n = 512: 53.1 GFLOP/s, middle half 52.8 to 53.4 of 9" */
export const tipOf = (
  name: string,
  at: string,
  unit: string,
  { low, middle, high }: Spread,
  count: number,
): string =>
  `${name}, ${at}: ${digits(middle)} ${unit}` +
  (count > 1 ? `, middle half ${digits(low)} to ${digits(high)} of ${count}` : "");

/** Points of data against n, in its order. */
export function pointsAgainstN(name: string, data: readonly Datum[]): Point[] {
  const points = data.flatMap(({ measurement: { n, values, unit } }) => {
    if (n === null) return [];
    const spread = spreadOf(values);
    return [{ x: n, ...spread, tip: tipOf(name, `n = ${n}`, unit, spread, values.length) }];
  });
  return points.sort((one, other) => one.x - other.x);
}

/** A line through medians, in a band of the interquartile range. Without a look: as the first. */
export function lineMarks(points: readonly Point[], look: Look = lookOf(0)): Plot.Markish[] {
  const { colour, symbol, dash } = look;
  return [
    Plot.areaY(points, {
      x: "x",
      y1: "low",
      y2: "high",
      fill: colour,
      fillOpacity: 0.2,
      className: "spread",
    }),
    Plot.lineY(points, {
      ...{ x: "x", y: "middle", stroke: colour, strokeWidth: 2, className: "series" },
      ...(dash === undefined ? {} : { strokeDasharray: dash }),
    }),
    Plot.dot(points, {
      ...{ x: "x", y: "middle", symbol, fill: colour, r: 3.5, title: "tip", className: "points" },
    }),
  ];
}

/** Powers of two between the least and the largest, so many at most; or these two, where there are no two powers. */
export function powersOfTwo(values: readonly number[], most: number): number[] {
  const [least, largest] = [Math.min(...values), Math.max(...values)];
  const low = Math.ceil(Math.log2(least));
  const high = Math.floor(Math.log2(largest));
  if (high <= low) return [...new Set([least, largest])];
  const step = Math.ceil((high - low + 1) / most);
  const count = Math.floor((high - low) / step) + 1;
  return Array.from({ length: count }, (_, i) => 2 ** (low + i * step));
}

/** An axis of n in powers of two, of a panel so wide. */
export function axisOfN(values: readonly number[], width: number): Plot.ScaleOptions {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return {
    type: "log",
    base: 2,
    // A single point has its place in the middle.
    domain: low === high ? [low / 2, high * 2] : [low, high],
    ticks: powersOfTwo(values, Math.floor(width / 45)),
    tickFormat: (n: number) => String(n),
    grid: true,
    inset: 6,
    label: "n",
  };
}

/**
 * Round values for a logarithmic axis: 1, 2 and 5 times powers of ten, or of more than two decades powers of ten alone (where d3
 * would leave out the numbers of the others).
 */
export function roundValues(low: number, high: number): number[] {
  const decades = Math.log10(high / low);
  const steps = decades > 2 ? [1] : [1, 2, 5];
  const first = Math.floor(Math.log10(low));
  const count = Math.ceil(Math.log10(high)) - first + 1;
  return Array.from({ length: count }, (_, i) => steps.map((step) => Number(`${step}e${first + i}`)))
    .flat()
    .filter((value) => value >= low && value <= high);
}

/** A logarithmic axis of such values. */
export function logAxis(label: string, low: number, high: number): Plot.ScaleOptions {
  const tickFormat = (value: number): string => value.toLocaleString("en");
  return { type: "log", domain: [low, high], ticks: roundValues(low, high), tickFormat, grid: true, label };
}

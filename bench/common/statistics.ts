import { Lot } from "./lot.ts";

/** A value below which the share `q` of the numbers lies, interpolated; NaN for none. */
export function quantile(numbers: readonly number[], q: number): number {
  if (numbers.length === 0) return Number.NaN;
  return quantileOfSorted(Float64Array.from(numbers).sort(), q);
}

function quantileOfSorted(sorted: Float64Array, q: number): number {
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const above = sorted[Math.min(low + 1, sorted.length - 1)]!;
  return sorted[low]! + (at - low) * (above - sorted[low]!);
}

export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);

/** The interquartile range in units of the median. */
export function spread(numbers: readonly number[]): number {
  return (quantile(numbers, 0.75) - quantile(numbers, 0.25)) / median(numbers);
}

/** The median of one over the other, round by round: what slows a whole round down does not count. */
export function pairedRatio(over: readonly number[], under: readonly number[]): number {
  const rounds = Math.min(over.length, under.length);
  return median(Array.from({ length: rounds }, (_, i) => over[i]! / under[i]!));
}

/** NaN for none. */
export const geometricMean = (numbers: readonly number[]): number =>
  Math.exp(numbers.reduce((sum, number) => sum + Math.log(number), 0) / numbers.length);

/** A ratio of two medians, and between which bounds it is with 95 % confidence. */
export interface RatioInterval {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** With fewer numbers on either side there is no interval. */
export const LEAST_NUMBERS = 3;

const RESAMPLES = 4000;

/** The normal distribution's 97.5 % quantile. */
const Z = 1.959964;

/**
 * The ratio of two medians with an interval by the bootstrap: both samples are drawn anew, with replacement, some thousand times
 * (Efron 1979); the same numbers always give the same interval. For few numbers the percentiles are moved outwards as Student's t
 * asks for: the expanded percentile interval of Hesterberg, "What Teachers Should Know About the Bootstrap", 2015, section 5.3.
 * Numbers must be positive.
 *
 * @throws RangeError for fewer than LEAST_NUMBERS numbers on either side.
 */
export function bootstrapRatio(over: readonly number[], under: readonly number[], seed = 1): RatioInterval {
  const least = Math.min(over.length, under.length);
  if (least < LEAST_NUMBERS) throw new RangeError(`There is no interval of ${least} numbers.`);
  const lot = new Lot(seed);
  const [drawOver, drawUnder] = [over, under].map((numbers) => medianDrawer(numbers, lot)) as [Draw, Draw];
  const ratios = Float64Array.from({ length: RESAMPLES }, () => drawOver() / drawUnder()).sort();
  const tail = normalBelow(-Math.sqrt(least / (least - 1)) * studentT(least - 1));
  return {
    ratio: median(over) / median(under),
    low: quantileOfSorted(ratios, tail),
    high: quantileOfSorted(ratios, 1 - tail),
  };
}

type Draw = () => number;

/** Gives medians of as many numbers as there are, drawn with replacement. Of sorted numbers it is enough to count who was drawn. */
function medianDrawer(numbers: readonly number[], lot: Lot): Draw {
  const sorted = Float64Array.from(numbers).sort();
  const { length } = sorted;
  const counts = new Uint32Array(length);
  const [lower, upper] = [(length - 1) >> 1, length >> 1];
  return () => {
    counts.fill(0);
    for (let i = 0; i < length; ++i) counts[lot.draw(length)]! += 1;
    let at = 0;
    let below = counts[0]!;
    while (below <= lower) below += counts[++at]!;
    const low = sorted[at]!;
    while (below <= upper) below += counts[++at]!;
    return (low + sorted[at]!) / 2;
  };
}

/** Student's t, 97.5 % quantile: the expansion in Abramowitz & Stegun 26.7.5; from 3 degrees of freedom on within 1 %. */
export function studentT(degrees: number): number {
  const z = Z;
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3)
  );
}

/** What part of the normal distribution lies below x: Abramowitz & Stegun 26.2.17, to 7 digits. */
export function normalBelow(x: number): number {
  if (x > 0) return 1 - normalBelow(-x);
  const t = 1 / (1 - 0.2316419 * x);
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
}

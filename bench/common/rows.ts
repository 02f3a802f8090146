import { pairedRatio, type Samples } from "./sample.ts";

/** The rows that agree with all of a key. */
export function select<R extends object>(rows: readonly R[], key: Partial<NoInfer<R>>): R[] {
  const wanted = Object.entries(key) as [keyof R, unknown][];
  return rows.filter((row) => wanted.every(([field, value]) => row[field] === value));
}

/** One thing measured, or counted, at one case. */
export interface SectionRow<Section extends string, Unit extends string> {
  readonly section: Section;
  /** The case, as a table names it. */
  readonly label: string;
  /** Whose it is: ours, or what ours stands beside. */
  readonly who: string;
  readonly what: string;
  readonly dtype?: "float32" | "float64" | undefined;
  /** Where a plot draws it: the side of a square, a vector's length. */
  readonly n?: number;
  readonly threads?: number;
  readonly unit: Unit;
  /** Which direction is the better one, where the unit does not say so. */
  readonly better?: "higher" | "lower" | "neither";
  /** One number a round; rows of one case have theirs taken in turns. What does not depend on time has one. */
  readonly values: readonly number[];
  /** Whether what was computed, or guarded, came out wrong; then nothing is said of its speed. */
  readonly wrong?: boolean;
  /** The pace of the reference kernel in the round of each value; in the end in units of its best in the run. */
  readonly machine?: readonly number[] | undefined;
  /** How many of `values` shared their core with something else, where that can be told. */
  readonly disturbed?: number;
  /** The largest error found in the result, or in a part of it, in units of the bound: before it is timed, or in what was timed. */
  readonly residual?: number | undefined;
  readonly notes?: readonly string[] | undefined;
}

/** What a row takes from samples, their seconds converted to its unit. */
export function sampled(
  { seconds, disturbed, machine, notes }: Samples,
  convert: (seconds: number) => number,
): Pick<SectionRow<string, string>, "values" | "disturbed" | "machine" | "notes"> {
  return { values: seconds.map(convert), disturbed, machine, notes };
}

/** What was measured, a number a round. */
interface Measured {
  readonly values: readonly number[];
}

/** The first measured row that agrees with all of a key. */
export function find<R extends Measured>(rows: readonly R[], key: Partial<NoInfer<R>>): R | undefined {
  return select(rows, key).find((row) => row.values.length > 0);
}

/** One row's values over another's, round by round; undefined where either is missing. */
export function ratio(over: Measured | undefined, under: Measured | undefined): number | undefined {
  if (over === undefined || under === undefined) return undefined;
  return pairedRatio(over.values, under.values);
}

/** Each once, in the order of their first. */
export const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

import { pairedRatio } from "./sample.ts";

/** The rows that agree with all of a key. */
export function select<R extends object>(rows: readonly R[], key: Partial<NoInfer<R>>): R[] {
  const wanted = Object.entries(key) as [keyof R, unknown][];
  return rows.filter((row) => wanted.every(([field, value]) => row[field] === value));
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

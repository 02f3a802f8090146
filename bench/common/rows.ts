/** The rows that agree with all of a key. */
export function select<R extends object>(rows: readonly R[], key: Partial<NoInfer<R>>): R[] {
  const wanted = Object.entries(key) as [keyof R, unknown][];
  return rows.filter((row) => wanted.every(([field, value]) => row[field] === value));
}

/** The first measured row that agrees with all of a key. */
export function find<R extends { readonly values: readonly number[] }>(
  rows: readonly R[],
  key: Partial<NoInfer<R>>,
): R | undefined {
  return select(rows, key).find((row) => row.values.length > 0);
}

/** Each once, in the order of their first. */
export const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

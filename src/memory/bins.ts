/** Bins: one for each size below 16 units, above that 16 for each power of two up to 2^26 units (4 GiB). */
const EXACT_BINS = 16;
export const BINS = EXACT_BINS + 22 * 16;

/** The bin a hole of `units` is kept in. */
export function binOf(units: number): number {
  if (units < EXACT_BINS) return units;
  const log = 31 - Math.clz32(units);
  return EXACT_BINS + (log - 4) * 16 + (units >>> (log - 4)) - 16;
}

/** The first bin all of whose holes have at least `units`. */
export function binAtLeast(units: number): number {
  if (units < EXACT_BINS) return units;
  const log = 31 - Math.clz32(units);
  return binOf(units + (1 << (log - 4)) - 1);
}

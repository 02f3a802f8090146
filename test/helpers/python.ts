/** Python's slice(start, stop, step).indices(extent), by counting, not by formula. */
export function pythonRange(
  start: number | null | undefined,
  stop: number | null | undefined,
  step: number,
  extent: number,
): number[] {
  // The language reference: negative bounds count from the end, then are clipped to what can be reached.
  const bound = (value: number): number => (value < 0 ? value + extent : value);
  const picked: number[] = [];
  if (step > 0) {
    const from = start == null ? 0 : Math.max(0, bound(start));
    const to = stop == null ? extent : bound(stop);
    for (let i = from; i < to && i < extent; i += step) picked.push(i);
  } else {
    const from = start == null ? extent - 1 : Math.min(extent - 1, bound(start));
    const to = stop == null ? -1 : Math.max(-1, bound(stop));
    for (let i = from; i > to && i >= 0; i += step) picked.push(i);
  }
  return picked;
}

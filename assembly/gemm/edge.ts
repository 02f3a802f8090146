/**
 * Writes the valid corner of a scratch tile to C: C = tile, or C += tile. Same operations in the same order as the
 * store of a micro-kernel, so an element's bits do not depend on whether its tile was whole.
 *
 *     scratch (full tile, rsb = NR elements)      C
 *     ┌───────────┬───┐                           rsc, csc: any strides, in bytes
 *     │ mr × nr   │ · │
 *     ├───────────┘ · │
 *     └───────────────┘
 */
export function storeCorner<T>(
  mr: usize,
  nr: usize,
  tile: usize,
  rst: usize,
  c: usize,
  rsc: usize,
  csc: usize,
  accumulate: bool,
): void {
  const whole = csc == sizeof<T>() ? nr & ~(16 / sizeof<T>() - 1) : 0;
  for (; mr; --mr, tile += rst, c += rsc) {
    let from = tile;
    let to = c;
    let j: usize = 0;
    for (; j < whole; j += 16 / sizeof<T>(), from += 16, to += 16) {
      const value = v128.load(from);
      v128.store(to, accumulate ? v128.add<T>(v128.load(to), value) : value);
    }
    for (; j < nr; ++j, from += sizeof<T>(), to += csc) {
      const value = load<T>(from);
      store<T>(to, accumulate ? ((load<T>(to) + value) as T) : value);
    }
  }
}

/**
 * Copies a block of a matrix with any strides into micropanels `width` wide, the last one padded with zeros:
 *
 *     source: extent × kc                      destination, k-major
 *       i ↓  k →                               ┌ panel 0 ───────────────────┐┌ panel 1 …
 *       element (i, k) at src + i·rs + k·cs    │ k=0: i=0 … width-1 │ k=1: … ││ k=0: i=width …
 *
 * One routine packs A (i = row) and B (i = column: its strides swapped), so a transposed operand costs nothing extra.
 * Strides are in bytes. Up to 16 bytes past the last panel are overwritten.
 */
export function pack<T>(
  extent: usize,
  kc: usize,
  width: usize,
  src: usize,
  rs: usize,
  cs: usize,
  dst: usize,
): void {
  for (let i: usize = 0; i < extent; i += width) {
    const rows = min(width, extent - i);
    if (rs == sizeof<T>()) packAdjacent<T>(rows, kc, width, src, cs, dst);
    else if (cs == sizeof<T>()) packTransposed<T>(rows, kc, width, src, rs, dst);
    else packStrided<T>(rows, 0, kc, width, src, rs, cs, dst);
    src += width * rs;
    dst += width * kc * sizeof<T>();
  }
}

/** The micropanel's elements of one k are adjacent in the source: rows of it are copied as they are. */
function packAdjacent<T>(rows: usize, kc: usize, width: usize, src: usize, cs: usize, dst: usize): void {
  const whole = rows & ~(16 / sizeof<T>() - 1);
  for (; kc; --kc, src += cs) {
    let from = src;
    let i: usize = 0;
    for (; i < whole; i += 16 / sizeof<T>(), from += 16, dst += 16) v128.store(dst, v128.load(from));
    for (; i < rows; ++i, from += sizeof<T>(), dst += sizeof<T>()) store<T>(dst, load<T>(from));
    for (; i < width; ++i, dst += sizeof<T>()) store<T>(dst, 0 as T);
  }
}

/**
 * The source runs along k: squares of 4 × 4 (float64: 2 × 2) are transposed in registers. A group of rows is stored as
 * whole vectors even where the panel is not a whole number of vectors wide; what spills lands in the next k's first
 * group, which is stored later, because the groups of a square are done last to first.
 */
function packTransposed<T>(rows: usize, kc: usize, width: usize, src: usize, rs: usize, dst: usize): void {
  const lanes: usize = 16 / sizeof<T>();
  const step = width * sizeof<T>();
  const lastGroup = ((width - 1) / lanes) * lanes;
  let k: usize = 0;
  for (; k + lanes <= kc; k += lanes, src += 16, dst += lanes * step) {
    let group = lastGroup;
    while (true) {
      const from = src + group * rs;
      const to = dst + group * sizeof<T>();
      const r0 = group < rows ? v128.load(from) : v128.splat<T>(0);
      const r1 = group + 1 < rows ? v128.load(from + rs) : v128.splat<T>(0);
      if (sizeof<T>() == 8) {
        v128.store(to, v128.shuffle<f64>(r0, r1, 0, 2));
        v128.store(to + step, v128.shuffle<f64>(r0, r1, 1, 3));
      } else {
        const r2 = group + 2 < rows ? v128.load(from + 2 * rs) : v128.splat<T>(0);
        const r3 = group + 3 < rows ? v128.load(from + 3 * rs) : v128.splat<T>(0);
        const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
        const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
        const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
        const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
        v128.store(to, v128.shuffle<f64>(low01, low23, 0, 2));
        v128.store(to + step, v128.shuffle<f64>(low01, low23, 1, 3));
        v128.store(to + 2 * step, v128.shuffle<f64>(high01, high23, 0, 2));
        v128.store(to + 3 * step, v128.shuffle<f64>(high01, high23, 1, 3));
      }
      if (group == 0) break;
      group -= lanes;
    }
  }
  packStrided<T>(rows, k, kc, width, src, rs, sizeof<T>(), dst);
}

/** Any strides, element by element, for k in k0 … kc - 1; `src` and `dst` are those of k0. */
function packStrided<T>(
  rows: usize,
  k0: usize,
  kc: usize,
  width: usize,
  src: usize,
  rs: usize,
  cs: usize,
  dst: usize,
): void {
  for (let k = k0; k < kc; ++k, src += cs) {
    let from = src;
    let i: usize = 0;
    for (; i < rows; ++i, from += rs, dst += sizeof<T>()) store<T>(dst, load<T>(from));
    for (; i < width; ++i, dst += sizeof<T>()) store<T>(dst, 0 as T);
  }
}

/** Micropanels of B filled side by side, so that a row of the source is read 128 bytes or more at a time. */
const SIDE_BY_SIDE: usize = 4;

/**
 * Copies a block of a matrix with any strides into micropanels `width` wide, the last one padded with zeros:
 *
 *     source: extent × kc                      destination, k-major
 *       i ↓  k →                               ┌ panel 0 ───────────────────┐┌ panel 1 …
 *       element (i, k) at src + i·rs + k·cs    │ k=0: i=0 … width-1 │ k=1: … ││ k=0: i=width …
 *
 * One routine packs A (i = row) and B (i = column: its strides swapped), so a transposed operand costs nothing extra.
 * Strides are in bytes; a step of k is at most 64 bytes (four vectors). Up to 16 bytes past the last panel are overwritten.
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
  if (kc == 0) return;
  const size = width * kc * sizeof<T>();
  let i: usize = 0;
  if (rs == sizeof<T>()) {
    // Whole vectors are read, so panels whose last vector would reach beyond the source are left to the loop below.
    const vectors = (width * sizeof<T>() + 15) / 16;
    const reach = (vectors * 16) / sizeof<T>();
    // (And what a vector spills must end within the next step.)
    while (i + reach <= extent && reach <= 2 * width) {
      const panels = min(SIDE_BY_SIDE, (extent - i - reach) / width + 1);
      packAdjacent<T>(panels, kc, width * sizeof<T>(), vectors, src, cs, dst);
      i += panels * width;
      src += panels * width * sizeof<T>();
      dst += panels * size;
    }
  }
  for (; i < extent; i += width, src += width * rs, dst += size) {
    const rows = min(width, extent - i);
    if (cs == sizeof<T>()) packTransposed<T>(rows, kc, width, src, rs, dst);
    else packStrided<T>(rows, 0, kc, width, src, rs, cs, dst);
  }
}

/**
 * The source's elements of one k are adjacent: `step` bytes of them for each panel, copied as whole vectors. What a last
 * vector spills lands in the panel's next k, which is stored later; so the last k of all is copied element by element.
 */
function packAdjacent<T>(
  panels: usize,
  kc: usize,
  step: usize,
  vectors: usize,
  src: usize,
  cs: usize,
  dst: usize,
): void {
  const whole = vectors * 16 == step ? kc : kc - 1;
  for (let k: usize = 0; k < whole; ++k, src += cs, dst += step) {
    let from = src;
    let to = dst;
    for (let panel = panels; panel; --panel, from += step, to += step * kc) {
      v128.store(to, v128.load(from));
      if (vectors > 1) v128.store(to, v128.load(from, 16), 16);
      if (vectors > 2) v128.store(to, v128.load(from, 32), 32);
      if (vectors > 3) v128.store(to, v128.load(from, 48), 48);
    }
  }
  if (whole == kc) return;
  for (; panels; --panels, src += step, dst += step * kc) {
    for (let at: usize = 0; at < step; at += sizeof<T>()) store<T>(dst + at, load<T>(src + at));
  }
}

/**
 * The source runs along k: squares of 4 × 4 (float64: 2 × 2) are transposed in registers, a cache line of k (64 bytes)
 * for one group of rows after the other, since more rows than the L1 cache has ways may fall on one set. A group is
 * stored as whole vectors even where the panel is not a whole number of vectors wide; what spills lands in the next k's
 * first group, which is stored later, because the groups are done last to first.
 */
function packTransposed<T>(rows: usize, kc: usize, width: usize, src: usize, rs: usize, dst: usize): void {
  const lanes: usize = 16 / sizeof<T>();
  const step = width * sizeof<T>();
  const lastGroup = ((width - 1) / lanes) * lanes;
  const whole = kc & ~(lanes - 1);
  for (let k: usize = 0; k < whole; ) {
    const squares = min<usize>(4, (whole - k) / lanes);
    let group = lastGroup;
    while (true) {
      transposeGroup<T>(
        squares,
        group < rows ? rows - group : 0,
        src + group * rs,
        rs,
        dst + group * sizeof<T>(),
        step,
      );
      if (group == 0) break;
      group -= lanes;
    }
    k += squares * lanes;
    src += squares * 16;
    dst += squares * lanes * step;
  }
  packStrided<T>(rows, whole, kc, width, src, rs, sizeof<T>(), dst);
}

/** `squares` squares of one group of rows, of which the first `rows` exist; the others are zeros. */
function transposeGroup<T>(
  squares: usize,
  rows: usize,
  src: usize,
  rs: usize,
  dst: usize,
  step: usize,
): void {
  const zero = v128.splat<T>(0);
  for (; squares; --squares, src += 16) {
    const r0 = rows > 0 ? v128.load(src) : zero;
    const r1 = rows > 1 ? v128.load(src + rs) : zero;
    if (sizeof<T>() == 8) {
      v128.store(dst, v128.shuffle<f64>(r0, r1, 0, 2));
      v128.store(dst + step, v128.shuffle<f64>(r0, r1, 1, 3));
      dst += 2 * step;
    } else {
      const r2 = rows > 2 ? v128.load(src + 2 * rs) : zero;
      const r3 = rows > 3 ? v128.load(src + 3 * rs) : zero;
      const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      v128.store(dst, v128.shuffle<f64>(low01, low23, 0, 2));
      v128.store(dst + step, v128.shuffle<f64>(low01, low23, 1, 3));
      v128.store(dst + 2 * step, v128.shuffle<f64>(high01, high23, 0, 2));
      v128.store(dst + 3 * step, v128.shuffle<f64>(high01, high23, 1, 3));
      dst += 4 * step;
    }
  }
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

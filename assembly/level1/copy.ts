/** Rows and columns of a square that is copied at a time, so that each cache line touched is used up: 32 × 8 bytes = 4 lines. */
const SQUARE: usize = 32;

/** dst <- src over m × n elements, each side with its own strides (in bytes). The two must not overlap. */
export function copy<T>(
  m: usize,
  n: usize,
  src: usize,
  rss: usize,
  css: usize,
  dst: usize,
  rsd: usize,
  csd: usize,
): void {
  if (css == sizeof<T>() && csd == sizeof<T>()) {
    for (; m; --m, src += rss, dst += rsd) memory.copy(dst, src, n * sizeof<T>());
    return;
  }
  for (let i: usize = 0; i < m; i += SQUARE) {
    for (let j: usize = 0; j < n; j += SQUARE) {
      copySquare<T>(
        min(SQUARE, m - i),
        min(SQUARE, n - j),
        src + i * rss + j * css,
        rss,
        css,
        dst + i * rsd + j * csd,
        rsd,
        csd,
      );
    }
  }
}

function copySquare<T>(
  m: usize,
  n: usize,
  src: usize,
  rss: usize,
  css: usize,
  dst: usize,
  rsd: usize,
  csd: usize,
): void {
  for (; m; --m, src += rss, dst += rsd) {
    let from = src;
    let to = dst;
    for (let j: usize = 0; j < n; ++j, from += css, to += csd) store<T>(to, load<T>(from));
  }
}

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
      const rows = min(SQUARE, m - i);
      const columns = min(SQUARE, n - j);
      const from = src + i * rss + j * css;
      const to = dst + i * rsd + j * csd;
      if (rss == sizeof<T>() && csd == sizeof<T>()) transposeSquare<T>(rows, columns, from, css, to, rsd);
      else if (css == sizeof<T>() && rsd == sizeof<T>())
        transposeSquare<T>(columns, rows, from, rss, to, csd);
      else copySquare<T>(rows, columns, from, rss, css, to, rsd, csd);
    }
  }
}

/** The source's columns are adjacent elements, the destination's rows: squares of 4 × 4 (2 × 2) are transposed in registers. */
function transposeSquare<T>(m: usize, n: usize, src: usize, css: usize, dst: usize, rsd: usize): void {
  const LANES: usize = 16 / sizeof<T>();
  const columns = n & ~(LANES - 1);
  for (; m >= LANES; m -= LANES, src += 16, dst += LANES * rsd) {
    let from = src;
    let to = dst;
    for (let j: usize = 0; j < columns; j += LANES, from += LANES * css, to += 16) {
      const c0 = v128.load(from);
      const c1 = v128.load(from + css);
      if (sizeof<T>() == 8) {
        v128.store(to, v128.shuffle<f64>(c0, c1, 0, 2));
        v128.store(to + rsd, v128.shuffle<f64>(c0, c1, 1, 3));
      } else {
        const c2 = v128.load(from + 2 * css);
        const c3 = v128.load(from + 3 * css);
        const low01 = v128.shuffle<f32>(c0, c1, 0, 4, 1, 5);
        const low23 = v128.shuffle<f32>(c2, c3, 0, 4, 1, 5);
        const high01 = v128.shuffle<f32>(c0, c1, 2, 6, 3, 7);
        const high23 = v128.shuffle<f32>(c2, c3, 2, 6, 3, 7);
        v128.store(to, v128.shuffle<f64>(low01, low23, 0, 2));
        v128.store(to + rsd, v128.shuffle<f64>(low01, low23, 1, 3));
        v128.store(to + 2 * rsd, v128.shuffle<f64>(high01, high23, 0, 2));
        v128.store(to + 3 * rsd, v128.shuffle<f64>(high01, high23, 1, 3));
      }
    }
    copySquare<T>(LANES, n - columns, from, sizeof<T>(), css, to, rsd, sizeof<T>());
  }
  copySquare<T>(m, n, src, sizeof<T>(), css, dst, rsd, sizeof<T>());
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

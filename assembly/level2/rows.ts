import { madd } from "../simd";
import { update } from "./update";

/** Elements of k taken at a time: this piece of x (8 or 16 KiB) stays in the L1 cache while rows of A stream past. */
const PIECE: usize = 2048;
/** Rows whose partial sums wait in scratch while one piece of x is used. */
const ROWS: usize = 32;

/**
 * gemv reading A along its rows. Scratch, in bytes:
 *
 *     0 … 2047            partial sums of 32 rows, 64 bytes each
 *     2048 … 18431        a gathered piece of x, where x is strided
 *     18432 … 34815       a gathered piece of a row, where the row is strided
 */
export function gemvRows<T>(
  m: usize,
  k: usize,
  alpha: T,
  a: usize,
  rsa: usize,
  csa: usize,
  x: usize,
  incx: usize,
  beta: T,
  y: usize,
  incy: usize,
  scratch: usize,
): void {
  const gatheredX = scratch + ROWS * 64;
  const gatheredRow = gatheredX + PIECE * 8;
  for (let i: usize = 0; i < m; i += ROWS) {
    const rows = min(ROWS, m - i);
    memory.fill(scratch, 0, rows * 64);
    for (let p: usize = 0; p < k; p += PIECE) {
      const piece = min(PIECE, k - p);
      let xs = x + p * incx;
      if (incx != sizeof<T>()) {
        gather<T>(piece, xs, incx, gatheredX);
        xs = gatheredX;
      }
      for (let r: usize = 0; r < rows; ++r) {
        let row = a + (i + r) * rsa + p * csa;
        if (csa != sizeof<T>()) {
          gather<T>(piece, row, csa, gatheredRow);
          row = gatheredRow;
        }
        accumulateDot<T>(piece, row, xs, scratch + r * 64);
      }
    }
    for (let r: usize = 0; r < rows; ++r)
      update<T>(y + (i + r) * incy, alpha, total<T>(scratch + r * 64), beta);
  }
}

function gather<T>(count: usize, from: usize, inc: usize, to: usize): void {
  for (; count; --count, from += inc, to += sizeof<T>()) store<T>(to, load<T>(from));
}

/** Adds row · x to the 16 (8) partial sums: four vectors, so that four chains of additions overlap. */
function accumulateDot<T>(count: usize, row: usize, x: usize, sums: usize): void {
  let s0 = v128.load(sums);
  let s1 = v128.load(sums, 16);
  let s2 = v128.load(sums, 32);
  let s3 = v128.load(sums, 48);
  for (; count >= 64 / sizeof<T>(); count -= 64 / sizeof<T>(), row += 64, x += 64) {
    s0 = madd<T>(v128.load(row), v128.load(x), s0);
    s1 = madd<T>(v128.load(row, 16), v128.load(x, 16), s1);
    s2 = madd<T>(v128.load(row, 32), v128.load(x, 32), s2);
    s3 = madd<T>(v128.load(row, 48), v128.load(x, 48), s3);
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
  // The last, partial group, one lane at a time; the other lanes of the vectors are not stored.
  for (; count; --count, row += sizeof<T>(), x += sizeof<T>(), sums += sizeof<T>()) {
    const sum = madd<T>(v128.splat<T>(load<T>(row)), v128.splat<T>(load<T>(x)), v128.splat<T>(load<T>(sums)));
    store<T>(sums, v128.extract_lane<T>(sum, 0));
  }
}

function total<T>(sums: usize): T {
  const t = v128.add<T>(
    v128.add<T>(v128.load(sums), v128.load(sums, 16)),
    v128.add<T>(v128.load(sums, 32), v128.load(sums, 48)),
  );
  const t01 = v128.extract_lane<T>(t, 0) + v128.extract_lane<T>(t, 1);
  if (sizeof<T>() == 8) return t01 as T;
  return (t01 + ((v128.extract_lane<T>(t, 2) + v128.extract_lane<T>(t, 3)) as T)) as T;
}

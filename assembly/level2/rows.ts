import { madd } from "../simd";
import { update } from "./update";

/** Elements of k taken at a time: this piece of x (128 or 256 KiB) stays in the L2 cache while rows of A stream past. */
const PIECE: usize = 32768;
/** The same where the piece must be gathered first, because x or the row is strided. */
const GATHERED: usize = 2048;
/** Bytes of a row from which on three are read side by side. */
const LONG: usize = 8192;
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
  const gatheredRow = gatheredX + GATHERED * 8;
  const most = incx == sizeof<T>() && csa == sizeof<T>() ? PIECE : GATHERED;
  for (let i: usize = 0; i < m; i += ROWS) {
    const rows = min(ROWS, m - i);
    memory.fill(scratch, 0, rows * 64);
    for (let p: usize = 0; p < k; p += most) {
      const piece = min(most, k - p);
      let xs = x + p * incx;
      if (incx != sizeof<T>()) {
        gather<T>(piece, xs, incx, gatheredX);
        xs = gatheredX;
      }
      let r: usize = 0;
      if (csa == sizeof<T>() && piece * sizeof<T>() > LONG) {
        for (; r + 3 <= rows; r += 3) {
          const row = a + (i + r) * rsa + p * csa;
          accumulateThreeDots<T>(piece, row, row + rsa, row + 2 * rsa, xs, scratch + r * 64);
        }
      }
      for (; r < rows; ++r) {
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

/**
 * Three rows at a time: x, which long rows push out of the L1 cache between two uses, is read once for all three. (Rows
 * of up to 8 KiB are read one by one: they leave x in place, and one stream is what the memory fetches ahead best.)
 */
function accumulateThreeDots<T>(
  count: usize,
  row: usize,
  next: usize,
  third: usize,
  x: usize,
  sums: usize,
): void {
  let s0 = v128.load(sums, 0);
  let s1 = v128.load(sums, 16);
  let s2 = v128.load(sums, 32);
  let s3 = v128.load(sums, 48);
  let t0 = v128.load(sums, 64);
  let t1 = v128.load(sums, 80);
  let t2 = v128.load(sums, 96);
  let t3 = v128.load(sums, 112);
  let u0 = v128.load(sums, 128);
  let u1 = v128.load(sums, 144);
  let u2 = v128.load(sums, 160);
  let u3 = v128.load(sums, 176);
  const whole = count & ~(64 / sizeof<T>() - 1);
  const end = x + whole * sizeof<T>();
  for (; x != end; row += 64, next += 64, third += 64, x += 64) {
    const x0 = v128.load(x, 0);
    s0 = madd<T>(v128.load(row, 0), x0, s0);
    t0 = madd<T>(v128.load(next, 0), x0, t0);
    u0 = madd<T>(v128.load(third, 0), x0, u0);
    const x1 = v128.load(x, 16);
    s1 = madd<T>(v128.load(row, 16), x1, s1);
    t1 = madd<T>(v128.load(next, 16), x1, t1);
    u1 = madd<T>(v128.load(third, 16), x1, u1);
    const x2 = v128.load(x, 32);
    s2 = madd<T>(v128.load(row, 32), x2, s2);
    t2 = madd<T>(v128.load(next, 32), x2, t2);
    u2 = madd<T>(v128.load(third, 32), x2, u2);
    const x3 = v128.load(x, 48);
    s3 = madd<T>(v128.load(row, 48), x3, s3);
    t3 = madd<T>(v128.load(next, 48), x3, t3);
    u3 = madd<T>(v128.load(third, 48), x3, u3);
  }
  v128.store(sums, s0, 0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
  v128.store(sums, t0, 64);
  v128.store(sums, t1, 80);
  v128.store(sums, t2, 96);
  v128.store(sums, t3, 112);
  v128.store(sums, u0, 128);
  v128.store(sums, u1, 144);
  v128.store(sums, u2, 160);
  v128.store(sums, u3, 176);
  accumulateDot<T>(count - whole, row, x, sums);
  accumulateDot<T>(count - whole, next, x, sums + 64);
  accumulateDot<T>(count - whole, third, x, sums + 128);
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

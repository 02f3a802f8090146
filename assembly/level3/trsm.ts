import { madd } from "../simd";

/**
 * The base case of every triangular solve: T X = B, X in place of B, T lower triangular of order n, B n × r with adjacent
 * columns. Upper ones are lower from their last row and column on (negative strides), transposed ones have their strides
 * exchanged, and solves from the right are solves from the left of the transpose: src/ops/triangular.ts.
 *
 *     t + ⌊i / 4⌋·pst + (i mod 4)·rst + p·cst:  element (i, p), p ≤ i       b + i·rsb: row i
 *
 * With pst = 4·rst T lies in place; it may also be packed in micropanels of 4 rows. The diagonal is not read if `unit`, what lies
 * above it never. Each element: x = b − Σ t·x in increasing p, by madd; then divided by the diagonal. So its bits depend on
 * nothing but its column: neither on the strips below nor on their widths.
 */
export function trsm<T>(
  n: usize,
  r: usize,
  t: usize,
  rst: usize,
  cst: usize,
  pst: usize,
  unit: bool,
  b: usize,
  rsb: usize,
): void {
  for (; r >= 32 / sizeof<T>(); r -= 32 / sizeof<T>(), b += 32) wide<T>(n, t, rst, cst, pst, unit, b, rsb);
  for (; r; --r, b += sizeof<T>()) narrow<T>(n, t, rst, cst, pst, unit, b, rsb);
}

/** Divided by the diagonal, but for a unit one. */
function finish<T>(x: v128, diagonal: usize, unit: bool): v128 {
  return unit ? x : v128.div<T>(x, v128.load_splat<T>(diagonal));
}

/** Columns as wide as two vectors: four rows at a time, eight accumulators. */
function wide<T>(
  n: usize,
  t: usize,
  rst: usize,
  cst: usize,
  pst: usize,
  unit: bool,
  b: usize,
  rsb: usize,
): void {
  let row = b;
  let i: usize = 0;
  for (; i + 4 <= n; i += 4, t += pst) {
    const row1 = row + rsb;
    const row2 = row1 + rsb;
    const row3 = row2 + rsb;
    let c00 = v128.load(row);
    let c01 = v128.load(row, 16);
    let c10 = v128.load(row1);
    let c11 = v128.load(row1, 16);
    let c20 = v128.load(row2);
    let c21 = v128.load(row2, 16);
    let c30 = v128.load(row3);
    let c31 = v128.load(row3, 16);
    let t0 = t;
    let x = b;
    for (; x != row; x += rsb, t0 += cst) {
      const x0 = v128.neg<T>(v128.load(x));
      const x1 = v128.neg<T>(v128.load(x, 16));
      const s0 = v128.load_splat<T>(t0);
      c00 = madd<T>(s0, x0, c00);
      c01 = madd<T>(s0, x1, c01);
      const s1 = v128.load_splat<T>(t0 + rst);
      c10 = madd<T>(s1, x0, c10);
      c11 = madd<T>(s1, x1, c11);
      const s2 = v128.load_splat<T>(t0 + 2 * rst);
      c20 = madd<T>(s2, x0, c20);
      c21 = madd<T>(s2, x1, c21);
      const s3 = v128.load_splat<T>(t0 + 3 * rst);
      c30 = madd<T>(s3, x0, c30);
      c31 = madd<T>(s3, x1, c31);
    }
    const t1 = t0 + rst;
    const t2 = t1 + rst;
    const t3 = t2 + rst;
    const x00 = finish<T>(c00, t0, unit);
    const x01 = finish<T>(c01, t0, unit);
    v128.store(row, x00);
    v128.store(row, x01, 16);
    const s10 = v128.neg<T>(v128.load_splat<T>(t1));
    const x10 = finish<T>(madd<T>(s10, x00, c10), t1 + cst, unit);
    const x11 = finish<T>(madd<T>(s10, x01, c11), t1 + cst, unit);
    v128.store(row1, x10);
    v128.store(row1, x11, 16);
    const s20 = v128.neg<T>(v128.load_splat<T>(t2));
    const s21 = v128.neg<T>(v128.load_splat<T>(t2 + cst));
    c20 = madd<T>(s21, x10, madd<T>(s20, x00, c20));
    c21 = madd<T>(s21, x11, madd<T>(s20, x01, c21));
    const x20 = finish<T>(c20, t2 + 2 * cst, unit);
    const x21 = finish<T>(c21, t2 + 2 * cst, unit);
    v128.store(row2, x20);
    v128.store(row2, x21, 16);
    const s30 = v128.neg<T>(v128.load_splat<T>(t3));
    const s31 = v128.neg<T>(v128.load_splat<T>(t3 + cst));
    const s32 = v128.neg<T>(v128.load_splat<T>(t3 + 2 * cst));
    c30 = madd<T>(s32, x20, madd<T>(s31, x10, madd<T>(s30, x00, c30)));
    c31 = madd<T>(s32, x21, madd<T>(s31, x11, madd<T>(s30, x01, c31)));
    v128.store(row3, finish<T>(c30, t3 + 3 * cst, unit));
    v128.store(row3, finish<T>(c31, t3 + 3 * cst, unit), 16);
    row = row3 + rsb;
  }
  for (; i < n; ++i, t += rst, row += rsb) {
    oneRow<T, v128>(t, cst, unit, b, row, rsb, 0);
    oneRow<T, v128>(t, cst, unit, b, row, rsb, 16);
  }
}

/** One column. Four rows at a time, so that four chains of additions overlap. */
function narrow<T>(
  n: usize,
  t: usize,
  rst: usize,
  cst: usize,
  pst: usize,
  unit: bool,
  b: usize,
  rsb: usize,
): void {
  let row = b;
  let i: usize = 0;
  for (; i + 4 <= n; i += 4, t += pst) {
    let c0 = v128.load_splat<T>(row);
    let c1 = v128.load_splat<T>(row + rsb);
    let c2 = v128.load_splat<T>(row + 2 * rsb);
    let c3 = v128.load_splat<T>(row + 3 * rsb);
    let t0 = t;
    let x = b;
    for (; x != row; x += rsb, t0 += cst) {
      const x0 = v128.neg<T>(v128.load_splat<T>(x));
      c0 = madd<T>(v128.load_splat<T>(t0), x0, c0);
      c1 = madd<T>(v128.load_splat<T>(t0 + rst), x0, c1);
      c2 = madd<T>(v128.load_splat<T>(t0 + 2 * rst), x0, c2);
      c3 = madd<T>(v128.load_splat<T>(t0 + 3 * rst), x0, c3);
    }
    put<T, T>(row, c0);
    put<T, T>(row + rsb, c1);
    put<T, T>(row + 2 * rsb, c2);
    put<T, T>(row + 3 * rsb, c3);
    const corner = row;
    for (let r = 4; r; --r, t0 += rst, row += rsb) oneRow<T, T>(t0, cst, unit, corner, row, rsb, 0);
  }
  for (; i < n; ++i, t += rst, row += rsb) oneRow<T, T>(t, cst, unit, b, row, rsb, 0);
}

/**
 * One row, of columns as wide as W, a vector or an element of T, `at` bytes from the first: minus Σ t·x over the rows from x to it,
 * t the element that belongs to x.
 */
function oneRow<T, W>(t: usize, cst: usize, unit: bool, x: usize, row: usize, rsb: usize, at: usize): void {
  let acc = get<T, W>(row + at);
  for (; x != row; x += rsb, t += cst) {
    acc = madd<T>(v128.neg<T>(v128.load_splat<T>(t)), get<T, W>(x + at), acc);
  }
  put<T, W>(row + at, finish<T>(acc, t, unit));
}

function get<T, W>(at: usize): v128 {
  return sizeof<W>() == 16 ? v128.load(at) : v128.load_splat<T>(at);
}

function put<T, W>(at: usize, value: v128): void {
  if (sizeof<W>() == 16) v128.store(at, value);
  else store<T>(at, v128.extract_lane<T>(value, 0));
}

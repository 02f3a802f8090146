import { madd } from "../simd";

/** Columns factored one after the other, when all that the columns before them do to them has been done to them at once. */
const GROUP: usize = 4;

/**
 * LU factorization with partial pivoting of m rows × n ≤ m columns whose rows are adjacent: a column is contiguous, the next lies
 * csa bytes on. L (unit lower) and U take A's place: a panel of the recursion in src/ops/getrf.ts.
 *
 * piv[j] <- row0 + the row exchanged with row j, and rows of these n columns are exchanged. Returns 0, or k + 1 for the first pivot
 * k that is exactly 0, whose column is left as it is (LAPACK's info).
 *
 * Each element gets what the columns before do to it in increasing order, by madd. A pivot is the first element of the largest
 * magnitude (BLAS's iamax); a NaN is never chosen while there is a number but 0. Multipliers are made by the pivot's reciprocal where that
 * is finite, as in LAPACK.
 */
export function getf2<T>(m: usize, n: usize, a: usize, csa: usize, piv: usize, row0: usize): i32 {
  let info = 0;
  for (let first: usize = 0; first < n; first += GROUP) {
    const width = min(GROUP, n - first);
    let column = a + first * csa;
    if (first) update<T>(m, first, width, a, csa, column);
    const end = first + width;
    for (let j = first; j < end; ++j, column += csa) {
      const diagonal = column + j * sizeof<T>();
      const p = iamax<T>(m - j, diagonal);
      store<i32>(piv + 4 * j, (row0 + j + p) as i32);
      if (p) swap<T>(n, a + j * sizeof<T>(), p * sizeof<T>(), csa);
      const pivot = load<T>(diagonal);
      if (pivot == 0 && info == 0) info = (j + 1) as i32;
      eliminate<T>(m - j - 1, pivot, end - j - 1, diagonal + sizeof<T>(), csa);
    }
  }
  return info;
}

/**
 * What the first k columns do to the `width` columns from c0 on: the triangle on L's top solved in their first k rows, row block by row
 * block, and the product subtracted from the others. Blocks are two vectors high: eight accumulators.
 */
function update<T>(m: usize, k: usize, width: usize, a: usize, csa: usize, c0: usize): void {
  const HEIGHT: usize = 32 / sizeof<T>();
  // Columns that there are not are the last one again: it is stored twice.
  const c1 = width > 1 ? c0 + csa : c0;
  const c2 = width > 2 ? c1 + csa : c1;
  const c3 = width > 3 ? c2 + csa : c2;
  let i: usize = 0;
  for (; i + HEIGHT <= m; i += HEIGHT) {
    const at = i * sizeof<T>();
    let s00 = v128.load(c0 + at);
    let s01 = v128.load(c0 + at, 16);
    let s10 = v128.load(c1 + at);
    let s11 = v128.load(c1 + at, 16);
    let s20 = v128.load(c2 + at);
    let s21 = v128.load(c2 + at, 16);
    let s30 = v128.load(c3 + at);
    let s31 = v128.load(c3 + at, 16);
    let l = a + at;
    const end = min(i, k) * sizeof<T>();
    for (let p: usize = 0; p != end; p += sizeof<T>(), l += csa) {
      const l0 = v128.neg<T>(v128.load(l));
      const l1 = v128.neg<T>(v128.load(l, 16));
      const u0 = v128.load_splat<T>(c0 + p);
      s00 = madd<T>(l0, u0, s00);
      s01 = madd<T>(l1, u0, s01);
      const u1 = v128.load_splat<T>(c1 + p);
      s10 = madd<T>(l0, u1, s10);
      s11 = madd<T>(l1, u1, s11);
      const u2 = v128.load_splat<T>(c2 + p);
      s20 = madd<T>(l0, u2, s20);
      s21 = madd<T>(l1, u2, s21);
      const u3 = v128.load_splat<T>(c3 + p);
      s30 = madd<T>(l0, u3, s30);
      s31 = madd<T>(l1, u3, s31);
    }
    v128.store(c0 + at, s00);
    v128.store(c0 + at, s01, 16);
    v128.store(c1 + at, s10);
    v128.store(c1 + at, s11, 16);
    v128.store(c2 + at, s20);
    v128.store(c2 + at, s21, 16);
    v128.store(c3 + at, s30);
    v128.store(c3 + at, s31, 16);
    // Of a block across the triangle's diagonal what lies within it.
    if (i < k) for (let r = i + 1; r < i + HEIGHT; ++r) reduce<T>(r, i, min(r, k), width, a, csa, c0);
  }
  for (; i < m; ++i) reduce<T>(i, 0, min(i, k), width, a, csa, c0);
}

/** One row of `width` columns: minus Σ l·u over columns begin … end − 1. */
function reduce<T>(row: usize, begin: usize, end: usize, width: usize, a: usize, csa: usize, c: usize): void {
  for (; width; --width, c += csa) {
    const target = c + row * sizeof<T>();
    let acc = v128.load_splat<T>(target);
    let l = a + row * sizeof<T>() + begin * csa;
    for (let p = begin; p < end; ++p, l += csa) {
      acc = madd<T>(v128.neg<T>(v128.load_splat<T>(l)), v128.load_splat<T>(c + p * sizeof<T>()), acc);
    }
    store<T>(target, v128.extract_lane<T>(acc, 0));
  }
}

/** m multipliers x /= pivot, and what they do to the `rest` columns on their right (at most 3), whose row above them is u. */
function eliminate<T>(m: usize, pivot: T, rest: usize, x: usize, csa: usize): void {
  const LANES: usize = 16 / sizeof<T>();
  const least = sizeof<T>() == 4 ? (f32.MIN_NORMAL_VALUE as T) : (f64.MIN_NORMAL_VALUE as T);
  let reciprocal = 1 as T;
  if (abs<T>(pivot) >= least) reciprocal = ((1 as T) / pivot) as T;
  else if (pivot != 0) {
    for (let i: usize = 0; i < m; ++i)
      store<T>(x + i * sizeof<T>(), (load<T>(x + i * sizeof<T>()) / pivot) as T);
  }
  const factor = v128.splat<T>(reciprocal);
  const x1 = rest > 0 ? x + csa : x;
  const x2 = rest > 1 ? x1 + csa : x1;
  const x3 = rest > 2 ? x2 + csa : x2;
  const u1 = v128.neg<T>(v128.load_splat<T>(x1 - sizeof<T>()));
  const u2 = v128.neg<T>(v128.load_splat<T>(x2 - sizeof<T>()));
  const u3 = v128.neg<T>(v128.load_splat<T>(x3 - sizeof<T>()));
  const end = m * sizeof<T>();
  let i: usize = 0;
  for (; i + 16 <= end; i += 16) {
    const l = v128.mul<T>(factor, v128.load(x + i));
    v128.store(x + i, l);
    if (rest > 0) v128.store(x1 + i, madd<T>(l, u1, v128.load(x1 + i)));
    if (rest > 1) v128.store(x2 + i, madd<T>(l, u2, v128.load(x2 + i)));
    if (rest > 2) v128.store(x3 + i, madd<T>(l, u3, v128.load(x3 + i)));
  }
  for (; i < end; i += sizeof<T>()) {
    const l = v128.mul<T>(factor, v128.load_splat<T>(x + i));
    store<T>(x + i, v128.extract_lane<T>(l, 0));
    if (rest > 0) subtract<T>(l, u1, x1 + i);
    if (rest > 1) subtract<T>(l, u2, x2 + i);
    if (rest > 2) subtract<T>(l, u3, x3 + i);
  }
}

function subtract<T>(l: v128, u: v128, at: usize): void {
  store<T>(at, v128.extract_lane<T>(madd<T>(l, u, v128.load_splat<T>(at)), 0));
}

/** The first of m adjacent elements of the largest magnitude; of nothing but 0 and NaN the first NaN: nobody knows it to be 0. */
function iamax<T>(m: usize, x: usize): usize {
  const LANES: usize = 16 / sizeof<T>();
  const none = v128.splat<T>(-1 as T);
  // pmax(a, b) is a < b ? b : a, so that a NaN never takes over.
  let most0 = none;
  let most1 = none;
  let i: usize = 0;
  for (; i + 2 * LANES <= m; i += 2 * LANES) {
    most0 = v128.pmax<T>(most0, v128.abs<T>(v128.load(x + i * sizeof<T>())));
    most1 = v128.pmax<T>(most1, v128.abs<T>(v128.load(x + i * sizeof<T>(), 16)));
  }
  for (; i < m; ++i) most0 = v128.pmax<T>(most0, v128.abs<T>(v128.load_splat<T>(x + i * sizeof<T>())));
  most0 = v128.pmax<T>(most0, most1);
  if (sizeof<T>() == 4) most0 = v128.pmax<T>(most0, v128.shuffle<f32>(most0, most0, 2, 3, 0, 1));
  const other =
    sizeof<T>() == 4 ? v128.shuffle<f32>(most0, most0, 1, 0, 3, 2) : v128.shuffle<f64>(most0, most0, 1, 0);
  most0 = v128.pmax<T>(most0, other);

  const most = v128.extract_lane<T>(most0, 0);
  if (most <= 0) {
    for (i = 0; i < m; ++i) {
      const value = load<T>(x + i * sizeof<T>());
      if (value != value) return i;
    }
  }
  for (i = 0; i + LANES <= m; i += LANES) {
    if (v128.any_true(v128.eq<T>(most0, v128.abs<T>(v128.load(x + i * sizeof<T>()))))) break;
  }
  for (; i < m; ++i) if (abs<T>(load<T>(x + i * sizeof<T>())) == most) return i;
  return 0;
}

/** Exchanges a row with the one `far` bytes on. */
function swap<T>(n: usize, row: usize, far: usize, csa: usize): void {
  for (; n; --n, row += csa) {
    const value = load<T>(row);
    store<T>(row, load<T>(row + far));
    store<T>(row + far, value);
  }
}

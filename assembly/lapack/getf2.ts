import { madd } from "../simd";

/**
 * LU factorization with partial pivoting of m rows × n columns whose rows are adjacent (a column is contiguous, the next lies csa
 * bytes on), for few columns: the leaf of the recursion in src/ops/getrf.ts. L (unit lower) and U take A's place.
 *
 * piv[j] <- row0 + the row exchanged with row j, and rows of these n columns are exchanged. Returns 0, or k + 1 for the first
 * pivot k that is exactly 0, whose column is left as it is (LAPACK's info).
 *
 * Left-looking: column j gets all of what the columns before it do to it, in increasing order, by madd; then its pivot is
 * sought: the first element of the largest magnitude (BLAS's iamax). A NaN is never chosen while there is a number.
 */
export function getf2<T>(m: usize, n: usize, a: usize, csa: usize, piv: usize, row0: usize): i32 {
  let info = 0;
  let column = a;
  for (let j: usize = 0; j < n; ++j, column += csa) {
    const top = min(j, m);
    for (let i: usize = 1; i < top; ++i) reduce<T>(a + i * sizeof<T>(), csa, column, i);
    if (j >= m) continue;
    update<T>(m - j, j, a + j * sizeof<T>(), csa, column);
    const diagonal = column + j * sizeof<T>();
    const p = iamax<T>(m - j, diagonal);
    store<i32>(piv + 4 * j, (row0 + j + p) as i32);
    if (p) swap<T>(n, a + j * sizeof<T>(), p * sizeof<T>(), csa);
    const pivot = load<T>(diagonal);
    if (pivot == 0) {
      if (info == 0) info = (j + 1) as i32;
    } else {
      scale<T>(m - j - 1, diagonal + sizeof<T>(), pivot);
    }
  }
  return info;
}

/** y[i] −= Σ l[p]·y[p], p < i: a row of the unit lower triangle, and what lies above element i of a column. */
function reduce<T>(l: usize, csl: usize, y: usize, i: usize): void {
  let acc = v128.neg<T>(v128.load_splat<T>(y + i * sizeof<T>()));
  const end = y + i * sizeof<T>();
  for (; y != end; y += sizeof<T>(), l += csl) {
    acc = madd<T>(v128.load_splat<T>(l), v128.load_splat<T>(y), acc);
  }
  store<T>(y, v128.extract_lane<T>(v128.neg<T>(acc), 0));
}

/** y −= L u: y the m elements of a column below its first k, which are u, L the m × k elements on their left. */
function update<T>(m: usize, k: usize, l: usize, csl: usize, u: usize): void {
  const y = u + k * sizeof<T>();
  for (; k >= 4; k -= 4, l += 4 * csl, u += 4 * sizeof<T>()) {
    const u0 = v128.neg<T>(v128.load_splat<T>(u));
    const u1 = v128.neg<T>(v128.load_splat<T>(u + sizeof<T>()));
    const u2 = v128.neg<T>(v128.load_splat<T>(u + 2 * sizeof<T>()));
    const u3 = v128.neg<T>(v128.load_splat<T>(u + 3 * sizeof<T>()));
    let l0 = l;
    let l1 = l0 + csl;
    let l2 = l1 + csl;
    let l3 = l2 + csl;
    let to = y;
    let left = m;
    for (; left >= 16 / sizeof<T>(); left -= 16 / sizeof<T>()) {
      let acc = madd<T>(v128.load(l0), u0, v128.load(to));
      acc = madd<T>(v128.load(l1), u1, acc);
      acc = madd<T>(v128.load(l2), u2, acc);
      v128.store(to, madd<T>(v128.load(l3), u3, acc));
      l0 += 16;
      l1 += 16;
      l2 += 16;
      l3 += 16;
      to += 16;
    }
    for (; left; --left, to += sizeof<T>()) {
      let acc = madd<T>(v128.load_splat<T>(l0), u0, v128.load_splat<T>(to));
      acc = madd<T>(v128.load_splat<T>(l1), u1, acc);
      acc = madd<T>(v128.load_splat<T>(l2), u2, acc);
      store<T>(to, v128.extract_lane<T>(madd<T>(v128.load_splat<T>(l3), u3, acc), 0));
      l0 += sizeof<T>();
      l1 += sizeof<T>();
      l2 += sizeof<T>();
      l3 += sizeof<T>();
    }
  }
  for (; k; --k, l += csl, u += sizeof<T>()) {
    const u0 = v128.neg<T>(v128.load_splat<T>(u));
    let from = l;
    let to = y;
    let left = m;
    for (; left >= 16 / sizeof<T>(); left -= 16 / sizeof<T>(), from += 16, to += 16) {
      v128.store(to, madd<T>(v128.load(from), u0, v128.load(to)));
    }
    for (; left; --left, from += sizeof<T>(), to += sizeof<T>()) {
      const acc = madd<T>(v128.load_splat<T>(from), u0, v128.load_splat<T>(to));
      store<T>(to, v128.extract_lane<T>(acc, 0));
    }
  }
}

/** The first of m adjacent elements of the largest magnitude; 0 if all are NaN. */
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

  for (i = 0; i + LANES <= m; i += LANES) {
    if (v128.any_true(v128.eq<T>(most0, v128.abs<T>(v128.load(x + i * sizeof<T>()))))) break;
  }
  const most = v128.extract_lane<T>(most0, 0);
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

/** x /= pivot: by its reciprocal where that is finite, as LAPACK does. */
function scale<T>(m: usize, x: usize, pivot: T): void {
  const LANES: usize = 16 / sizeof<T>();
  const least = sizeof<T>() == 4 ? (f32.MIN_NORMAL_VALUE as T) : (f64.MIN_NORMAL_VALUE as T);
  if (abs<T>(pivot) >= least) {
    const reciprocal = ((1 as T) / pivot) as T;
    const factor = v128.splat<T>(reciprocal);
    for (; m >= LANES; m -= LANES, x += 16) v128.store(x, v128.mul<T>(factor, v128.load(x)));
    for (; m; --m, x += sizeof<T>()) store<T>(x, (reciprocal * load<T>(x)) as T);
  } else {
    for (; m; --m, x += sizeof<T>()) store<T>(x, (load<T>(x) / pivot) as T);
  }
}

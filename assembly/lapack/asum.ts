/** sums[j] += Σ |a(i, j)| over the m rows of A, n columns at any strides (in bytes): of a 1-norm, in pieces of rows. */
export function asum<T>(m: usize, n: usize, a: usize, rsa: usize, csa: usize, sums: usize): void {
  const LANES: usize = 16 / sizeof<T>();
  const whole = csa == sizeof<T>() ? n & ~(LANES - 1) : 0;
  for (; m; --m, a += rsa) {
    let from = a;
    let to = sums;
    let j: usize = 0;
    for (; j < whole; j += LANES, from += 16, to += 16) {
      v128.store(to, v128.add<T>(v128.load(to), v128.abs<T>(v128.load(from))));
    }
    for (; j < n; ++j, from += csa, to += sizeof<T>()) {
      store<T>(to, (load<T>(to) + abs<T>(load<T>(from))) as T);
    }
  }
}

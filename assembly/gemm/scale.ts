/**
 * C <- beta C over m × n elements at any strides (in bytes). beta = 0 writes zeros and reads nothing, so NaN in C does
 * not survive it; beta = 1 must not be asked for (there is nothing to do).
 */
export function scale<T>(m: usize, n: usize, beta: T, c: usize, rsc: usize, csc: usize): void {
  const whole = csc == sizeof<T>() ? n & ~(16 / sizeof<T>() - 1) : 0;
  // beta = −0 is 0, too, and what it leaves is +0.
  const factor = v128.splat<T>(beta == 0 ? (0 as T) : beta);
  for (; m; --m, c += rsc) {
    let p = c;
    let j: usize = 0;
    for (; j < whole; j += 16 / sizeof<T>(), p += 16) {
      v128.store(p, beta == 0 ? factor : v128.mul<T>(factor, v128.load(p)));
    }
    for (; j < n; ++j, p += csc) store<T>(p, beta == 0 ? (0 as T) : ((beta * load<T>(p)) as T));
  }
}

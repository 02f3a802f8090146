import { gemvColumns } from "./columns";
import { gemvRows } from "./rows";

/**
 * y <- alpha A x + beta y, A (m × k) at any strides (in bytes): the path of every product with m = 1 or n = 1. It is
 * bound by memory, so A is read once, along whichever stride is adjacent.
 *
 * Order of summation (float32; float64 has 8 partial sums where float32 has 16): element p of the sum over k goes to
 * partial sum p mod 16, in increasing p. With partial sums s0 … s15 and t_l = (s_l + s_4+l) + (s_8+l + s_12+l), the sum is
 * (t0 + t1) + (t2 + t3). Both readings of A below add in exactly this order: bits do not depend on strides.
 */
export function gemv<T>(
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
  if (rsa == sizeof<T>() && csa != sizeof<T>())
    gemvColumns<T>(m, k, alpha, a, csa, x, incx, beta, y, incy, scratch);
  else gemvRows<T>(m, k, alpha, a, rsa, csa, x, incx, beta, y, incy, scratch);
}

/** Bytes of a row exchanged at a time, so that rows exchanged several times are still in the L2 cache. */
const STRIP: usize = 2048;

/**
 * LAPACK's laswp: exchanges row i of A (n columns, any strides in bytes) with row piv[i] (int32, from 0), for i = first … last − 1
 * in this order, or, `backward`, from last − 1 down: which undoes the other.
 */
export function laswp<T>(
  n: usize,
  a: usize,
  rsa: usize,
  csa: usize,
  piv: usize,
  first: usize,
  last: usize,
  backward: bool,
): void {
  if (csa != sizeof<T>()) {
    // Column by column: where rows are adjacent, a column stays in the L1 cache.
    for (; n; --n, a += csa) {
      for (let k = first; k < last; ++k) {
        const i = backward ? first + last - 1 - k : k;
        const one = a + i * rsa;
        const other = a + (load<i32>(piv + 4 * i) as usize) * rsa;
        const value = load<T>(one);
        store<T>(one, load<T>(other));
        store<T>(other, value);
      }
    }
    return;
  }
  let bytes = n * sizeof<T>();
  for (; bytes; ) {
    const strip = min(bytes, STRIP);
    for (let k = first; k < last; ++k) {
      const i = backward ? first + last - 1 - k : k;
      const p = load<i32>(piv + 4 * i) as usize;
      if (p != i) exchange<T>(strip, a + i * rsa, a + p * rsa);
    }
    a += strip;
    bytes -= strip;
  }
}

function exchange<T>(bytes: usize, one: usize, other: usize): void {
  for (; bytes >= 16; bytes -= 16, one += 16, other += 16) {
    const value = v128.load(one);
    v128.store(one, v128.load(other));
    v128.store(other, value);
  }
  for (; bytes; bytes -= sizeof<T>(), one += sizeof<T>(), other += sizeof<T>()) {
    const value = load<T>(one);
    store<T>(one, load<T>(other));
    store<T>(other, value);
  }
}

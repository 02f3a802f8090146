// STREAM's four kernels (J. McCalpin, https://www.cs.virginia.edu/stream/). Addresses and lengths are in bytes; an array has whole
// vectors. Copying is a loop like the others: memory.copy is slower than it on V8 (21 GB/s beside 24 on Zen 4).

import { madd } from "../../assembly/simd";

/** Bytes of a turn: a cache line. */
const LINE: usize = 64;

/** c <- a */
export function copy(a: usize, c: usize, bytes: usize): void {
  const end = c + bytes;
  for (const lines = c + (bytes / LINE) * LINE; c != lines; a += LINE, c += LINE) {
    const x0 = v128.load(a);
    const x1 = v128.load(a, 16);
    const x2 = v128.load(a, 32);
    const x3 = v128.load(a, 48);
    v128.store(c, x0);
    v128.store(c, x1, 16);
    v128.store(c, x2, 32);
    v128.store(c, x3, 48);
  }
  for (; c != end; a += 16, c += 16) v128.store(c, v128.load(a));
}

/** b <- q c */
export function scale<T>(q: T, c: usize, b: usize, bytes: usize): void {
  const s = v128.splat<T>(q);
  const end = b + bytes;
  for (const lines = b + (bytes / LINE) * LINE; b != lines; c += LINE, b += LINE) {
    const x0 = v128.mul<T>(s, v128.load(c));
    const x1 = v128.mul<T>(s, v128.load(c, 16));
    const x2 = v128.mul<T>(s, v128.load(c, 32));
    const x3 = v128.mul<T>(s, v128.load(c, 48));
    v128.store(b, x0);
    v128.store(b, x1, 16);
    v128.store(b, x2, 32);
    v128.store(b, x3, 48);
  }
  for (; b != end; c += 16, b += 16) v128.store(b, v128.mul<T>(s, v128.load(c)));
}

/** c <- a + b */
export function add<T>(a: usize, b: usize, c: usize, bytes: usize): void {
  const end = c + bytes;
  for (const lines = c + (bytes / LINE) * LINE; c != lines; a += LINE, b += LINE, c += LINE) {
    const x0 = v128.add<T>(v128.load(a), v128.load(b));
    const x1 = v128.add<T>(v128.load(a, 16), v128.load(b, 16));
    const x2 = v128.add<T>(v128.load(a, 32), v128.load(b, 32));
    const x3 = v128.add<T>(v128.load(a, 48), v128.load(b, 48));
    v128.store(c, x0);
    v128.store(c, x1, 16);
    v128.store(c, x2, 32);
    v128.store(c, x3, 48);
  }
  for (; c != end; a += 16, b += 16, c += 16) v128.store(c, v128.add<T>(v128.load(a), v128.load(b)));
}

/** a <- b + q c */
export function triad<T>(q: T, b: usize, c: usize, a: usize, bytes: usize): void {
  const s = v128.splat<T>(q);
  const end = a + bytes;
  for (const lines = a + (bytes / LINE) * LINE; a != lines; b += LINE, c += LINE, a += LINE) {
    const x0 = madd<T>(s, v128.load(c), v128.load(b));
    const x1 = madd<T>(s, v128.load(c, 16), v128.load(b, 16));
    const x2 = madd<T>(s, v128.load(c, 32), v128.load(b, 32));
    const x3 = madd<T>(s, v128.load(c, 48), v128.load(b, 48));
    v128.store(a, x0);
    v128.store(a, x1, 16);
    v128.store(a, x2, 32);
    v128.store(a, x3, 48);
  }
  for (; a != end; b += 16, c += 16, a += 16) v128.store(a, madd<T>(s, v128.load(c), v128.load(b)));
}

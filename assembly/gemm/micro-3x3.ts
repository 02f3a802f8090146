import { madd } from "../simd";
import { runMacro, runMicro } from "./macro";
import { runSmall } from "./small";

/**
 * C tile of 3 rows × 3 vectors: 9 accumulators, 9 + 3 + 1 registers live.
 * Best strict tile on Node 24 and newer, best relaxed tile on Node 20.
 */
class Micro3x3<T> {
  rows(): usize {
    return 3;
  }

  vectors(): usize {
    return 3;
  }

  /** The contract of every micro-kernel is in ../README.md. */
  run(
    kc: usize,
    a: usize,
    rsa: usize,
    csa: usize,
    b: usize,
    rsb: usize,
    c: usize,
    rsc: usize,
    alpha: T,
    accumulate: bool,
  ): void {
    let c00 = v128.splat<T>(0);
    let c01 = v128.splat<T>(0);
    let c02 = v128.splat<T>(0);
    let c10 = v128.splat<T>(0);
    let c11 = v128.splat<T>(0);
    let c12 = v128.splat<T>(0);
    let c20 = v128.splat<T>(0);
    let c21 = v128.splat<T>(0);
    let c22 = v128.splat<T>(0);

    let a1 = a + rsa;
    let a2 = a1 + rsa;

    const end = b + kc * rsb;
    while (b != end) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const s0 = v128.load_splat<T>(a);
      c00 = madd<T>(s0, b0, c00);
      c01 = madd<T>(s0, b1, c01);
      c02 = madd<T>(s0, b2, c02);
      const s1 = v128.load_splat<T>(a1);
      c10 = madd<T>(s1, b0, c10);
      c11 = madd<T>(s1, b1, c11);
      c12 = madd<T>(s1, b2, c12);
      const s2 = v128.load_splat<T>(a2);
      c20 = madd<T>(s2, b0, c20);
      c21 = madd<T>(s2, b1, c21);
      c22 = madd<T>(s2, b2, c22);
      a += csa;
      a1 += csa;
      a2 += csa;
      b += rsb;
    }

    const s = v128.splat<T>(alpha);
    if (accumulate) {
      c00 = v128.add<T>(v128.load(c), v128.mul<T>(s, c00));
      c01 = v128.add<T>(v128.load(c, 16), v128.mul<T>(s, c01));
      c02 = v128.add<T>(v128.load(c, 32), v128.mul<T>(s, c02));
      v128.store(c, c00);
      v128.store(c, c01, 16);
      v128.store(c, c02, 32);
      c += rsc;
      c10 = v128.add<T>(v128.load(c), v128.mul<T>(s, c10));
      c11 = v128.add<T>(v128.load(c, 16), v128.mul<T>(s, c11));
      c12 = v128.add<T>(v128.load(c, 32), v128.mul<T>(s, c12));
      v128.store(c, c10);
      v128.store(c, c11, 16);
      v128.store(c, c12, 32);
      c += rsc;
      c20 = v128.add<T>(v128.load(c), v128.mul<T>(s, c20));
      c21 = v128.add<T>(v128.load(c, 16), v128.mul<T>(s, c21));
      c22 = v128.add<T>(v128.load(c, 32), v128.mul<T>(s, c22));
      v128.store(c, c20);
      v128.store(c, c21, 16);
      v128.store(c, c22, 32);
    } else {
      c00 = v128.mul<T>(s, c00);
      c01 = v128.mul<T>(s, c01);
      c02 = v128.mul<T>(s, c02);
      v128.store(c, c00);
      v128.store(c, c01, 16);
      v128.store(c, c02, 32);
      c += rsc;
      c10 = v128.mul<T>(s, c10);
      c11 = v128.mul<T>(s, c11);
      c12 = v128.mul<T>(s, c12);
      v128.store(c, c10);
      v128.store(c, c11, 16);
      v128.store(c, c12, 32);
      c += rsc;
      c20 = v128.mul<T>(s, c20);
      c21 = v128.mul<T>(s, c21);
      c22 = v128.mul<T>(s, c22);
      v128.store(c, c20);
      v128.store(c, c21, 16);
      v128.store(c, c22, 32);
    }
  }
}

export function micro_3x3_f32(job: usize): void {
  runMicro<Micro3x3<f32>, f32>(job);
}

export function macro_3x3_f32(job: usize): void {
  runMacro<Micro3x3<f32>, f32>(job);
}

export function small_3x3_f32(job: usize): void {
  runSmall<Micro3x3<f32>, f32>(job);
}

export function micro_3x3_f64(job: usize): void {
  runMicro<Micro3x3<f64>, f64>(job);
}

export function macro_3x3_f64(job: usize): void {
  runMacro<Micro3x3<f64>, f64>(job);
}

export function small_3x3_f64(job: usize): void {
  runSmall<Micro3x3<f64>, f64>(job);
}

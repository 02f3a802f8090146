import { madd } from "../simd";
import { runMacro, runMicro } from "./macro";
import { runSmall } from "./small";

/**
 * C tile of 2 rows × 4 vectors: 8 accumulators, 8 + 4 + 1 registers live.
 * Best strict float64 tile on Node 20: few splats, and V8 folds the offset of a plain load but not of a splat load.
 */
class Micro2x4<T> {
  rows(): usize {
    return 2;
  }

  vectors(): usize {
    return 4;
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
    let c03 = v128.splat<T>(0);
    let c10 = v128.splat<T>(0);
    let c11 = v128.splat<T>(0);
    let c12 = v128.splat<T>(0);
    let c13 = v128.splat<T>(0);

    let a1 = a + rsa;

    const end = b + kc * rsb;
    while (b != end) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const s0 = v128.load_splat<T>(a);
      c00 = madd<T>(s0, b0, c00);
      c01 = madd<T>(s0, b1, c01);
      c02 = madd<T>(s0, b2, c02);
      c03 = madd<T>(s0, b3, c03);
      const s1 = v128.load_splat<T>(a1);
      c10 = madd<T>(s1, b0, c10);
      c11 = madd<T>(s1, b1, c11);
      c12 = madd<T>(s1, b2, c12);
      c13 = madd<T>(s1, b3, c13);
      a += csa;
      a1 += csa;
      b += rsb;
    }

    const s = v128.splat<T>(alpha);
    if (accumulate) {
      c00 = v128.add<T>(v128.load(c), v128.mul<T>(s, c00));
      c01 = v128.add<T>(v128.load(c, 16), v128.mul<T>(s, c01));
      c02 = v128.add<T>(v128.load(c, 32), v128.mul<T>(s, c02));
      c03 = v128.add<T>(v128.load(c, 48), v128.mul<T>(s, c03));
      v128.store(c, c00);
      v128.store(c, c01, 16);
      v128.store(c, c02, 32);
      v128.store(c, c03, 48);
      c += rsc;
      c10 = v128.add<T>(v128.load(c), v128.mul<T>(s, c10));
      c11 = v128.add<T>(v128.load(c, 16), v128.mul<T>(s, c11));
      c12 = v128.add<T>(v128.load(c, 32), v128.mul<T>(s, c12));
      c13 = v128.add<T>(v128.load(c, 48), v128.mul<T>(s, c13));
      v128.store(c, c10);
      v128.store(c, c11, 16);
      v128.store(c, c12, 32);
      v128.store(c, c13, 48);
    } else {
      c00 = v128.mul<T>(s, c00);
      c01 = v128.mul<T>(s, c01);
      c02 = v128.mul<T>(s, c02);
      c03 = v128.mul<T>(s, c03);
      v128.store(c, c00);
      v128.store(c, c01, 16);
      v128.store(c, c02, 32);
      v128.store(c, c03, 48);
      c += rsc;
      c10 = v128.mul<T>(s, c10);
      c11 = v128.mul<T>(s, c11);
      c12 = v128.mul<T>(s, c12);
      c13 = v128.mul<T>(s, c13);
      v128.store(c, c10);
      v128.store(c, c11, 16);
      v128.store(c, c12, 32);
      v128.store(c, c13, 48);
    }
  }
}

export function micro_2x4_f32(job: usize): void {
  runMicro<Micro2x4<f32>, f32>(job);
}

export function macro_2x4_f32(job: usize): void {
  runMacro<Micro2x4<f32>, f32>(job);
}

export function small_2x4_f32(job: usize): void {
  runSmall<Micro2x4<f32>, f32>(job);
}

export function micro_2x4_f64(job: usize): void {
  runMicro<Micro2x4<f64>, f64>(job);
}

export function macro_2x4_f64(job: usize): void {
  runMacro<Micro2x4<f64>, f64>(job);
}

export function small_2x4_f64(job: usize): void {
  runSmall<Micro2x4<f64>, f64>(job);
}

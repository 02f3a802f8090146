import { madd } from "../simd";
import { runMacro, runMicro } from "./macro";
import { runSmall } from "./small";

/**
 * C tile of 4 rows × 4 vectors: 16 accumulators (8 of 256 bits).
 * For engines with 32 registers or with 256-bit revectorisation; elsewhere it spills.
 */
class Micro4x4<T> {
  rows(): usize {
    return 4;
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
    let c20 = v128.splat<T>(0);
    let c21 = v128.splat<T>(0);
    let c22 = v128.splat<T>(0);
    let c23 = v128.splat<T>(0);
    let c30 = v128.splat<T>(0);
    let c31 = v128.splat<T>(0);
    let c32 = v128.splat<T>(0);
    let c33 = v128.splat<T>(0);

    let a1 = a + rsa;
    let a2 = a1 + rsa;
    let a3 = a2 + rsa;

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
      const s2 = v128.load_splat<T>(a2);
      c20 = madd<T>(s2, b0, c20);
      c21 = madd<T>(s2, b1, c21);
      c22 = madd<T>(s2, b2, c22);
      c23 = madd<T>(s2, b3, c23);
      const s3 = v128.load_splat<T>(a3);
      c30 = madd<T>(s3, b0, c30);
      c31 = madd<T>(s3, b1, c31);
      c32 = madd<T>(s3, b2, c32);
      c33 = madd<T>(s3, b3, c33);
      a += csa;
      a1 += csa;
      a2 += csa;
      a3 += csa;
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
      c += rsc;
      c20 = v128.add<T>(v128.load(c), v128.mul<T>(s, c20));
      c21 = v128.add<T>(v128.load(c, 16), v128.mul<T>(s, c21));
      c22 = v128.add<T>(v128.load(c, 32), v128.mul<T>(s, c22));
      c23 = v128.add<T>(v128.load(c, 48), v128.mul<T>(s, c23));
      v128.store(c, c20);
      v128.store(c, c21, 16);
      v128.store(c, c22, 32);
      v128.store(c, c23, 48);
      c += rsc;
      c30 = v128.add<T>(v128.load(c), v128.mul<T>(s, c30));
      c31 = v128.add<T>(v128.load(c, 16), v128.mul<T>(s, c31));
      c32 = v128.add<T>(v128.load(c, 32), v128.mul<T>(s, c32));
      c33 = v128.add<T>(v128.load(c, 48), v128.mul<T>(s, c33));
      v128.store(c, c30);
      v128.store(c, c31, 16);
      v128.store(c, c32, 32);
      v128.store(c, c33, 48);
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
      c += rsc;
      c20 = v128.mul<T>(s, c20);
      c21 = v128.mul<T>(s, c21);
      c22 = v128.mul<T>(s, c22);
      c23 = v128.mul<T>(s, c23);
      v128.store(c, c20);
      v128.store(c, c21, 16);
      v128.store(c, c22, 32);
      v128.store(c, c23, 48);
      c += rsc;
      c30 = v128.mul<T>(s, c30);
      c31 = v128.mul<T>(s, c31);
      c32 = v128.mul<T>(s, c32);
      c33 = v128.mul<T>(s, c33);
      v128.store(c, c30);
      v128.store(c, c31, 16);
      v128.store(c, c32, 32);
      v128.store(c, c33, 48);
    }
  }
}

export function micro_4x4_f32(job: usize): void {
  runMicro<Micro4x4<f32>, f32>(job);
}

export function macro_4x4_f32(job: usize): void {
  runMacro<Micro4x4<f32>, f32>(job);
}

export function small_4x4_f32(job: usize): void {
  runSmall<Micro4x4<f32>, f32>(job);
}

export function micro_4x4_f64(job: usize): void {
  runMicro<Micro4x4<f64>, f64>(job);
}

export function macro_4x4_f64(job: usize): void {
  runMacro<Micro4x4<f64>, f64>(job);
}

export function small_4x4_f64(job: usize): void {
  runSmall<Micro4x4<f64>, f64>(job);
}

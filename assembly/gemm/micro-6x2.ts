import { madd } from "../simd";
import { runMacro, runMicro } from "./macro";
import { runSmall } from "./small";

/**
 * C tile of 6 rows × 2 vectors: 12 accumulators, 12 + 2 + 1 registers live.
 * Best relaxed tile wherever loads and arithmetic are interleaved (Node 24 and newer, Chromium, Firefox): within 4 % of
 * the 128-bit FMA limit. The strict build spills: multiply and add need one register more.
 */
class Micro6x2<T> {
  rows(): usize {
    return 6;
  }

  vectors(): usize {
    return 2;
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
    let c10 = v128.splat<T>(0);
    let c11 = v128.splat<T>(0);
    let c20 = v128.splat<T>(0);
    let c21 = v128.splat<T>(0);
    let c30 = v128.splat<T>(0);
    let c31 = v128.splat<T>(0);
    let c40 = v128.splat<T>(0);
    let c41 = v128.splat<T>(0);
    let c50 = v128.splat<T>(0);
    let c51 = v128.splat<T>(0);

    let a1 = a + rsa;
    let a2 = a1 + rsa;
    let a3 = a2 + rsa;
    let a4 = a3 + rsa;
    let a5 = a4 + rsa;

    const end = b + kc * rsb;
    while (b != end) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const s0 = v128.load_splat<T>(a);
      c00 = madd<T>(s0, b0, c00);
      c01 = madd<T>(s0, b1, c01);
      const s1 = v128.load_splat<T>(a1);
      c10 = madd<T>(s1, b0, c10);
      c11 = madd<T>(s1, b1, c11);
      const s2 = v128.load_splat<T>(a2);
      c20 = madd<T>(s2, b0, c20);
      c21 = madd<T>(s2, b1, c21);
      const s3 = v128.load_splat<T>(a3);
      c30 = madd<T>(s3, b0, c30);
      c31 = madd<T>(s3, b1, c31);
      const s4 = v128.load_splat<T>(a4);
      c40 = madd<T>(s4, b0, c40);
      c41 = madd<T>(s4, b1, c41);
      const s5 = v128.load_splat<T>(a5);
      c50 = madd<T>(s5, b0, c50);
      c51 = madd<T>(s5, b1, c51);
      a += csa;
      a1 += csa;
      a2 += csa;
      a3 += csa;
      a4 += csa;
      a5 += csa;
      b += rsb;
    }

    const s = v128.splat<T>(alpha);
    if (accumulate) {
      c00 = v128.add<T>(v128.load(c), v128.mul<T>(s, c00));
      c01 = v128.add<T>(v128.load(c, 16), v128.mul<T>(s, c01));
      v128.store(c, c00);
      v128.store(c, c01, 16);
      c += rsc;
      c10 = v128.add<T>(v128.load(c), v128.mul<T>(s, c10));
      c11 = v128.add<T>(v128.load(c, 16), v128.mul<T>(s, c11));
      v128.store(c, c10);
      v128.store(c, c11, 16);
      c += rsc;
      c20 = v128.add<T>(v128.load(c), v128.mul<T>(s, c20));
      c21 = v128.add<T>(v128.load(c, 16), v128.mul<T>(s, c21));
      v128.store(c, c20);
      v128.store(c, c21, 16);
      c += rsc;
      c30 = v128.add<T>(v128.load(c), v128.mul<T>(s, c30));
      c31 = v128.add<T>(v128.load(c, 16), v128.mul<T>(s, c31));
      v128.store(c, c30);
      v128.store(c, c31, 16);
      c += rsc;
      c40 = v128.add<T>(v128.load(c), v128.mul<T>(s, c40));
      c41 = v128.add<T>(v128.load(c, 16), v128.mul<T>(s, c41));
      v128.store(c, c40);
      v128.store(c, c41, 16);
      c += rsc;
      c50 = v128.add<T>(v128.load(c), v128.mul<T>(s, c50));
      c51 = v128.add<T>(v128.load(c, 16), v128.mul<T>(s, c51));
      v128.store(c, c50);
      v128.store(c, c51, 16);
    } else {
      c00 = v128.mul<T>(s, c00);
      c01 = v128.mul<T>(s, c01);
      v128.store(c, c00);
      v128.store(c, c01, 16);
      c += rsc;
      c10 = v128.mul<T>(s, c10);
      c11 = v128.mul<T>(s, c11);
      v128.store(c, c10);
      v128.store(c, c11, 16);
      c += rsc;
      c20 = v128.mul<T>(s, c20);
      c21 = v128.mul<T>(s, c21);
      v128.store(c, c20);
      v128.store(c, c21, 16);
      c += rsc;
      c30 = v128.mul<T>(s, c30);
      c31 = v128.mul<T>(s, c31);
      v128.store(c, c30);
      v128.store(c, c31, 16);
      c += rsc;
      c40 = v128.mul<T>(s, c40);
      c41 = v128.mul<T>(s, c41);
      v128.store(c, c40);
      v128.store(c, c41, 16);
      c += rsc;
      c50 = v128.mul<T>(s, c50);
      c51 = v128.mul<T>(s, c51);
      v128.store(c, c50);
      v128.store(c, c51, 16);
    }
  }
}

export function micro_6x2_f32(job: usize): void {
  runMicro<Micro6x2<f32>, f32>(job);
}

export function macro_6x2_f32(job: usize): void {
  runMacro<Micro6x2<f32>, f32>(job);
}

export function small_6x2_f32(job: usize): void {
  runSmall<Micro6x2<f32>, f32>(job);
}

export function micro_6x2_f64(job: usize): void {
  runMicro<Micro6x2<f64>, f64>(job);
}

export function macro_6x2_f64(job: usize): void {
  runMacro<Micro6x2<f64>, f64>(job);
}

export function small_6x2_f64(job: usize): void {
  runSmall<Micro6x2<f64>, f64>(job);
}

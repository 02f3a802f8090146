import { madd } from "../simd";
import { runMacro, runMicro } from "./macro";
import { runSmall } from "./small";

/**
 * C tile of 4 rows × 1 vector: 4 accumulators.
 * For products four float32 (two float64) columns wide, where a wider tile would compute padding.
 */
class Micro4x1<T> {
  rows(): usize {
    return 4;
  }

  vectors(): usize {
    return 1;
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
    let c10 = v128.splat<T>(0);
    let c20 = v128.splat<T>(0);
    let c30 = v128.splat<T>(0);

    let a1 = a + rsa;
    let a2 = a1 + rsa;
    let a3 = a2 + rsa;

    const end = b + kc * rsb;
    while (b != end) {
      const b0 = v128.load(b);
      const s0 = v128.load_splat<T>(a);
      c00 = madd<T>(s0, b0, c00);
      const s1 = v128.load_splat<T>(a1);
      c10 = madd<T>(s1, b0, c10);
      const s2 = v128.load_splat<T>(a2);
      c20 = madd<T>(s2, b0, c20);
      const s3 = v128.load_splat<T>(a3);
      c30 = madd<T>(s3, b0, c30);
      a += csa;
      a1 += csa;
      a2 += csa;
      a3 += csa;
      b += rsb;
    }

    const s = v128.splat<T>(alpha);
    if (accumulate) {
      c00 = v128.add<T>(v128.load(c), v128.mul<T>(s, c00));
      v128.store(c, c00);
      c += rsc;
      c10 = v128.add<T>(v128.load(c), v128.mul<T>(s, c10));
      v128.store(c, c10);
      c += rsc;
      c20 = v128.add<T>(v128.load(c), v128.mul<T>(s, c20));
      v128.store(c, c20);
      c += rsc;
      c30 = v128.add<T>(v128.load(c), v128.mul<T>(s, c30));
      v128.store(c, c30);
    } else {
      c00 = v128.mul<T>(s, c00);
      v128.store(c, c00);
      c += rsc;
      c10 = v128.mul<T>(s, c10);
      v128.store(c, c10);
      c += rsc;
      c20 = v128.mul<T>(s, c20);
      v128.store(c, c20);
      c += rsc;
      c30 = v128.mul<T>(s, c30);
      v128.store(c, c30);
    }
  }
}

export function micro_4x1_f32(job: usize): void {
  runMicro<Micro4x1<f32>, f32>(job);
}

export function macro_4x1_f32(job: usize): void {
  runMacro<Micro4x1<f32>, f32>(job);
}

export function small_4x1_f32(job: usize): void {
  runSmall<Micro4x1<f32>, f32>(job);
}

export function micro_4x1_f64(job: usize): void {
  runMicro<Micro4x1<f64>, f64>(job);
}

export function macro_4x1_f64(job: usize): void {
  runMacro<Micro4x1<f64>, f64>(job);
}

export function small_4x1_f64(job: usize): void {
  runSmall<Micro4x1<f64>, f64>(job);
}

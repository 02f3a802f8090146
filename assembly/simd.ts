// The only file that differs between the strict and the relaxed build.

/** acc + a·b in every lane: two roundings in the strict build, one (where the CPU fuses) in the relaxed build. */
export function madd<T>(a: v128, b: v128, acc: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    return v128.relaxed_madd<T>(a, b, acc);
  } else {
    return v128.add<T>(v128.mul<T>(a, b), acc);
  }
}

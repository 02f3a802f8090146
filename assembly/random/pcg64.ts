// PCG64 (XSL RR 128/64), the generator behind np.random.default_rng: a 128-bit congruence whose top bits rotate the
// xor of its halves. Same seed words, same bits as NumPy, which `test/array/random.test.ts` holds it to.
//
// The state, 40 bytes at a multiple of 8, all little-endian:
//
//    0          8          16         24         32     36     40
//    ┌──────────┬──────────┬──────────┬──────────┬──────┬──────┐
//    │ s, low   │ s, high  │ inc, low │ inc, high│ kept?│ half │
//    └──────────┴──────────┴──────────┴──────────┴──────┴──────┘
//
// s <- s·M + inc (mod 2^128), inc odd. A 32-bit draw takes the low half of a 64-bit draw and keeps the high half for
// the next 32-bit draw (`kept?` is 1 then); 64-bit draws in between leave the kept half alone, as NumPy's do.

const MULTIPLIER_LOW: u64 = 0x4385df649fccf645;
const MULTIPLIER_HIGH: u64 = 0x2360ed051fc65da4;

/** The high 64 bits of x·MULTIPLIER_LOW: wasm multiplies 64 × 64 to 64 only, so by 32-bit halves. */
function timesLowHigh(x: u64): u64 {
  const m0 = MULTIPLIER_LOW & 0xffffffff;
  const m1 = MULTIPLIER_LOW >> 32;
  const x0 = x & 0xffffffff;
  const x1 = x >> 32;
  const middle = x1 * m0 + ((x0 * m0) >> 32);
  const carry = x0 * m1 + (middle & 0xffffffff);
  return x1 * m1 + (middle >> 32) + (carry >> 32);
}

/** 64 random bits: steps the state, then mixes it. */
export function next64(state: usize): u64 {
  const low = load<u64>(state);
  const increment = load<u64>(state, 16);
  const newLow = low * MULTIPLIER_LOW + increment;
  const newHigh =
    timesLowHigh(low) +
    low * MULTIPLIER_HIGH +
    load<u64>(state, 8) * MULTIPLIER_LOW +
    load<u64>(state, 24) +
    u64(newLow < increment);
  store<u64>(state, newLow);
  store<u64>(state, newHigh, 8);
  return rotr<u64>(newHigh ^ newLow, newHigh >> 58);
}

/** 32 random bits: the kept half, or the low half of a new draw whose high half is kept. */
export function next32(state: usize): u32 {
  if (load<u32>(state, 32)) {
    store<u32>(state, 0, 32);
    return load<u32>(state, 36);
  }
  const bits = next64(state);
  store<u32>(state, 1, 32);
  store<u32>(state, <u32>(bits >> 32), 36);
  return <u32>bits;
}

/** Uniform on [0, 1): as many random bits as T's mantissa holds, 53 or 24. Signed, because engines convert that faster. */
export function uniform<T>(state: usize): T {
  if (sizeof<T>() == 8) {
    return (((next64(state) >> 11) as i64 as f64) * 1.1102230246251565e-16) as T; // 2^-53
  } else {
    return (((next32(state) >> 8) as i32 as f32) * 5.9604645e-8) as T; // 2^-24
  }
}

/** `count` uniforms in a row at dst: Generator.random(count, dtype=T). */
export function randomFill<T>(state: usize, dst: usize, count: usize): void {
  const end = dst + count * sizeof<T>();
  for (; dst != end; dst += sizeof<T>()) store<T>(dst, uniform<T>(state));
}

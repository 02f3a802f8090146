// Standard normals by the ziggurat method: 255 strips of equal area under exp(-x²/2), and the tail. About 99 draws in
// 100 fall inside a strip and cost one multiplication; the rest are settled by an exponential or a logarithm.
//
// The tables hold 3 × 256 numbers of type T (6144 or 3072 bytes), which `src/array/random.ts` computes:
//
//    ┌───────────┬───────────┬───────────┐    limit: the integers below it are inside strip i for certain
//    │ limit     │ width     │ height    │    width: integer · width = x
//    └───────────┴───────────┴───────────┘    height: exp(-x²/2) at the strip's edge
//
// What NumPy does, operation for operation, so that the bits agree. Where NumPy asks its host's libm, the two functions
// below stand in: no table (a data segment could land on the arena), the same bits on every engine.
import { next32, next64, uniform } from "./pcg64";

/** Where the tail begins, and its reciprocal. */
const TAIL = 3.654152885361009;
const TAIL_INVERSE = 0.2736612373297583;

/** exp(x) for x in [-7, 0], to an ulp or so; it is only ever compared with a random number. */
function expNegative(x: f64): f64 {
  const k = nearest<f64>(x * 1.4426950408889634);
  // |r| <= ln(2)/2; ln 2 in two parts, the first short enough for k times it to be exact
  const r = x - k * 0.6931471803691238 - k * 1.9082149292705877e-10;
  let sum = 1.0;
  for (let n = 14.0; n > 0.0; n -= 1.0) sum = 1.0 + (sum * r) / n; // Taylor; what it leaves out is below 2^-63
  return sum * reinterpret<f64>((1023 + (k as i64)) << 52);
}

/**
 * log(1 + x) for x = -uniform<T>() in (-1, 0], which makes 1 + x exact. The method and the minimax coefficients of
 * Sun's fdlibm in glibc's order of operations, so that the last bit agrees with a NumPy on glibc: f32 for all 2^24
 * arguments (before glibc 2.41), f64 without FMA always, with FMA but for 1 argument in 2000, whose last bit then
 * matters to one tail draw in 16 (in all: about one draw in 10^8).
 */
function log1pNegative<T>(x: T): T {
  // 1 + x = 2^k·(1 + f) with 1 + f between sqrt(1/2) and sqrt(2)
  let k: T = 0;
  let f = x;
  if (sizeof<T>() == 8) {
    if (reinterpret<u64>(x) >= 0xbfd2bec400000000) {
      const bits = reinterpret<u64>((1 as T) + x) + 0x00095f6200000000;
      k = (((bits >> 52) as i32) - 1023) as T;
      f = (reinterpret<f64>((bits & 0x000fffffffffffff) + 0x3fe6a09e00000000) - 1) as T;
    }
  } else {
    if (reinterpret<u32>(x) >= 0xbe95f620) {
      const bits = reinterpret<u32>((1 as T) + x) + 0x004afb09;
      k = (((bits >> 23) as i32) - 127) as T;
      f = (reinterpret<f32>((bits & 0x007fffff) + 0x3f3504f7) - 1) as T;
    }
  }
  const half = (0.5 as T) * f * f;
  const s = f / ((2 as T) + f);
  const z = s * s;
  if (sizeof<T>() == 8) {
    const z2 = z * z;
    const z4 = z2 * z2;
    const series =
      z * 0.6666666666666735 +
      z2 * (0.3999999999940942 + z * 0.2857142874366239) +
      z4 * (0.22222198432149784 + z * 0.1818357216161805) +
      z4 * z2 * (0.15313837699209373 + z * 0.14798198605116586);
    return (k * 0.6931471803691238 - (half - (s * (half + series) + k * 1.9082149292705877e-10) - f)) as T;
  } else {
    let series: f32 = 0.14798199;
    series = 0.15313838 + z * series;
    series = 0.18183573 + z * series;
    series = 0.22222199 + z * series;
    series = 0.2857143 + z * series;
    series = 0.4 + z * series;
    series = z * (0.6666667 + z * series);
    const ln2: f32 = 0.6931381;
    const ln2Rest: f32 = 9.058001e-6;
    return (k * ln2 - (half - (s * (half + series) + k * ln2Rest) - f)) as T;
  }
}

/** One standard normal. */
function standardNormal<T>(state: usize, tables: usize): T {
  while (true) {
    // from the lowest bit: 8 for the strip, 1 for the sign, then 52 or 23 for the position
    const bits: u64 = sizeof<T>() == 8 ? next64(state) : next32(state);
    const position = ((bits >> 9) & 0x000fffffffffffff) as i64;
    const row = tables + ((bits & 0xff) as usize) * sizeof<T>();
    const size = (position as T) * load<T>(row, 256 * sizeof<T>());
    const x = select<T>(-size as T, size, (bits & 0x100) != 0);
    if ((position as T) < load<T>(row)) return x;
    if (row == tables) {
      while (true) {
        const beyond = (-TAIL_INVERSE as T) * log1pNegative<T>(-uniform<T>(state) as T);
        const y = -log1pNegative<T>(-uniform<T>(state) as T);
        const far = (TAIL as T) + beyond;
        if (y + y > beyond * beyond) return position & 0x100 ? (-far as T) : far;
      }
    }
    const lower = load<T>(row, 512 * sizeof<T>());
    const upper = load<T>(row - sizeof<T>(), 512 * sizeof<T>());
    const height = (upper - lower) * uniform<T>(state) + lower;
    if ((height as f64) < expNegative(-0.5 * (x as f64) * (x as f64))) return x;
  }
}

/** `count` standard normals in a row at dst: Generator.standard_normal(count, dtype=T). */
export function standardNormalFill<T>(state: usize, tables: usize, dst: usize, count: usize): void {
  const end = dst + count * sizeof<T>();
  for (; dst != end; dst += sizeof<T>()) store<T>(dst, standardNormal<T>(state, tables));
}

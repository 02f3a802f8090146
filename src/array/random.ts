/**
 * The part of `np.random.default_rng(seed)` that is not a loop over elements: a seed becomes the words of a PCG64 state
 * (NumPy's SeedSequence), and the tables of the normal distribution. `assembly/random/` draws the numbers.
 */
import { UnsupportedError } from "../errors.ts";

/** Words (uint32) of the state that `assembly/random/pcg64.ts` draws; it lies at a multiple of 8 bytes. */
export const STATE_WORDS = 10;

/** Entries of the normal distribution's tables, float64 or float32 as the draws are. */
export const TABLE_ENTRIES = 3 * 256;

/**
 * The state to write before the first draw. Seeds are what Python takes: any integer >= 0, a bigint above 2^53. Without
 * one, 128 bits of the host's entropy, so that no two calls agree.
 */
export function seedState(seed?: number | bigint): Uint32Array<ArrayBuffer> {
  const words = hashedWords(seed === undefined ? hostEntropy() : seedWords(seed), 8);
  // SeedSequence gives 64-bit words, each as (low, high); PCG64 reads two of them as (high, low)
  const wide = (i: number): bigint =>
    (bits64(words[i + 1]!, words[i]!) << 64n) | bits64(words[i + 3]!, words[i + 2]!);
  const increment = BigInt.asUintN(128, (wide(4) << 1n) | 1n);
  const state = BigInt.asUintN(128, (increment + wide(0)) * MULTIPLIER + increment);
  const out = new Uint32Array(STATE_WORDS);
  for (let i = 0; i < 4; i++) {
    out[i] = Number((state >> BigInt(32 * i)) & 0xffffffffn);
    out[4 + i] = Number((increment >> BigInt(32 * i)) & 0xffffffffn);
  }
  return out;
}

const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;

const bits64 = (high: number, low: number): bigint => (BigInt(high) << 32n) | BigInt(low);

/** An integer as uint32 words, lowest first; 0 is one word. */
function seedWords(seed: number | bigint): number[] {
  if (typeof seed !== "bigint" && !Number.isInteger(seed)) {
    const given = typeof seed === "string" ? JSON.stringify(seed) : String(seed);
    throw new UnsupportedError(`seed ${given} is not an integer: pass a number or a bigint >= 0`, "OPTION");
  }
  if (seed < 0) {
    throw new UnsupportedError(`seed ${seed} is negative: pass an integer >= 0`, "OPTION");
  }
  if (typeof seed === "number" && !Number.isSafeInteger(seed)) {
    throw new UnsupportedError(
      `seed ${seed} is beyond 2^53 - 1, where numbers skip integers: pass a bigint, for example ${BigInt(seed)}n`,
      "OPTION",
    );
  }
  const words: number[] = [];
  let rest = BigInt(seed);
  do {
    words.push(Number(rest & 0xffffffffn));
    rest >>= 32n;
  } while (rest > 0n);
  return words;
}

/** 128 bits, in a buffer of its own: hosts refuse to fill a shared one. */
function hostEntropy(): Uint32Array {
  return crypto.getRandomValues(new Uint32Array(4));
}

/** NumPy's SeedSequence(entropy).generate_state(count): a pool of four words, every one mixed into every other. */
export function hashedWords(entropy: ArrayLike<number>, count: number): Uint32Array<ArrayBuffer> {
  const pool = new Uint32Array(4);
  const hash = hasher(0x43b0d7e5, 0x931e8875);
  for (let i = 0; i < 4; i++) pool[i] = hash(entropy[i] ?? 0);
  const mixInto = (to: number, word: number): void => {
    pool[to] = folded(Math.imul(0xca01f9dd, pool[to]!) - Math.imul(0x4973f715, hash(word)));
  };
  for (let from = 0; from < 4; from++) {
    for (let to = 0; to < 4; to++) if (to !== from) mixInto(to, pool[from]!);
  }
  for (let from = 4; from < entropy.length; from++) {
    for (let to = 0; to < 4; to++) mixInto(to, entropy[from]!);
  }
  const out = hasher(0x8b51f9dd, 0x58f38ded);
  return Uint32Array.from({ length: count }, (_, i) => out(pool[i % 4]!));
}

const folded = (x: number): number => (x ^ (x >>> 16)) >>> 0;

/** A hash that never uses the same constant twice. */
function hasher(constant: number, step: number): (word: number) => number {
  let current = constant;
  return (word) => {
    const mixed = word ^ current;
    current = Math.imul(current, step);
    return folded(Math.imul(mixed, current));
  };
}

/**
 * The ziggurat's tables as `assembly/random/normal.ts` reads them: 256 limits, 256 widths, 256 heights.
 *
 * Strip i reaches from -x to x with x = width·2^52; all have the area v, so the strip above the one at x, whose height
 * is f(x) = exp(-x²/2), ends where f is v/x + f(x). (Strip 1, at the top, has no part that is inside for certain.)
 * NumPy's tables are this recurrence in float64, rounding errors included, with exp and log rounded correctly (but for
 * one entry); float32's are float64's, rounded.
 */
export function zigguratTables(dtype: "float64"): Float64Array<ArrayBuffer>;
export function zigguratTables(dtype: "float32"): Float32Array<ArrayBuffer>;
export function zigguratTables(
  dtype: "float64" | "float32",
): Float64Array<ArrayBuffer> | Float32Array<ArrayBuffer> {
  const tables = new Float64Array(TABLE_ENTRIES);
  const limit = tables.subarray(0, 256);
  const width = tables.subarray(256, 512);
  const height = tables.subarray(512);
  let x = TAIL;
  height[255] = exp(-0.5 * x * x);
  width[255] = x / 2 ** 52;
  for (let i = 254; i > 0; i--) {
    const outer = x;
    x = Math.sqrt(-2 * log(AREA / outer + height[i + 1]!));
    // the exp that made NumPy's table rounded this one the other way
    height[i] = exp(-0.5 * x * x) + (i === 38 ? 2 ** -53 : 0);
    width[i] = x / 2 ** 52;
    limit[i + 1] = roundToEven((x / outer) * 2 ** 52);
  }
  // strip 0 is a rectangle plus the tail, and as wide as makes its area v
  height[0] = 1;
  width[0] = AREA / height[255]! / 2 ** 52;
  limit[0] = roundToEven(((TAIL * height[255]!) / AREA) * 2 ** 52);
  if (dtype === "float64") return tables;
  return Float32Array.from(tables, (value, i) => {
    if (i < 256) return roundToEven(value / 2 ** 29); // 23 bits instead of 52
    return i < 512 ? value * 2 ** 29 : value;
  });
}

/** Where the tail begins, and the area of a strip. */
const TAIL = 3.654152885361009;
const AREA = 0.004928673233974652;

function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const over = x - floor;
  return over > 0.5 || (over === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

// exp and log to the last bit: engines' own differ there. In fixed point, FRACTION bits behind the point.

const FRACTION = 128;
const ONE = 1n << BigInt(FRACTION);

const toFixed = (x: number): bigint => BigInt(x * 2 ** FRACTION);
const toNumber = (x: bigint): number => Number(x) / 2 ** FRACTION;

/** exp(x) for x in [-7, 0]: the reciprocal of the series for -x, all of whose terms are positive. */
function fixedExp(x: bigint): bigint {
  let term = ONE;
  let sum = ONE;
  for (let n = 1n; term > 0n; n++) {
    term = (term * -x) / (n * ONE);
    sum += term;
  }
  return (ONE * ONE) / sum;
}

function exp(x: number): number {
  return toNumber(fixedExp(toFixed(x)));
}

/** log(y) for y in (0.001, 1): one step of Halley's method triples the digits that Math.log has right. */
function log(y: number): number {
  const near = toFixed(Math.log(y));
  const there = fixedExp(near);
  const wanted = toFixed(y);
  return toNumber(near + (2n * (wanted - there) * ONE) / (wanted + there));
}

import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import bytes from "../../build/strict.wasm";
import {
  hashedWords,
  STATE_WORDS,
  seedState,
  TABLE_ENTRIES,
  zigguratTables,
} from "../../src/array/random.ts";
import { UnsupportedError } from "../../src/errors.ts";
import golden from "../data/random.json";

// What NumPy draws, from test/data/make_random.py: bits, never tolerances.

type DType = "float64" | "float32";
type Method = "random" | "standard_normal";
type Fill = (state: number, dst: number, count: number) => void;
type NormalFill = (state: number, tables: number, dst: number, count: number) => void;

const STATE = 64;
const TABLES = { float64: 128, float32: 8192 };
const DST = 16384;
const WIDTH = { float64: 8, float32: 4 };

const memory = new WebAssembly.Memory({ initial: 130, maximum: 65536, shared: true });
let wasm: Record<"random_f64" | "random_f32", Fill> &
  Record<"standardNormal_f64" | "standardNormal_f32", NormalFill>;

beforeAll(async () => {
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  wasm = instance.exports as typeof wasm;
  new Float64Array(memory.buffer, TABLES.float64, TABLE_ENTRIES).set(zigguratTables("float64"));
  new Float32Array(memory.buffer, TABLES.float32, TABLE_ENTRIES).set(zigguratTables("float32"));
});

function seed(value: number | bigint): void {
  new Uint32Array(memory.buffer, STATE, STATE_WORDS).set(seedState(value));
}

/** The next `count` numbers at dst, as a copy of their bytes and a guard word after them. */
function draw(method: Method, dtype: DType, count: number, dst = DST): Uint8Array<ArrayBuffer> {
  const end = count * WIDTH[dtype];
  const all = new Uint8Array(memory.buffer, dst, end + 8).fill(0xa5);
  if (method === "random") wasm[dtype === "float64" ? "random_f64" : "random_f32"](STATE, dst, count);
  else {
    const fill = wasm[dtype === "float64" ? "standardNormal_f64" : "standardNormal_f32"];
    fill(STATE, TABLES[dtype], dst, count);
  }
  expect(all.slice(end), "written past the end").toEqual(new Uint8Array(8).fill(0xa5));
  return all.slice(0, end);
}

function bits(data: Uint8Array<ArrayBuffer>, dtype: DType): string {
  const words: Iterable<number | bigint> =
    dtype === "float64" ? new BigUint64Array(data.buffer) : new Uint32Array(data.buffer);
  return Array.from(words, (w) => w.toString(16).padStart(2 * WIDTH[dtype], "0")).join(" ");
}

const hex = (words: Uint32Array): string =>
  Array.from(words)
    .reverse()
    .map((w) => w.toString(16).padStart(8, "0"))
    .join("");

describe.each(golden.seeds)("seed $seed", (entry) => {
  test("SeedSequence's words and PCG64's state", () => {
    const entropy: number[] = [];
    for (let rest = BigInt(entry.seed); rest > 0n; rest >>= 32n) entropy.push(Number(rest & 0xffffffffn));
    const words = hashedWords(entropy, 8);
    expect(Array.from(words, (w) => w.toString(16).padStart(8, "0")).join(" ")).toBe(entry.words);
    const state = seedState(BigInt(entry.seed));
    expect(`${hex(state.subarray(0, 4))} ${hex(state.subarray(4, 8))}`).toBe(entry.state);
    expect([...state.subarray(8)]).toEqual([0, 0]);
  });

  test.each(Object.entries(entry.streams))("%s", (name, expected) => {
    const dtype = name.endsWith("64") ? "float64" : "float32";
    const method = name.startsWith("random") ? "random" : "standard_normal";
    seed(BigInt(entry.seed));
    const all = draw(method, dtype, golden.count);
    expect(bits(all.slice(0, 4 * WIDTH[dtype]), dtype)).toBe(expected.first);
    expect(bits(all.slice(-4 * WIDTH[dtype]), dtype)).toBe(expected.last);
    expect(createHash("sha256").update(all).digest("hex")).toBe(expected.sha256);
  });
});

describe("one generator, several calls", () => {
  test("draws of mixed kinds keep a left-over half as NumPy does, and a count of 0 changes nothing", () => {
    seed(BigInt(golden.mixed.seed));
    for (const { method, dtype, bits: expected } of golden.mixed.steps) {
      const count = expected === "" ? 0 : expected.split(" ").length;
      expect(bits(draw(method as Method, dtype as DType, count), dtype as DType)).toBe(expected);
    }
  });

  test.each([
    ["random", "float64"],
    ["random", "float32"],
    ["standard_normal", "float64"],
    ["standard_normal", "float32"],
  ] as const)("%s %s in pieces is the same stream, at any address", (method, dtype) => {
    seed(7);
    const whole = draw(method, dtype, 1000);
    seed(7);
    const pieces = [1, 0, 2, 3, 494, 500].map((n, i) => [...draw(method, dtype, n, DST + i * WIDTH[dtype])]);
    expect(new Uint8Array(pieces.flat())).toEqual(whole);
  });
});

describe("seeds", () => {
  test("a number and a bigint of the same value agree; -0 is 0", () => {
    expect(seedState(2 ** 40 + 7)).toEqual(seedState(2n ** 40n + 7n));
    expect(seedState(-0)).toEqual(seedState(0));
  });

  test("without a seed, every call differs and the increment is odd", () => {
    const [a, b] = [seedState(), seedState(undefined)];
    expect(a).not.toEqual(b);
    expect(a[4]! & 1).toBe(1);
    expect(a).toHaveLength(STATE_WORDS);
  });

  test.each([
    [-1, /seed -1 is negative: pass an integer >= 0/],
    [-5n, /seed -5 is negative/],
    [0.5, /seed 0.5 is not an integer/],
    [Number.NaN, /seed NaN is not an integer/],
    [Number.POSITIVE_INFINITY, /seed Infinity is not an integer/],
    [2 ** 53, /seed 9007199254740992 .*bigint/],
    [-(2 ** 60), /seed -1152921504606847000 is negative/],
    ["7" as unknown as number, /seed "7" is not an integer/],
    [null as unknown as number, /seed null is not an integer/],
    [Symbol("s") as unknown as number, /seed Symbol\(s\) is not an integer/],
  ])("%s is refused", (value, message) => {
    const refusal = () => seedState(value);
    expect(refusal).toThrow(UnsupportedError);
    expect(refusal).toThrow(message);
    expect(refusal).toThrow(expect.objectContaining({ code: "OPTION" }));
  });
});

describe("the ziggurat's tables", () => {
  test("do not depend on the last digits of the engine's logarithm", () => {
    const [wide, narrow] = [zigguratTables("float64"), zigguratTables("float32")];
    const { log } = Math;
    try {
      Math.log = (x) => log(x) * (1 + 1e-11);
      expect(zigguratTables("float64")).toEqual(wide);
      expect(zigguratTables("float32")).toEqual(narrow);
    } finally {
      Math.log = log;
    }
  });

  test("cut the curve into strips", () => {
    const tables = zigguratTables("float64");
    expect(tables).toHaveLength(TABLE_ENTRIES);
    for (let i = 1; i < 256; i++) {
      const x = tables[256 + i]! * 2 ** 52;
      expect(tables[512 + i]!).toBeCloseTo(Math.exp(-0.5 * x * x), 14);
      expect(tables[i]).toBeLessThan(2 ** 52);
    }
  });
});

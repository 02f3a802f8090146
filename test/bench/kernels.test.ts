import { describe, expect, test } from "vitest";
import {
  type BenchKernels,
  CHAINS,
  CYCLES_PER_TURN,
  compileKernels,
  instantiate,
  kernelMemory,
} from "../../bench/common/kernels.ts";
import type { Build, DType } from "../../src/index.ts";

const DTYPES = ["float32", "float64"] as const;

/** Vectors of an array: none, a rest alone, whole lines, both. */
const VECTORS = [0, 1, 3, 4, 8, 9, 11];
/** What stands where nothing may be written. */
const GUARD = -7;

interface Arrays {
  readonly kernels: BenchKernels;
  readonly all: Float32Array | Float64Array;
  readonly at: (array: number) => number;
  readonly values: (array: number) => number[];
}

/** Three arrays of different numbers with guards between them. */
async function arraysOf(build: Build, dtype: DType, vectors: number): Promise<Arrays | undefined> {
  const module = await compileKernels(build, true);
  if (module === undefined) return undefined;
  const memory = kernelMemory(65536, true);
  const all = dtype === "float32" ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  all.fill(GUARD);
  const count = (16 * vectors) / all.BYTES_PER_ELEMENT;
  const at = (array: number): number => 1024 + 1024 * array;
  const values = (array: number): number[] =>
    Array.from(all.subarray(at(array) / all.BYTES_PER_ELEMENT).subarray(0, count));
  for (let array = 0; array < 3; ++array)
    for (let i = 0; i < count; ++i) all[at(array) / all.BYTES_PER_ELEMENT + i] = 1 + array * 100 + i;
  return { kernels: instantiate(module, memory), all, at, values };
}

const isGuarded = ({ all, at }: Arrays, vectors: number): boolean =>
  all.every((value, i) => {
    const byte = i * all.BYTES_PER_ELEMENT;
    const inside = [0, 1, 2].some((array) => byte >= at(array) && byte < at(array) + 16 * vectors);
    return inside || value === GUARD;
  });

const CASES = (["strict", "relaxed", "tuned"] as const).flatMap((build) =>
  DTYPES.flatMap((dtype) => VECTORS.map((vectors) => [build, dtype, vectors] as const)),
);

test("the strict build is always there, so something is tested", async () => {
  expect(await compileKernels("strict", true)).toMatchObject({ build: "strict", gain: "" });
});

test.each(CASES)(
  "STREAM's kernels, %s %s, %i vectors: all elements and no others",
  async (build, dtype, vectors) => {
    const arrays = await arraysOf(build, dtype, vectors);
    if (arrays === undefined) return;
    const { kernels, at, values } = arrays;
    const [A, B, C] = [at(0), at(1), at(2)];
    const bytes = 16 * vectors;
    // Whole numbers: whether a multiply-add has one rounding makes no difference.
    const [a, b] = [values(0), values(1)];
    kernels.copy(A, C, bytes);
    expect(values(2)).toEqual(a);
    kernels[dtype].scale(3, C, B, bytes);
    expect(values(1)).toEqual(a.map((x) => 3 * x));
    expect(values(1)).not.toEqual(vectors > 0 ? b : undefined);
    kernels[dtype].add(A, B, C, bytes);
    expect(values(2)).toEqual(a.map((x) => 4 * x));
    kernels[dtype].triad(3, B, C, A, bytes);
    expect(values(0)).toEqual(a.map((x) => 15 * x));
    expect(isGuarded(arrays, vectors)).toBe(true);
  },
);

test.each(["strict", "relaxed", "tuned"] as const)(
  "chains, %s: each by itself, and nothing beside them",
  async (build) => {
    const module = await compileKernels(build, true);
    if (module === undefined) return;
    for (const dtype of DTYPES) {
      for (const chains of CHAINS) {
        const memory = kernelMemory(65536, true);
        const all = dtype === "float32" ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
        const first = 1024 / all.BYTES_PER_ELEMENT;
        const count = (chains * 16) / all.BYTES_PER_ELEMENT;
        all.fill(GUARD);
        for (let i = 0; i < count; ++i) all[first + i] = i;
        instantiate(module, memory)[dtype].peak[chains](1024, 2, 1, 3);
        // c, 2c + 1, 4c + 3, 8c + 7
        const expected = Array.from({ length: count }, (_, i) => 8 * i + 7);
        expect(Array.from(all.subarray(first, first + count)), `${dtype} ${chains}`).toEqual(expected);
        expect(all[first - 1]).toBe(GUARD);
        expect(all[first + count]).toBe(GUARD);
      }
    }
  },
);

describe("the chain of cycles", () => {
  test("does all of its turns", async () => {
    const { cycles } = instantiate((await compileKernels("strict", true))!, kernelMemory(65536, true));
    let x = 5;
    for (let turns = 7; turns > 0; --turns)
      for (let i = 0; i < CYCLES_PER_TURN / 2; ++i) x = ((x + 3) ^ turns) >>> 0;
    expect(cycles(5, 3, 7) >>> 0).toBe(x);
    expect(cycles(5, 3, 0)).toBe(5);
  });
});

test("there are kernels for an unshared memory too", async () => {
  const module = await compileKernels("strict", false);
  const memory = kernelMemory(65536, false);
  new Float64Array(memory.buffer, 0, 2).set([1, 2]);
  instantiate(module!, memory).copy(0, 64, 16);
  expect(Array.from(new Float64Array(memory.buffer, 64, 2))).toEqual([1, 2]);
});

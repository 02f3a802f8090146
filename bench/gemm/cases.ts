import type { Build, DType, Transpose } from "../../src/index.ts";

export type Floats = Float32Array | Float64Array;

/** C (m × n) <- op(A) (m × k) · op(B) (k × n). */
export interface Case {
  readonly dtype: DType;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transA: Transpose;
  readonly transB: Transpose;
}

/** Extents of a product that is no square. */
export type Shape = readonly [m: number, n: number, k: number];

export const SECTIONS = ["squares", "shapes", "transposes", "small", "memory", "startup", "threads"] as const;

/** The parts of the bench; each stands for itself. */
export type Section = (typeof SECTIONS)[number];

export const TRANSPOSES = ["NN", "NT", "TN", "TT"] as const;

/** Which of A and B are stored transposed. */
export type TransposePair = (typeof TRANSPOSES)[number];

/** What is measured, and how often. */
export interface Selection {
  readonly sections: readonly Section[];
  readonly builds: readonly Build[];
  readonly dtypes: readonly DType[];
  readonly sizes: readonly number[];
  readonly shapes: readonly Shape[];
  readonly transposes: readonly TransposePair[];
  /** Numbers of threads that are compared, and the sides of their squares. */
  readonly threads: readonly number[];
  readonly threadSizes: readonly number[];
  /** Sizes at which transposes are compared. */
  readonly transposeSizes: readonly number[];
  /** Sizes at which the cost of a call is measured. */
  readonly callSizes: readonly number[];
  /** Whether products with a vector are measured for every build, or only for the last one. */
  readonly everyBuildOnVectors: boolean;
  readonly rounds: number;
  /** Milliseconds that a subject is warmed up, at least. */
  readonly warmUpMs: number;
}

const EVERYTHING = {
  sections: SECTIONS,
  builds: ["strict", "relaxed", "tuned"],
  dtypes: ["float32", "float64"],
  transposes: TRANSPOSES,
} as const;

export const FULL: Selection = {
  ...EVERYTHING,
  sizes: [4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048],
  shapes: [
    [4096, 64, 512], // tall times thin
    [64, 4096, 512], // thin times wide
    [1024, 1024, 16], // k small
    [64, 64, 8192], // k large
    [500, 1000, 300], // no multiples of any tile
    [1023, 1025, 127],
  ],
  threads: [1, 2],
  threadSizes: [64, 96, 128, 192, 256, 512, 1024, 2048],
  transposeSizes: [64, 256, 1024],
  callSizes: [4, 8, 16, 32],
  everyBuildOnVectors: true,
  rounds: 9,
  warmUpMs: 60,
};

/** The same in about 20 seconds. */
export const QUICK: Selection = {
  ...EVERYTHING,
  sizes: [8, 64, 256, 1024],
  shapes: [
    [4096, 64, 512],
    [1024, 1024, 16],
  ],
  threads: [1, 2],
  threadSizes: [128, 512, 1024],
  transposeSizes: [256],
  callSizes: [4, 8],
  everyBuildOnVectors: false,
  rounds: 3,
  warmUpMs: 25,
};

/** "4096×64×512" */
export const shapeName = (shape: Shape): string => shape.join("×");

/** Side of the square with about as much work as a shape: a multiple of 16, no less than 16. */
export const equalSquare = ([m, n, k]: Shape): number =>
  Math.max(16, 16 * Math.round(Math.cbrt(m * n * k) / 16));

/** A square product of untransposed matrices. */
export function square(dtype: DType, n: number): Case {
  return { dtype, m: n, n, k: n, transA: "N", transB: "N" };
}

/** A typed array of a dtype. */
export function floats(dtype: DType, count: number): Floats {
  return dtype === "float32" ? new Float32Array(count) : new Float64Array(count);
}

/**
 * Numbers in [−1, 1) from a hash of their index: host/node/native.py computes the same ones, all at once.
 */
export function uniform(dtype: DType, count: number, seed: number): Floats {
  const values = floats(dtype, count);
  const start = Math.imul(seed, 0x9e3779b9);
  for (let i = 0; i < count; ++i) {
    let x = (i + start) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
    x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
    values[i] = ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1;
  }
  return values;
}

/** Seeds of A and B, the same in host/node/native.py. */
export const SEEDS = { a: 1, b: 2 } as const;

import type { DType } from "../../src/index.ts";
import type { BenchKernels } from "../common/kernels.ts";

/** STREAM's kernels with the arrays that each reads and writes: bytes are counted so, no line that is read before it is written. */
export const KERNELS = [
  { name: "copy", arrays: 2 },
  { name: "scale", arrays: 2 },
  { name: "add", arrays: 3 },
  { name: "triad", arrays: 3 },
] as const;

/** Who stands beside ours. */
export const C = "C";

/**
 * As BabelStream has it, and not the 3 of STREAM: values shrink by 4 % a sweep, so that a kernel that was left out shows in any of them, and
 * stay normal numbers for a thousand.
 */
const Q = 0.4;

/**
 * Bytes between two arrays: a page and a line. At the same place of a page, loads wait for stores to other arrays that they take for
 * theirs (15 GB/s instead of 23 on Zen 4).
 */
export const GAP = 4096 + 64;

/** The three arrays, or one thread's part of them: addresses, and bytes of each. */
export interface Arrays {
  readonly dtype: DType;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly bytes: number;
}

/** Where the first array begins. */
const BASE = 65536;

/** Bytes of a memory that holds the arrays. */
export const bytesFor = (bytes: number): number => BASE + 3 * bytes + 2 * GAP;

/** A thread's part of arrays of so many bytes each. */
export function partOf(dtype: DType, bytes: number, thread: number, threads: number): Arrays {
  const vectors = bytes / 16;
  const from = 16 * Math.floor((vectors * thread) / threads);
  const to = 16 * Math.floor((vectors * (thread + 1)) / threads);
  const at = (array: number): number => BASE + array * (bytes + GAP) + from;
  return { dtype, a: at(0), b: at(1), c: at(2), bytes: to - from };
}

const floatsAt = (memory: WebAssembly.Memory, dtype: DType, at: number, bytes: number) =>
  dtype === "float32"
    ? new Float32Array(memory.buffer, at, bytes / 4)
    : new Float64Array(memory.buffer, at, bytes / 8);

/** What STREAM begins with. */
const START = { a: 1, b: 2, c: 0 } as const;

export function fill(memory: WebAssembly.Memory, { dtype, a, b, c, bytes }: Arrays): void {
  for (const [at, value] of [
    [a, START.a],
    [b, START.b],
    [c, START.c],
  ] as const)
    floatsAt(memory, dtype, at, bytes).fill(value);
}

/** One kernel on the arrays; again and again it gives the same. */
export function runKernel(kernels: BenchKernels, index: number, { dtype, a, b, c, bytes }: Arrays): void {
  const typed = kernels[dtype];
  if (index === 0) kernels.copy(a, c, bytes);
  else if (index === 1) typed.scale(Q, c, b, bytes);
  else if (index === 2) typed.add(a, b, c, bytes);
  else typed.triad(Q, b, c, a, bytes);
}

/** How far off STREAM lets an array's elements be: their average relative error. */
const ALLOWED = { float32: 1e-6, float64: 1e-13 } as const;

/** An error in units of what is allowed: below 1 where the arrays are right. */
export const residualOf = (dtype: DType, error: number): number =>
  Number.isFinite(error) ? error / ALLOWED[dtype] : Number.POSITIVE_INFINITY;

/** The largest average relative error of the arrays after so many sweeps. */
export function errorAfter(memory: WebAssembly.Memory, arrays: Arrays, sweeps: number): number {
  const { dtype, bytes } = arrays;
  const round = dtype === "float32" ? Math.fround : (value: number) => value;
  const q = round(Q);
  let { a, b, c }: Record<"a" | "b" | "c", number> = START;
  for (let sweep = 0; sweep < sweeps; ++sweep) {
    c = a;
    b = round(q * c);
    c = round(a + b);
    a = round(b + round(q * c));
  }
  const errors = (
    [
      ["a", a],
      ["b", b],
      ["c", c],
    ] as const
  ).map(([name, expected]) => {
    const values = floatsAt(memory, dtype, arrays[name], bytes);
    let sum = 0;
    for (let i = 0; i < values.length; ++i) sum += Math.abs(values[i]! - expected);
    return sum / values.length / Math.abs(expected);
  });
  return Math.max(...errors);
}

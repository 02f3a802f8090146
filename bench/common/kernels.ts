import relaxed from "../../build/bench-relaxed.wasm";
import strict from "../../build/bench-strict.wasm";
import type { Build, DType } from "../../src/index.ts";
import { forUnsharedMemory } from "../../src/kernels/binaries.ts";
import { compileTuned } from "../../src/kernels/window.ts";
import { detectHost } from "../../src/team/host.ts";

/** The kernels of one dtype, in ../kernels/. Addresses and lengths are in bytes. */
export interface TypedKernels {
  scale(q: number, c: number, b: number, bytes: number): void;
  add(a: number, b: number, c: number, bytes: number): void;
  triad(q: number, b: number, c: number, a: number, bytes: number): void;
  /** Turns of so many chains c <- c·x + y, whose values lie at an address. */
  peak: Readonly<Record<Chains, (at: number, x: number, y: number, turns: number) => void>>;
}

export interface BenchKernels extends Readonly<Record<DType, TypedKernels>> {
  copy(a: number, c: number, bytes: number): void;
  cycles(x: number, y: number, turns: number): number;
}

/** Chains of multiply-adds that there are kernels for. */
export const CHAINS = [11, 13, 24] as const;
export type Chains = (typeof CHAINS)[number];

/** Cycles of a turn of `cycles`. */
export const CYCLES_PER_TURN = 64;

/** The kernels as one build compiles them, and how, for a message to another thread. */
export interface KernelModule {
  readonly build: Build;
  readonly module: WebAssembly.Module;
  /** What the tuned build gains, "" for others. */
  readonly gain: string;
}

/** Compiles them for a memory that is shared or is not; undefined where the build cannot be had. */
export async function compileKernels(build: Build, shared: boolean): Promise<KernelModule | undefined> {
  const file = build === "strict" ? strict : relaxed;
  const bytes = shared ? file : forUnsharedMemory(file);
  if (build === "tuned") {
    const tuned = await compileTuned(bytes, detectHost());
    return tuned.module && { build, module: tuned.module, gain: tuned.gain };
  }
  if (!WebAssembly.validate(bytes)) return undefined;
  return { build, module: await WebAssembly.compile(bytes), gain: "" };
}

/** The kernels over a memory, in this thread. */
export function instantiate({ module }: KernelModule, memory: WebAssembly.Memory): BenchKernels {
  type Export = (...args: number[]) => number;
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as Record<string, Export>;
  const typed = (suffix: "f32" | "f64"): TypedKernels => ({
    scale: exports[`scale_${suffix}`]!,
    add: exports[`add_${suffix}`]!,
    triad: exports[`triad_${suffix}`]!,
    peak: {
      11: exports[`peak11_${suffix}`]!,
      13: exports[`peak13_${suffix}`]!,
      24: exports[`peak24_${suffix}`]!,
    },
  });
  return {
    copy: exports.copy!,
    cycles: exports.cycles!,
    float32: typed("f32"),
    float64: typed("f64"),
  };
}

/** A memory of the bench's own with room for so many bytes; nothing of a context lies in it. */
export function kernelMemory(bytes: number, shared: boolean): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536), maximum: 65536, shared });
}

import type { DType } from "../../src/index.ts";
import {
  type BenchKernels,
  CHAINS,
  type Chains,
  CYCLES_PER_TURN,
  instantiate,
  type KernelModule,
  kernelMemory,
} from "../common/kernels.ts";
import { type Subject, timed } from "../common/sample.ts";

/** Where chains lie in their memory. */
const AT = 1024;

/**
 * c <- c/2 + 1/2 goes to 1 from wherever it begins: it neither overflows nor becomes denormal, and as halving is exact, one rounding
 * gives the same bits as two.
 */
const X = 0.5;
const Y = 0.5;

/** Turns of a call: calling is nothing beside them. */
const TURNS = 10_000;
const CYCLE_TURNS = 2000;

/** Chains of one build, to be timed, and the floating-point operations of one call. */
export interface ChainSubject extends Subject {
  readonly chains: Chains;
  readonly flops: number;
  /** Whether they compute what they should. */
  readonly right: boolean;
}

export const lanesOf = (dtype: DType): number => (dtype === "float32" ? 4 : 2);

/** Each number of chains of a build and dtype. */
export function chainsOf(kernelModule: KernelModule, dtype: DType, shared: boolean): ChainSubject[] {
  const memory = kernelMemory(65536, shared);
  const kernels = instantiate(kernelModule, memory);
  return CHAINS.map((chains) => {
    const peak = kernels[dtype].peak[chains];
    return {
      chains,
      flops: 2 * lanesOf(dtype) * chains * TURNS,
      right: isRight(kernels, memory, dtype, chains),
      ...timed(() => peak(AT, X, Y, TURNS)),
    };
  });
}

/** Whether a few turns from different values give the bits that they must. */
export function isRight(
  kernels: Pick<BenchKernels, DType>,
  memory: WebAssembly.Memory,
  dtype: DType,
  chains: Chains,
): boolean {
  const Floats = dtype === "float32" ? Float32Array : Float64Array;
  const values = new Floats(memory.buffer, AT, chains * lanesOf(dtype));
  const turns = 5;
  values.forEach((_, i) => {
    values[i] = 1 + i;
  });
  kernels[dtype].peak[chains](AT, X, Y, turns);
  return values.every((value, i) => value === 1 + i / 2 ** turns);
}

/** The clock of a core, to be timed, and the cycles of one call. */
export function clockOf(kernelModule: KernelModule, shared: boolean): Subject & { readonly cycles: number } {
  const { cycles } = instantiate(kernelModule, kernelMemory(65536, shared));
  return { cycles: CYCLES_PER_TURN * CYCLE_TURNS, ...timed(() => cycles(1, 3, CYCLE_TURNS)) };
}

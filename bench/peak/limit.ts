import type { Build, DType } from "../../src/index.ts";
import { lanesOf } from "./chains.ts";

/** What of the host decides how much arithmetic a cycle can hold. */
export interface Processor {
  /** "x64", "arm64", … */
  readonly architecture: string | undefined;
  /** As the system calls it. */
  readonly cpu: string | undefined;
}

/** Vector instructions a cycle: multiplications followed by as many additions count together. */
interface Pipes {
  readonly fused: number;
  readonly separate: number | undefined;
}

/**
 * By the processor's maker: A. Fog, "The microarchitecture of Intel, AMD and VIA CPUs"; Apple's by D. Johnson's measurements.
 * Zen: two pipes multiply (fused or not) and two add. Intel's large cores: two pipes for either; newer ones have extra adders, so what
 * a multiplication followed by an addition can reach there depends on the generation, which no name tells. Apple: four for either.
 */
const PIPES: readonly [architecture: string, name: RegExp, Pipes][] = [
  ["x64", /AMD (EPYC|Ryzen)/, { fused: 2, separate: 4 }],
  ["x64", /Intel.*(Xeon|Core)/, { fused: 2, separate: undefined }],
  ["arm64", /Apple M/, { fused: 4, separate: 4 }],
];

/**
 * The most floating-point operations that a core can do in a cycle in a build's vectors; undefined where that is not known. `gain`: what
 * the tuned build gains.
 */
export function limitOf(
  { architecture, cpu = "" }: Processor,
  build: Build,
  dtype: DType,
  gain: string,
): number | undefined {
  const pipes = PIPES.find(([on, name]) => on === architecture && name.test(cpu))?.[2];
  if (pipes === undefined) return undefined;
  const lanes = lanesOf(dtype) * (gain.includes("256-bit") ? 2 : 1);
  if (build !== "strict") return 2 * pipes.fused * lanes;
  return pipes.separate && pipes.separate * lanes;
}

import type { Context, DType } from "../../src/index.ts";
import { inRounds, inThreads, type Place } from "../common/crew.ts";
import { type BenchKernels, instantiate, type KernelModule } from "../common/kernels.ts";
import type { Bench } from "./bench.ts";
import { type Arrays, errorAfter, fill, KERNELS, partOf, residualOf, runKernel } from "./sweep.ts";

/** The best seconds of each kernel in some sweeps, one more going before them; and how right the arrays were afterwards. */
export interface Sweep {
  readonly seconds: readonly number[];
  /** Below 1 where they are right. */
  readonly residual: number;
}

/** Who sweeps over the arrays. */
export interface Sweeper {
  readonly who: string;
  /** Undefined if it was stopped. */
  sweep(sweeps: number): Promise<Sweep | undefined>;
  close(): void;
}

/** What ours works on. */
export interface Ground {
  readonly kernelModule: KernelModule;
  readonly memory: WebAssembly.Memory;
  readonly dtype: DType;
  /** Of each array. */
  readonly bytes: number;
}

/** What a thread times: seconds of each kernel in each sweep. */
interface Timed {
  readonly seconds: readonly (readonly number[])[];
  readonly residual: number;
}

/** The best of each kernel; the first sweep does not count. */
export const bestOf = (seconds: readonly (readonly number[])[]): number[] =>
  KERNELS.map((_, kernel) => Math.min(...seconds.slice(1).map((sweep) => sweep[kernel]!)));

/** One sweep: each kernel `repeats` times, with a clock too coarse for one. `meet`: waits for all who sweep. */
function timeSweep(kernels: BenchKernels, arrays: Arrays, repeats: number, meet: () => void): number[] {
  return KERNELS.map((_, kernel) => {
    meet();
    const start = performance.now();
    for (let i = 0; i < repeats; ++i) runKernel(kernels, kernel, arrays);
    meet();
    return (performance.now() - start) / 1000 / repeats;
  });
}

/** On this thread. */
export function alone({ kernelModule, memory, dtype, bytes }: Ground, sampleMs: number): Sweeper {
  const kernels = instantiate(kernelModule, memory);
  const arrays = partOf(dtype, bytes, 0, 1);
  const repeats = repeatsFor(kernels, arrays, 1, sampleMs);
  return {
    who: kernelModule.build,
    async sweep(sweeps) {
      fill(memory, arrays);
      const seconds = Array.from({ length: sweeps + 1 }, () => timeSweep(kernels, arrays, repeats, () => {}));
      return {
        seconds: bestOf(seconds),
        residual: residualOf(dtype, errorAfter(memory, arrays, sweeps + 1)),
      };
    },
    close() {},
  };
}

/** How often a kernel is repeated so that a sample on so many threads, each as fast as one alone, is long enough for the clock. */
function repeatsFor(kernels: BenchKernels, arrays: Arrays, threads: number, sampleMs: number): number {
  // The second time, pages are there.
  const [, seconds] = [0, 1].map(() => timeSweep(kernels, arrays, 1, () => {}));
  return Math.max(1, Math.ceil((sampleMs * threads) / (1000 * Math.min(...seconds!))));
}

/** What a thread of a crew gets. */
interface Plan extends Place {
  readonly ground: Ground;
  readonly threads: number;
  readonly repeats: number;
}

/** On some threads of their own. */
export function together(bench: Bench, ground: Ground, threads: number): Sweeper {
  const { kernelModule, memory, dtype, bytes } = ground;
  const kernels = instantiate(kernelModule, memory);
  const repeats = repeatsFor(kernels, partOf(dtype, bytes, 0, 1), threads, bench.settings.sampleMs);
  return {
    who: kernelModule.build,
    async sweep(sweeps) {
      const plan = { ground, threads, repeats };
      const results = await inThreads<Timed>(bench, "sweepTogether", threads, sweeps + 1, plan);
      if (results.some(({ seconds }) => seconds.length <= sweeps)) return undefined;
      return {
        // From one meeting to the next: of whoever was there last.
        seconds: bestOf(results[0]!.seconds),
        residual: Math.max(...results.map(({ residual }) => residual)),
      };
    },
    close() {},
  };
}

/** A task: sweeps over this thread's part of the arrays. */
export async function sweepTogether(_la: Context, plan: Plan): Promise<Timed> {
  const { ground, thread, threads, repeats, barrier } = plan;
  const { kernelModule, memory, dtype, bytes } = ground;
  const kernels = instantiate(kernelModule, memory);
  const arrays = partOf(dtype, bytes, thread, threads);
  fill(memory, arrays);
  const seconds: number[][] = [];
  await inRounds(plan, () => {
    seconds.push(timeSweep(kernels, arrays, repeats, () => barrier.wait()));
  });
  return { seconds, residual: residualOf(dtype, errorAfter(memory, arrays, seconds.length)) };
}

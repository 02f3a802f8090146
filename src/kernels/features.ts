import { BINARIES } from "./binaries.ts";
import type { KernelExports } from "./exports.ts";
import { NO_JOB, type Workbench, writeJob } from "./job.ts";

/** What this engine can run. */
export interface Features {
  /** Fixed-width 128-bit SIMD: needed by every build. */
  readonly simd: boolean;
  /** Relaxed SIMD: needed by the relaxed and tuned builds. */
  readonly relaxedSimd: boolean;
}

/** Asks the engine whether it takes the two modules. */
export function detectFeatures(): Features {
  const validates = (bytes: Uint8Array<ArrayBuffer>): boolean =>
    typeof WebAssembly === "object" && WebAssembly.validate(bytes);
  return { simd: validates(BINARIES.strict), relaxedSimd: validates(BINARIES.relaxed) };
}

/**
 * Whether multiply-add has one rounding here: 1·(−x²rounded) + x·x is the rounding error of x² if it has, 0 if not.
 * x = 1 + 2^-27, whose square needs more than the 53 bits of a float64.
 */
export function isFused(kernels: KernelExports, bench: Workbench): boolean {
  const x = 1 + 2 ** -27;
  const a = bench.a / 8;
  const b = bench.b / 8;
  bench.f64.fill(0, a, a + 8);
  bench.f64.fill(0, b, b + 4);
  // A micropanel of the 4x1 kernel: 4 rows, k-major; B has two columns. Only element (0, 0) is not zero.
  bench.f64[a] = 1;
  bench.f64[b] = -(x * x);
  bench.f64[a + 4] = x;
  bench.f64[b + 2] = x;
  const { job, tile: c } = bench;
  writeJob(bench, job, {
    ...NO_JOB,
    k: 2,
    a: bench.a,
    rsa: 8,
    csa: 32,
    b: bench.b,
    rsb: 16,
    csb: 8,
    c,
    rsc: 16,
    csc: 8,
  });
  kernels.micro_4x1_f64(job);
  return bench.f64[c / 8] !== 0;
}

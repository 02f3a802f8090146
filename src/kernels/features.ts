import type { Binaries } from "./binaries.ts";
import { NO_JOB, type Workbench, writeJob } from "./job.ts";
import type { KernelTable } from "./table.ts";

/** What this engine can run. */
export interface Features {
  /** Fixed-width 128-bit SIMD: needed by every build. */
  readonly simd: boolean;
  /** Relaxed SIMD: needed by the relaxed and tuned builds. */
  readonly relaxedSimd: boolean;
}

/** Asks the engine whether it takes the two modules. */
export function detectFeatures(binaries: Binaries): Features {
  const validates = (bytes: Uint8Array<ArrayBuffer>): boolean =>
    typeof WebAssembly === "object" && WebAssembly.validate(bytes);
  return { simd: validates(binaries.strict), relaxedSimd: validates(binaries.relaxed) };
}

/**
 * Whether multiply-add has one rounding here: 1·(−x²rounded) + x·x is the rounding error of x² if it has, 0 if not.
 * x = 1 + 2^-27, whose square needs more than the 53 bits of a float64.
 */
export function isFused(kernels: KernelTable, bench: Workbench): boolean {
  const x = 1 + 2 ** -27;
  const a = bench.a / 8;
  const b = bench.b / 8;
  bench.f64.fill(0, a, a + 8);
  bench.f64.fill(0, b, b + 8);
  // A micropanel of the 4x2 kernel: 4 rows, k-major; B has four columns. Only element (0, 0) is not zero.
  bench.f64[a] = 1;
  bench.f64[b] = -(x * x);
  bench.f64[a + 4] = x;
  bench.f64[b + 4] = x;
  const { job, tile: c } = bench;
  writeJob(bench, job, {
    ...NO_JOB,
    k: 2,
    a: bench.a,
    rsa: 8,
    csa: 32,
    b: bench.b,
    rsb: 32,
    csb: 8,
    c,
    rsc: 32,
    csc: 8,
  });
  kernels.float64.tiles["4x2"].micro(job);
  return bench.f64[c / 8] !== 0;
}

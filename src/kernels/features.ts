import { NO_JOB, type Workbench, writeJob } from "./job.ts";
import type { KernelTable } from "./table.ts";

/** What this engine can run. */
export interface Features {
  /** Fixed-width 128-bit SIMD: needed by every build. */
  readonly simd: boolean;
  /** Relaxed SIMD: needed by the relaxed and tuned builds. */
  readonly relaxedSimd: boolean;
}

/** `() => v128`, with so many bytes of code. */
const probe = (...code: number[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0],
    ...[10, code.length + 4, 1, code.length + 2, 0, ...code, 11],
  );
/** i32.const 1, i8x16.splat */
const SPLAT = [0x41, 1, 0xfd, 15];
const POPCNT = [0xfd, 98];
const RELAXED_MADD = [0xfd, 0x85, 2];

/** Asks the engine whether it takes an instruction of each kind. */
export function detectFeatures(): Features {
  const validates = (...code: number[]): boolean =>
    typeof WebAssembly === "object" && WebAssembly.validate(probe(...code));
  return {
    simd: validates(...SPLAT, ...POPCNT),
    relaxedSimd: validates(...SPLAT, ...SPLAT, ...SPLAT, ...RELAXED_MADD),
  };
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

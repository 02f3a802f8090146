import type { DType } from "./exports.ts";

/**
 * The host's mirror of assembly/gemm/job.ts: byte offsets of the GEMM record's fields. `alpha` and `beta` are float64,
 * the others 32-bit integers. Addresses and strides are in bytes.
 */
export const JOB = {
  alpha: 0,
  beta: 8,
  count: 16,
  m: 20,
  n: 24,
  k: 28,
  a: 32,
  rsa: 36,
  csa: 40,
  nextA: 44,
  b: 48,
  rsb: 52,
  csb: 56,
  nextB: 60,
  c: 64,
  rsc: 68,
  csc: 72,
  nextC: 76,
  tile: 80,
  aScratch: 84,
  bScratch: 88,
  accumulate: 92,
} as const;

/** Bytes of one record, a whole number of cache lines. */
export const JOB_BYTES = 128;

/** Bytes of one element. */
export function itemSize(dtype: DType): 4 | 8 {
  return dtype === "float32" ? 4 : 8;
}

/** What a job record holds; see assembly/gemm/job.ts. */
export type GemmJob = { [field in keyof typeof JOB]: number };

/** A job of nothing, to be spread under the fields that matter. */
export const NO_JOB: Readonly<GemmJob> = {
  alpha: 1,
  beta: 0,
  count: 1,
  m: 0,
  n: 0,
  k: 0,
  a: 0,
  rsa: 0,
  csa: 0,
  nextA: 0,
  b: 0,
  rsb: 0,
  csb: 0,
  nextB: 0,
  c: 0,
  rsc: 0,
  csc: 0,
  nextC: 0,
  tile: 0,
  aScratch: 0,
  bScratch: 0,
  accumulate: 0,
};

/** The views through which a job is written. */
export interface JobViews {
  readonly i32: Int32Array;
  readonly f64: Float64Array;
}

/** Writes a job record at byte address `at`. Written out field by field: this is on the path of the smallest product. */
export function writeJob({ i32, f64 }: JobViews, at: number, job: GemmJob): void {
  const first = at >>> 2;
  f64[at >>> 3] = job.alpha;
  f64[(at >>> 3) + 1] = job.beta;
  i32[first + 4] = job.count;
  i32[first + 5] = job.m;
  i32[first + 6] = job.n;
  i32[first + 7] = job.k;
  i32[first + 8] = job.a;
  i32[first + 9] = job.rsa;
  i32[first + 10] = job.csa;
  i32[first + 11] = job.nextA;
  i32[first + 12] = job.b;
  i32[first + 13] = job.rsb;
  i32[first + 14] = job.csb;
  i32[first + 15] = job.nextB;
  i32[first + 16] = job.c;
  i32[first + 17] = job.rsc;
  i32[first + 18] = job.csc;
  i32[first + 19] = job.nextC;
  i32[first + 20] = job.tile;
  i32[first + 21] = job.aScratch;
  i32[first + 22] = job.bScratch;
  i32[first + 23] = job.accumulate;
}

/** Where probes and measurements may work between products: byte addresses of a job record and of scratch areas. */
export interface Workbench extends JobViews {
  readonly job: number;
  readonly tile: number;
  readonly a: number;
  readonly b: number;
}

/** The elements of a workbench's memory, as one dtype. */
export function elements(views: JobViews, dtype: DType): Float32Array | Float64Array {
  return dtype === "float32" ? new Float32Array(views.i32.buffer) : views.f64;
}

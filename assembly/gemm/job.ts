/**
 * What a GEMM kernel is asked to do: a record in memory that the host fills in and passes by address. The host's mirror
 * of this layout is src/kernels/job.ts. Addresses and strides are in bytes; strides may be negative or zero.
 *
 *       0 alpha    8 beta      f64, rounded to T by the kernel
 *      16 count   20 m   24 n   28 k
 *      32 a       36 rsa 40 csa 44 nextA    rs, cs: from row to row, column to column
 *      48 b       52 rsb 56 csb 60 nextB    next: from micropanel to micropanel (macro), product to product (small)
 *      64 c       68 rsc 72 csc 76 nextC
 *      80 tile    84 aScratch 88 bScratch 92 accumulate (0: C = …, 1: C += …)
 */
@unmanaged
export class GemmJob {
  alpha: f64;
  beta: f64;
  count: usize;
  m: usize;
  n: usize;
  k: usize;
  a: usize;
  rsa: usize;
  csa: usize;
  nextA: usize;
  b: usize;
  rsb: usize;
  csb: usize;
  nextB: usize;
  c: usize;
  rsc: usize;
  csc: usize;
  nextC: usize;
  tile: usize;
  aScratch: usize;
  bScratch: usize;
  accumulate: u32;
}

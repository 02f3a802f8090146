import { storeCorner } from "./edge";
import { GemmJob } from "./job";

/**
 * Loops 2 and 1 of the five (BLIS's names), around a micro-kernel:
 *
 *     C (m × n)  =  alpha · A (m × kc) · B (kc × n)      or  C +=
 *
 *     LOOP 2  over the micropanels of B, NR columns each: one stays in the L1 cache …
 *     LOOP 1  … while the micropanels of A, MR rows each, stream past it from the L2 cache.
 *
 * A micropanel may be packed or lie in place: element (i, p) of A's micropanel q is at a + q·psa + i·rsa + p·csa, row
 * p of B's micropanel q is NR adjacent elements at b + q·psb + p·rsb. All strides are in bytes.
 * `aTail`, `bTail`: packed, zero-padded copies of a ragged last micropanel; 0 where it can be read where it is (packed
 * blocks are padded already). Tiles that are ragged, or whose C has no adjacent columns, go through the scratch tile.
 */
export function macro<K, T>(
  m: usize,
  n: usize,
  kc: usize,
  alpha: T,
  a: usize,
  rsa: usize,
  csa: usize,
  psa: usize,
  aTail: usize,
  b: usize,
  rsb: usize,
  psb: usize,
  bTail: usize,
  accumulate: bool,
  c: usize,
  rsc: usize,
  csc: usize,
  tile: usize,
): void {
  const kernel = changetype<K>(0);
  const MR = kernel.rows();
  const NR = (kernel.vectors() * 16) / sizeof<T>();
  const rst = kernel.vectors() * 16;

  for (let j: usize = 0; j < n; j += NR, b += psb, c += NR * csc) {
    const nr = min(NR, n - j);
    const inPlace = nr == NR || bTail == 0;
    const bPanel = inPlace ? b : bTail;
    const bStep = inPlace ? rsb : rst;

    let aNext = a;
    let cNext = c;
    for (let i: usize = 0; i < m; i += MR, aNext += psa, cNext += MR * rsc) {
      const mr = min(MR, m - i);
      const packed = mr < MR && aTail != 0;
      const whole = mr == MR && nr == NR && csc == sizeof<T>();
      kernel.run(
        kc,
        packed ? aTail : aNext,
        packed ? sizeof<T>() : rsa,
        packed ? MR * sizeof<T>() : csa,
        bPanel,
        bStep,
        whole ? cNext : tile,
        whole ? rsc : rst,
        alpha,
        whole && accumulate,
      );
      if (!whole) storeCorner<T>(mr, nr, tile, rst, cNext, rsc, csc, accumulate);
    }
  }
}

/** One micro-kernel call on a whole tile: what the tests check and the benches call the micro-kernel's own rate. */
export function runMicro<K, T>(address: usize): void {
  const job = changetype<GemmJob>(address);
  const alpha = job.alpha as T;
  changetype<K>(0).run(
    job.k,
    job.a,
    job.rsa,
    job.csa,
    job.b,
    job.rsb,
    job.c,
    job.rsc,
    alpha,
    job.accumulate != 0,
  );
}

/** An m-block of A times an n-panel of B, each packed or in place. */
export function runMacro<K, T>(address: usize): void {
  const job = changetype<GemmJob>(address);
  const alpha = job.alpha as T;
  macro<K, T>(
    job.m,
    job.n,
    job.k,
    alpha,
    job.a,
    job.rsa,
    job.csa,
    job.nextA,
    job.aScratch,
    job.b,
    job.rsb,
    job.nextB,
    job.bScratch,
    job.accumulate != 0,
    job.c,
    job.rsc,
    job.csc,
    job.tile,
  );
}

import { GemmJob } from "./job";
import { macro } from "./macro";
import { pack } from "./pack";
import { scale } from "./scale";

/**
 * The no-packing path: `job.count` products C <- alpha A B + beta C that lie nextA, nextB, nextC bytes apart (the record
 * moves on with them), operands read where they are. Only what cannot be read in place is packed into the scratch areas:
 * a ragged last micropanel of A or of B, and the whole of B where its columns are not adjacent or k·rsb is 0 (modulo 2³²).
 * k is at most KC.
 */
export function runSmall<K, T>(address: usize): void {
  const job = changetype<GemmJob>(address);
  const kernel = changetype<K>(0);
  const MR = kernel.rows();
  const NR = (kernel.vectors() * 16) / sizeof<T>();
  const adjacent = columnsAdjacent<T>(job);
  const rsb = adjacent ? job.rsb : NR * sizeof<T>();
  const nextPanel = adjacent ? NR * sizeof<T>() : NR * job.k * sizeof<T>();

  for (let left = job.count; left; --left) {
    prepare<T>(job, MR, NR);
    macro<K, T>(
      job.m,
      job.n,
      job.k,
      job.alpha as T,
      job.a,
      job.rsa,
      job.csa,
      MR * job.rsa,
      job.aScratch,
      adjacent ? job.b : job.bScratch,
      rsb,
      nextPanel,
      adjacent ? job.bScratch : 0,
      (job.beta as T) != 0,
      job.c,
      job.rsc,
      job.csc,
      job.tile,
    );
    job.a += job.nextA;
    job.b += job.nextB;
    job.c += job.nextC;
  }
}

/** Whether B can be read in place. The micro-kernel tells the end by its address, which must not be the beginning. */
function columnsAdjacent<T>(job: GemmJob): bool {
  return job.csb == sizeof<T>() && job.k * job.rsb != 0;
}

/** C <- beta C, and packs what macro cannot read in place. One function for all tiles. */
function prepare<T>(job: GemmJob, MR: usize, NR: usize): void {
  const k = job.k;
  const rsa = job.rsa;
  const csb = job.csb;
  const beta = job.beta as T;
  const aRagged = job.m % MR;
  const bRagged = job.n % NR;
  if (beta != 0 && beta != 1) scale<T>(job.m, job.n, beta, job.c, job.rsc, job.csc);
  if (aRagged) pack<T>(aRagged, k, MR, job.a + (job.m - aRagged) * rsa, rsa, job.csa, job.aScratch);
  if (!columnsAdjacent<T>(job)) pack<T>(job.n, k, NR, job.b, csb, job.rsb, job.bScratch);
  else if (bRagged) {
    pack<T>(bRagged, k, NR, job.b + (job.n - bRagged) * csb, csb, job.rsb, job.bScratch);
  }
}

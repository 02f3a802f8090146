import { GemmJob } from "./job";
import { macro } from "./macro";
import { pack } from "./pack";
import { scale } from "./scale";

/**
 * The no-packing path: `job.count` products C <- alpha A B + beta C that lie nextA, nextB, nextC
 * bytes apart, operands read where
 * they are. Only what cannot be read in place is packed into the scratch areas: a ragged last micropanel of A or of B,
 * and the whole of B where its columns are not adjacent or its rows coincide. k is at most KC.
 */
export function runSmall<K, T>(address: usize): void {
  const job = changetype<GemmJob>(address);
  const kernel = changetype<K>(0);
  const MR = kernel.rows();
  const NR = (kernel.vectors() * 16) / sizeof<T>();
  const m = job.m;
  const n = job.n;
  const k = job.k;
  const rsa = job.rsa;
  const rsb = job.rsb;
  const csb = job.csb;
  const beta = job.beta as T;
  const aRagged = m % MR;
  const bRagged = n % NR;
  // The micro-kernel cannot read rows of B that all lie on each other (rsb = 0): those are packed, too.
  const adjacent = csb == sizeof<T>() && rsb != 0;
  let a = job.a;
  let b = job.b;
  let c = job.c;

  for (let count = job.count; count; --count, a += job.nextA, b += job.nextB, c += job.nextC) {
    if (beta != 0 && beta != 1) scale<T>(m, n, beta, c, job.rsc, job.csc);
    if (aRagged) pack<T>(aRagged, k, MR, a + (m - aRagged) * rsa, rsa, job.csa, job.aScratch);
    if (!adjacent) pack<T>(n, k, NR, b, csb, rsb, job.bScratch);
    else if (bRagged) pack<T>(bRagged, k, NR, b + (n - bRagged) * csb, csb, rsb, job.bScratch);
    macro<K, T>(
      m,
      n,
      k,
      job.alpha as T,
      a,
      rsa,
      job.csa,
      MR * rsa,
      job.aScratch,
      adjacent ? b : job.bScratch,
      adjacent ? rsb : NR * sizeof<T>(),
      adjacent ? NR * csb : NR * k * sizeof<T>(),
      adjacent ? job.bScratch : 0,
      beta != 0,
      c,
      job.rsc,
      job.csc,
      job.tile,
    );
  }
}

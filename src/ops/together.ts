import { TeamError } from "../errors.ts";
import { of } from "../kernels/exports.ts";
import { itemSize } from "../kernels/job.ts";
import { SCRATCH_PARTS } from "../memory/layout.ts";
import { TRIED_ALONE } from "../team/ledger.ts";
import type { Job } from "../team/team.ts";
import { type Batch, type Engine, multiply, ONE, type Product } from "./multiply.ts";
import { cut, perform, publish, published, type Work } from "./tickets.ts";

/** Multiply-adds below which members are never called: it takes 1 µs to call one that is awake, in which one thread does 50,000. */
export const LEAST_WORK = 64 ** 3;

/** Rounds of rehearse(): V8 optimises what has been called some hundred times. 20 ms. */
const REHEARSALS = 400;
const REHEARSAL_AT = 2 ** 20;

/** Computes products: with the team where that pays, else in this thread. The bits are the same. */
export function compute(engine: Engine, product: Product, batch: Batch = ONE): void {
  const { team } = engine;
  const amount = product.m * product.n * product.k * batch.count;
  if (team === undefined || amount < LEAST_WORK || team.size < 2 || !team.prepare()) {
    multiply(engine, product, batch);
    return;
  }
  // What it still measures between products is not theirs.
  if (!of(engine.selection, product.dtype).settled) {
    multiply(engine, product, batch);
    return;
  }
  const kind = kindOf(product, batch);
  if (team.ledger.choose(kind, amount) === "alone") {
    const start = team.now();
    multiply(engine, product, batch);
    team.ledger.record(kind, amount, "alone", team.now() - start);
    return;
  }
  const work = cut(engine, product, batch, team.size);
  const done = work.tickets > 1 ? team.compute(jobOf(engine, work)) : undefined;
  if (done === undefined) {
    multiply(engine, product, batch);
    return;
  }
  const { whole, own, ownMs, ms } = done;
  team.ledger.record(kind, amount, "together", ms);
  // One thread's time, which is not tried at this size, told from the caller's own tickets.
  if (own > 0 && amount > TRIED_ALONE) {
    team.ledger.record(kind, amount, "alone", (ownMs * work.tickets) / own);
  }
  if (!whole) {
    refuseIfLost(work);
    multiply(engine, product, batch);
  }
}

/** What the team is to do for a work. */
export function jobOf(engine: Engine, work: Work): Job {
  return {
    tickets: work.tickets,
    publish: () => publish(engine.linear, work),
    perform: (ticket) => perform(engine, work, ticket),
  };
}

/** What a member of the team computes: whatever has been published. */
export function performPublished(engine: Engine, ticket: number): void {
  const work = published(engine.linear);
  of(engine.selection, work.product.dtype).adopt(work.microKernel);
  perform(engine, work, ticket);
}

/**
 * Before the first call: a member computes tiny products on every path, until its engine has compiled what it runs. In its
 * scratch, behind what such products pack.
 */
export function rehearse(engine: Engine): void {
  const [m, n] = [4, 16];
  const elements = engine.scratch + SCRATCH_PARTS.bPanel + REHEARSAL_AT;
  engine.linear.bytes(elements, 8 * (m * 320 + 320 * n + m * n)).fill(0);
  for (let round = 0; round < REHEARSALS; ++round) {
    for (const k of [16, 320]) {
      const dtype = round % 2 === 0 ? "float32" : "float64";
      const size = itemSize(dtype);
      const b = elements + m * k * 8;
      const product: Product = {
        dtype,
        m,
        n,
        k,
        alpha: 1,
        a: { address: elements, rs: k * size, cs: size },
        b: { address: b, rs: n * size, cs: size },
        beta: 0,
        c: { address: b + k * n * 8, rs: n * size, cs: size },
      };
      const work = cut(engine, product, ONE, 1);
      for (let ticket = 0; ticket < work.tickets; ++ticket) perform(engine, work, ticket);
    }
  }
}

/** What died with a member can be computed anew, if it reads nothing that it has changed. @throws TeamError (`DIED`) */
export function refuseIfLost({ product }: Work): void {
  if (product.beta === 0) return;
  throw new TeamError(
    "DIED",
    "A member of the team died while it computed a part of C ← αAB + βC: C is neither old nor new. Give gemm() a copy of C again.",
  );
}

/** One number for products that take about as long: dtype, and extents within a factor of √2. */
function kindOf({ dtype, m, n, k }: Product, { count }: Batch): number {
  const about = (extent: number): number => Math.round(2 * Math.log2(extent));
  return [m, n, k, count].reduce((kind, extent) => 64 * kind + about(extent), dtype === "float32" ? 0 : 1);
}

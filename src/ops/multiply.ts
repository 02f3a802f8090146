import { type DType, of } from "../kernels/exports.ts";
import { itemSize, NO_JOB, type Workbench, writeJob } from "../kernels/job.ts";
import type { Selection } from "../kernels/select.ts";
import type { KernelTable, TileKernels } from "../kernels/table.ts";
import { SCRATCH_PARTS } from "../memory/layout.ts";
import type { LinearMemory } from "../memory/linear.ts";
import { BLOCKING, fitting, type Plan, plan } from "../plan/blocking.ts";
import type { Gil } from "../sync/gil.ts";
import type { Delegate } from "../team/delegate.ts";
import type { Team } from "../team/team.ts";
import { flip, type MatrixRef, shifted } from "./matrix-ref.ts";

/** What computes products on one thread: kernels over a memory, a job record and packing scratch of their own. */
export interface Engine {
  readonly kernels: KernelTable;
  readonly linear: LinearMemory;
  /** Byte addresses of the job record and of the packing scratch. */
  readonly job: number;
  readonly scratch: number;
  readonly selection: Readonly<Record<DType, Selection>>;
  readonly now: () => number;
  /** What useGil() said. */
  gil: Gil | undefined;
  /** Who computes with this thread; undefined for nobody. */
  team: Team | undefined;
  /** Who computes asynchronous products for it where memory is not shared; undefined for nobody. */
  delegate: Delegate | undefined;
  /** The last of the asynchronous products of this thread: the next one waits for it. */
  queue: Promise<void>;
}

/** C (m × n) <- alpha · A (m × k) · B (k × n) + beta · C. */
export interface Product {
  readonly dtype: DType;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly alpha: number;
  readonly a: MatrixRef;
  readonly b: MatrixRef;
  readonly beta: number;
  readonly c: MatrixRef;
}

/** Several products of one shape, that lie a fixed number of bytes apart. */
export interface Batch {
  readonly count: number;
  readonly nextA: number;
  readonly nextB: number;
  readonly nextC: number;
}

export const ONE: Batch = { count: 1, nextA: 0, nextB: 0, nextC: 0 };

/** From this many multiply-adds on, a product is long enough that a slice of measuring beside it is not felt. */
const REFINE_FROM = 64 ** 3;

/** Where the engine's probes and measurements may work: its own scratch, between products. */
export function workbench({ linear, job, scratch }: Pick<Engine, "linear" | "job" | "scratch">): Workbench {
  const { i32, f64 } = linear;
  const { tile, aBlock, bPanel } = SCRATCH_PARTS;
  return { i32, f64, job, tile: scratch + tile, a: scratch + aBlock, b: scratch + bPanel };
}

/** Whether C's columns are adjacent, but not its rows: micro-kernels store rows. */
export function isByColumns({ dtype, m, n, c }: Product): boolean {
  const size = itemSize(dtype);
  return c.cs !== size && c.rs === size && m > 1 && n > 1;
}

/** The same product seen from its other side: Cᵀ = Bᵀ Aᵀ. */
export function transposed(p: Product): Product {
  return { ...p, m: p.n, n: p.m, a: flip(p.b), b: flip(p.a), c: flip(p.c) };
}

/**
 * Computes products, in this thread. `part`: it is a block of a larger product, and summed in that one's order even if it is
 * one row or column. BLAS's rules for the edges: nothing for m = 0 or n = 0; C <- beta C for k = 0 or alpha = 0, when A
 * and B are not read; C is not read for beta = 0.
 */
export function multiply(engine: Engine, product: Product, batch: Batch = ONE, part = false): void {
  const { dtype, m, n, k } = product;
  if (m === 0 || n === 0 || batch.count === 0) return;
  if (k === 0 || product.alpha === 0) {
    each(batch, product, (p) => scale(engine, p));
    return;
  }
  const size = itemSize(dtype);
  const flipped = isByColumns(product);
  const p = flipped ? transposed(product) : product;
  const selection = of(engine.selection, dtype);
  if (!selection.settled && m * n * k >= REFINE_FROM) {
    selection.refine(of(engine.kernels, dtype), dtype, workbench(engine), engine.now);
  }
  const { chosen } = selection;
  const microKernel = selection.substitutable ? fitting(chosen, dtype, p.m, p.n) : chosen;
  const tile = of(engine.kernels, dtype).tiles[microKernel];
  const how = plan({
    dtype,
    m: p.m,
    n: p.n,
    k,
    aRowsAdjacent: p.a.cs === size,
    // Micro-kernels end by the address of B, in 32 bits: it must not be where they began.
    bRowsAdjacent: p.b.cs === size && Math.imul(p.b.rs, Math.min(k, of(BLOCKING, dtype).KC)) !== 0,
    vectors: tile.vectors,
    part,
  });
  const apart = flipped ? { ...batch, nextA: batch.nextB, nextB: batch.nextA } : batch;
  if (how.path === "small") small(engine, p, apart, how, tile);
  else if (how.path === "vector") each(apart, p, (one) => vector(engine, one));
  else each(apart, p, (one) => blocked(engine, one, how, tile));
}

/** Calls `run` for each product of a batch. */
function each(batch: Batch, product: Product, run: (product: Product) => void): void {
  if (batch.count === 1) {
    run(product);
    return;
  }
  for (let i = 0; i < batch.count; ++i) run(productAt(product, batch, i));
}

/** Product i of a batch. */
export const productAt = (product: Product, { nextA, nextB, nextC }: Batch, i: number): Product => ({
  ...product,
  a: shifted(product.a, i * nextA),
  b: shifted(product.b, i * nextB),
  c: shifted(product.c, i * nextC),
});

/** C <- beta C. */
function scale({ kernels }: Engine, { dtype, m, n, beta, c }: Product): void {
  if (beta !== 1) of(kernels, dtype).scale(m, n, beta, c.address, c.rs, c.cs);
}

/** Products with a vector: m = 1 or n = 1. */
function vector({ kernels, scratch }: Engine, { dtype, m, n, k, alpha, a, b, beta, c }: Product): void {
  const { gemv } = of(kernels, dtype);
  const room = scratch + SCRATCH_PARTS.bPanel;
  if (n === 1) gemv(m, k, alpha, a.address, a.rs, a.cs, b.address, b.rs, beta, c.address, c.rs, room);
  else gemv(n, k, alpha, b.address, b.cs, b.rs, a.address, a.cs, beta, c.address, c.cs, room);
}

/** All of a batch in one call, operands in place. */
function small(engine: Engine, p: Product, batch: Batch, { packB }: Plan, tile: TileKernels): void {
  const { linear, job, scratch } = engine;
  const { a, b, c } = p;
  writeJob(linear, job, {
    alpha: p.alpha,
    beta: p.beta,
    count: batch.count,
    m: p.m,
    n: p.n,
    k: p.k,
    a: a.address,
    rsa: a.rs,
    csa: a.cs,
    nextA: batch.nextA,
    b: b.address,
    rsb: b.rs,
    csb: b.cs,
    nextB: batch.nextB,
    c: c.address,
    rsc: c.rs,
    csc: c.cs,
    nextC: batch.nextC,
    tile: scratch + SCRATCH_PARTS.tile,
    aScratch: scratch + SCRATCH_PARTS.aTail,
    bScratch: scratch + (packB ? SCRATCH_PARTS.bPanel : SCRATCH_PARTS.bTail),
    accumulate: 0,
  });
  tile.small(job);
}

/**
 * Loops 5, 4 and 3 of the five (loops 2 and 1, and the micro-kernel in them, are assembly/gemm/macro.ts):
 *
 *     LOOP 5  over n, NC columns: an n-panel of B and C
 *     LOOP 4  over k, KC steps:   pack the n-panel's KC rows of B   (never split between threads: all write the same C)
 *     LOOP 3  over m, MC rows:    pack an m-block of A, multiply
 */
function blocked(engine: Engine, p: Product, how: Plan, tile: TileKernels): void {
  const { kernels, linear, job, scratch } = engine;
  const { dtype, m, n, k, a, b, c } = p;
  const size = itemSize(dtype);
  const { packA, packB } = how;
  const { rows: MR, vectors, macro } = tile;
  const NR = (vectors * 16) / size;
  const { KC, NC: columns } = of(BLOCKING, dtype);
  const MC = how.mc - (how.mc % MR);
  const NC = columns - (columns % NR);
  const { pack } = of(kernels, dtype);
  const aBlock = scratch + SCRATCH_PARTS.aBlock;
  const bPanel = scratch + SCRATCH_PARTS.bPanel;
  const aTail = scratch + SCRATCH_PARTS.aTail;
  const bTail = scratch + SCRATCH_PARTS.bTail;
  // General beta: C is scaled once, then everything is added. (beta · c rounded, then + alpha · sum: same on all paths.)
  if (p.beta !== 0) scale(engine, p);

  for (let jc = 0; jc < n; jc += NC) {
    const nc = Math.min(NC, n - jc);
    const nRagged = nc % NR;
    for (let pc = 0; pc < k; pc += KC) {
      const kc = Math.min(KC, k - pc);
      const bAt = b.address + pc * b.rs + jc * b.cs;
      if (packB) pack(nc, kc, NR, bAt, b.cs, b.rs, bPanel);
      else if (nRagged) pack(nRagged, kc, NR, bAt + (nc - nRagged) * b.cs, b.cs, b.rs, bTail);
      for (let ic = 0; ic < m; ic += MC) {
        const mc = Math.min(MC, m - ic);
        const mRagged = mc % MR;
        const aAt = a.address + ic * a.rs + pc * a.cs;
        if (packA) pack(mc, kc, MR, aAt, a.rs, a.cs, aBlock);
        else if (mRagged) pack(mRagged, kc, MR, aAt + (mc - mRagged) * a.rs, a.rs, a.cs, aTail);
        writeJob(linear, job, {
          ...NO_JOB,
          alpha: p.alpha,
          m: mc,
          n: nc,
          k: kc,
          a: packA ? aBlock : aAt,
          rsa: packA ? size : a.rs,
          csa: packA ? MR * size : a.cs,
          nextA: packA ? MR * kc * size : MR * a.rs,
          aScratch: packA ? 0 : aTail,
          b: packB ? bPanel : bAt,
          rsb: packB ? NR * size : b.rs,
          nextB: packB ? NR * kc * size : NR * b.cs,
          bScratch: packB ? 0 : bTail,
          c: c.address + ic * c.rs + jc * c.cs,
          rsc: c.rs,
          csc: c.cs,
          tile: scratch + SCRATCH_PARTS.tile,
          accumulate: pc > 0 || p.beta !== 0 ? 1 : 0,
        });
        macro(job);
      }
    }
  }
}

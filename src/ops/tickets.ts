import { MICRO_KERNELS, type MicroKernel, of } from "../kernels/exports.ts";
import { itemSize, type JobViews } from "../kernels/job.ts";
import { TEAM_JOB } from "../memory/layout.ts";
import { type Partition, partition } from "../plan/partition.ts";
import {
  type Batch,
  type Engine,
  isByColumns,
  type MatrixRef,
  multiply,
  type Product,
  transposed,
} from "./multiply.ts";

/** Products of one shape, and how they are cut into tickets: in runs of products, of each of them the blocks of a grid. */
export interface Work {
  readonly product: Product;
  readonly batch: Batch;
  /** Products of a run: 1 where their grid has more than one block. */
  readonly run: number;
  readonly grid: Partition;
  readonly tickets: number;
  /** For members: the caller's choice. */
  readonly microKernel: MicroKernel;
}

/** Columns of C that fill a cache line: members do not write to one line, unless rows lie across it. */
const LINE_BYTES = 64;
/** Runs a member, so that a slow one costs only its share. */
const RUNS = 4;
/** Products of a batch a member, from which on each of them is one member's. */
const PLENTY = 4;
const TICKETS_MAX = 65_535;

const whole = ({ m, n }: Product): Partition => ({ rows: m, columns: n, across: 1, tickets: 1 });

/**
 * Cuts products for so many members. Never over k, and each element of C is summed as it is on one thread: also in products
 * with a vector, whose elements do not depend on how many there are (assembly/level2/gemv.ts).
 *
 * @param most multiply-adds that a ticket should not exceed.
 */
export function cut(
  engine: Engine,
  given: Product,
  batch: Batch,
  members: number,
  most = Number.POSITIVE_INFINITY,
): Work {
  const flipped = isByColumns(given);
  const product = flipped ? transposed(given) : given;
  const apart = flipped ? { ...batch, nextA: batch.nextB, nextB: batch.nextA } : batch;
  const { count } = batch;
  const work = product.m * product.n * product.k;
  const parts = Math.max(members, Math.ceil(work / most));
  const grid =
    count >= PLENTY * parts || product.alpha === 0 ? whole(product) : gridOf(engine, product, parts);
  let run = 1;
  if (grid.tickets === 1)
    run = Math.min(Math.ceil(count / (RUNS * members)), Math.max(1, Math.floor(most / work)));
  run = Math.max(run, Math.ceil((count * grid.tickets) / TICKETS_MAX));
  const tickets = Math.ceil(count / run) * grid.tickets;
  return {
    product,
    batch: apart,
    run,
    grid,
    tickets,
    microKernel: of(engine.selection, product.dtype).chosen,
  };
}

/** The blocks of one product for so many members. */
function gridOf(engine: Engine, product: Product, members: number): Partition {
  const { dtype, m, n, k } = product;
  const size = itemSize(dtype);
  const line = LINE_BYTES / size;
  if (isOfVector(product)) {
    const length = Math.max(line, Math.ceil(Math.ceil((m * n) / (RUNS * members)) / line) * line);
    const tickets = Math.ceil((m * n) / length);
    return n === 1
      ? { rows: length, columns: 1, across: 1, tickets }
      : { rows: 1, columns: length, across: tickets, tickets };
  }
  const { chosen, gflops } = of(engine.selection, dtype);
  const tile = of(engine.kernels, dtype).tiles[chosen];
  const width = (tile.vectors * 16) / size;
  // Whole tiles and whole lines: a tile three vectors wide ends with a line every third time.
  const tileColumns = tile.vectors % 3 === 0 ? 4 * width : Math.max(width, line);
  return partition({ m, n, k, members, tileRows: tile.rows, tileColumns, gflops });
}

const isOfVector = ({ m, n }: Product): boolean => m === 1 || n === 1;

/** What a ticket stands for: products of a batch, or a block of one, from row i and column j on. */
export function partOf(
  { product, batch, run, grid }: Work,
  ticket: number,
): { readonly part: Product; readonly batch: Batch; readonly i: number; readonly j: number } {
  const { m, n, a, b, c } = product;
  const first = Math.floor(ticket / grid.tickets) * run;
  const block = ticket % grid.tickets;
  const i = Math.floor(block / grid.across) * grid.rows;
  const j = (block % grid.across) * grid.columns;
  const from = (matrix: MatrixRef, next: number, row: number, column: number): MatrixRef => ({
    ...matrix,
    address: matrix.address + first * next + row * matrix.rs + column * matrix.cs,
  });
  const part: Product = {
    ...product,
    m: Math.min(grid.rows, m - i),
    n: Math.min(grid.columns, n - j),
    a: from(a, batch.nextA, i, 0),
    b: from(b, batch.nextB, 0, j),
    c: from(c, batch.nextC, i, j),
  };
  return { part, batch: { ...batch, count: Math.min(run, batch.count - first) }, i, j };
}

/** Computes what a ticket stands for. */
export function perform(engine: Engine, work: Work, ticket: number): void {
  const { part, batch } = partOf(work, ticket);
  // A block of one row is summed as the rows of the whole are, not as a product with a vector.
  multiply(engine, part, batch, !isOfVector(work.product));
}

/*
 * What the members of the team are to compute, at TEAM_JOB: alpha and beta as float64, then as int32 the rest in this order.
 */
const FIELDS = TEAM_JOB / 4 + 4;

/** Writes what the tickets on the board stand for. */
export function publish({ i32, f64 }: JobViews, work: Work): void {
  const { product, batch, run, grid, tickets, microKernel } = work;
  const { dtype, m, n, k, alpha, beta, a, b, c } = product;
  f64[TEAM_JOB / 8] = alpha;
  f64[TEAM_JOB / 8 + 1] = beta;
  const fields = [
    dtype === "float32" ? 1 : 2,
    m,
    n,
    k,
    ...[a, b, c].flatMap(({ address, rs, cs }) => [address, rs, cs]),
    batch.count,
    batch.nextA,
    batch.nextB,
    batch.nextC,
    run,
    grid.rows,
    grid.columns,
    grid.across,
    grid.tickets,
    tickets,
    MICRO_KERNELS.indexOf(microKernel),
  ];
  i32.set(fields, FIELDS);
}

/** What publish() has written. */
export function published({ i32, f64 }: JobViews): Work {
  const field = (at: number): number => i32[FIELDS + at]!;
  const matrix = (at: number): MatrixRef => ({
    address: field(at) >>> 0,
    rs: field(at + 1),
    cs: field(at + 2),
  });
  return {
    product: {
      dtype: field(0) === 1 ? "float32" : "float64",
      m: field(1),
      n: field(2),
      k: field(3),
      alpha: f64[TEAM_JOB / 8]!,
      beta: f64[TEAM_JOB / 8 + 1]!,
      a: matrix(4),
      b: matrix(7),
      c: matrix(10),
    },
    batch: { count: field(13), nextA: field(14), nextB: field(15), nextC: field(16) },
    run: field(17),
    grid: { rows: field(18), columns: field(19), across: field(20), tickets: field(21) },
    tickets: field(22),
    microKernel: MICRO_KERNELS[field(23)]!,
  };
}

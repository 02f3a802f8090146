import { type MicroKernel, of } from "../kernels/exports.ts";
import { itemSize, type JobViews } from "../kernels/job.ts";
import { type Partition, partition } from "../plan/partition.ts";
import { from, shifted } from "./matrix-ref.ts";
import { type Batch, type Engine, isByColumns, multiply, type Product, transposed } from "./multiply.ts";
import { numbersOf, SCALARS, TeamJobReader, writeTeamJob } from "./team-job.ts";

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
  const part: Product = {
    ...product,
    m: Math.min(grid.rows, m - i),
    n: Math.min(grid.columns, n - j),
    a: shifted(from(a, i, 0), first * batch.nextA),
    b: shifted(from(b, 0, j), first * batch.nextB),
    c: shifted(from(c, i, j), first * batch.nextC),
  };
  return { part, batch: { ...batch, count: Math.min(run, batch.count - first) }, i, j };
}

/** Computes what a ticket stands for. */
export function perform(engine: Engine, work: Work, ticket: number): void {
  const { part, batch } = partOf(work, ticket);
  // A block of one row is summed as the rows of the whole are, not as a product with a vector.
  multiply(engine, part, batch, !isOfVector(work.product));
}

/** Writes what the tickets on the board stand for. */
export function publish(views: JobViews, { product, batch, run, grid, tickets, microKernel }: Work): void {
  const { dtype, m, n, k, alpha, beta, a, b, c } = product;
  views.f64.set([alpha, beta], SCALARS);
  const { count, nextA, nextB, nextC } = batch;
  const { rows, columns, across } = grid;
  const numbers = [m, n, k, ...[a, b, c].flatMap(numbersOf), count, nextA, nextB, nextC];
  numbers.push(run, rows, columns, across, grid.tickets, tickets);
  writeTeamJob(views, "products", dtype, numbers, microKernel);
}

/** What publish() has written. */
export function published(views: JobViews): Work {
  const job = new TeamJobReader(views);
  const number = (): number => job.number();
  const [m, n, k] = [number(), number(), number()];
  const [a, b, c] = [job.matrix(), job.matrix(), job.matrix()];
  const [alpha, beta] = [views.f64[SCALARS]!, views.f64[SCALARS + 1]!];
  return {
    product: { dtype: job.dtype, m, n, k, alpha, beta, a, b, c },
    // (Properties are evaluated in the order in which they stand.)
    batch: { count: number(), nextA: number(), nextB: number(), nextC: number() },
    run: number(),
    grid: { rows: number(), columns: number(), across: number(), tickets: number() },
    tickets: number(),
    microKernel: job.microKernel(),
  };
}

import { type DType, type MicroKernel, of } from "../kernels/exports.ts";
import { itemSize, type JobViews } from "../kernels/job.ts";
import { SCRATCH_PARTS } from "../memory/layout.ts";
import { flip, from, type MatrixRef, reversed } from "./matrix-ref.ts";
import { type Engine, multiply, ONE } from "./multiply.ts";
import { numbersOf, TeamJobReader, writeTeamJob } from "./team-job.ts";

/** T as a lower triangle: of op(T), seen from its last row on if it is an upper one. */
export interface Triangle {
  /** Rows, and columns. */
  readonly order: number;
  readonly t: MatrixRef;
  /** The diagonal is 1 and not read. */
  readonly unit: boolean;
}

/** Rows exchanged in order: row k with row piv[k], which are int32 from 0, for k = first … last − 1; or undone. */
export interface Swaps {
  readonly piv: number;
  readonly first: number;
  readonly last: number;
  readonly backward: boolean;
}

/** What is done to every column of B, each by itself: rows exchanged, then B <- T⁻¹ B for the rows that `b` begins with. */
export interface Columns {
  readonly dtype: DType;
  readonly columns: number;
  readonly swaps: Swaps;
  /** B as the swaps count its rows. */
  readonly rows: MatrixRef;
  readonly triangle: Triangle;
  readonly b: MatrixRef;
}

/** Which triangle of a matrix is meant, of it or of its transpose. */
export interface TriangleOptions {
  readonly lower: boolean;
  readonly trans: boolean;
  readonly unit: boolean;
}

/** B <- op(A)⁻¹ B, A of `order` rows, of which one triangle is read. */
export function substitution(
  dtype: DType,
  order: number,
  columns: number,
  a: MatrixRef,
  { lower, trans, unit }: TriangleOptions,
  b: MatrixRef,
): Columns {
  const t = trans ? flip(a) : a;
  // The transpose of a lower triangle is an upper one, and that one is lower when it is read from its last row on.
  const forward = lower !== trans;
  const rows = forward ? b : { address: b.address + (order - 1) * b.rs, rs: -b.rs, cs: b.cs };
  const triangle = { order, t: forward ? t : reversed(t, order, order), unit };
  return { dtype, columns, swaps: NO_SWAPS, rows, triangle, b: rows };
}

export const NO_SWAPS: Swaps = { piv: 0, first: 0, last: 0, backward: false };
export const NO_TRIANGLE: Triangle = { order: 0, t: { address: 0, rs: 0, cs: 0 }, unit: true };

/** Rows of a triangle that one kernel call solves: above that, halves and a product are faster (bench/results). */
const BASE = 32;
/** Columns from which on a triangle is packed for them: rows a power of two apart fall on few sets of the L1 cache. */
const PACK_FROM = 8;
/** Rows so many bytes apart, or a multiple, fall on so few sets of an L1 cache that 32 of them push each other out. */
const ALIASED = 1024;
/** Columns done at a time, so that they stay in the L2 cache from one triangle to the next. */
const SLICE = 256;

/** Bytes from row to row of so many elements: an odd number of cache lines, so that rows do not fall on one set of a cache. */
export const pitchOf = (elements: number, size: number): number =>
  64 * (Math.ceil((elements * size) / 64) | 1);

/** Does so many columns, from one on, in this thread. */
export function solveColumns(engine: Engine, work: Columns, first = 0, count: number = work.columns): void {
  const { dtype, swaps, triangle } = work;
  const { laswp } = of(engine.kernels, dtype);
  for (let j = first; j < first + count; j += SLICE) {
    const columns = Math.min(SLICE, first + count - j);
    if (swaps.last > swaps.first) {
      const { address, rs, cs } = from(work.rows, 0, j);
      laswp(columns, address, rs, cs, swaps.piv, swaps.first, swaps.last, swaps.backward ? 1 : 0);
    }
    if (triangle.order > 0) solve(engine, work, triangle, columns, from(work.b, 0, j));
  }
}

/** By halves: T11 X1 = B1; B2 <- B2 − T21 X1; T22 X2 = B2. The split depends on the order alone, so the bits do. */
function solve(
  engine: Engine,
  work: Columns,
  { order, t, unit }: Triangle,
  columns: number,
  b: MatrixRef,
): void {
  const { dtype } = work;
  if (order <= BASE) {
    base(engine, dtype, { order, t, unit }, columns, b);
    return;
  }
  const half = BASE * Math.ceil(order / BASE / 2);
  const rest = order - half;
  const below = from(b, half, 0);
  solve(engine, work, { order: half, t, unit }, columns, b);
  // As a part of the product for all columns, whose order of summation it has, however they are cut.
  const part = rest > 1 && work.columns > 1;
  const product = {
    dtype,
    m: rest,
    n: columns,
    k: half,
    alpha: -1,
    a: from(t, half, 0),
    b,
    beta: 1,
    c: below,
  };
  multiply(engine, product, ONE, part);
  solve(engine, work, { order: rest, t: from(t, half, half), unit }, columns, below);
}

/** One kernel call, in place where B's columns are adjacent, else on a packed copy. */
function base(
  { kernels, scratch }: Engine,
  dtype: DType,
  { order, t, unit }: Triangle,
  columns: number,
  b: MatrixRef,
): void {
  const { trsm, pack, copy } = of(kernels, dtype);
  const size = itemSize(dtype);
  let [at, rst, cst, pst] = [t.address, t.rs, t.cs, 4 * t.rs];
  if (columns >= PACK_FROM) {
    const packed = scratch + SCRATCH_PARTS.triangle;
    pack(order, order, 4, at, rst, cst, packed);
    [at, rst, cst, pst] = [packed, size, 4 * size, 4 * order * size];
  }
  const flag = unit ? 1 : 0;
  const inPlace = b.cs === size && b.rs % ALIASED !== 0;
  if (inPlace || columns === 1) {
    trsm(order, columns, at, rst, cst, pst, flag, b.address, b.rs);
    return;
  }
  const room = scratch + SCRATCH_PARTS.columns;
  const rs = pitchOf(columns, size);
  copy(order, columns, b.address, b.rs, b.cs, room, rs, size);
  trsm(order, columns, at, rst, cst, pst, flag, room, rs);
  copy(order, columns, room, rs, size, b.address, b.rs, b.cs);
}

// ---- with the team --------------------------------------------------------------------------------------------------

/** Columns that fill a cache line: members do not write to one line, unless columns lie across it. */
const LINE_BYTES = 64;
/** Tickets a member, so that a slow one costs only its share. */
const EACH = 4;
/** Columns of a ticket at least: with fewer, packing the triangle costs more than it is used. */
const LEAST_COLUMNS = 32;

/** Columns cut into tickets. */
export interface ColumnWork {
  readonly work: Columns;
  readonly width: number;
  readonly tickets: number;
  /** For members: the caller's choice. */
  readonly microKernel: MicroKernel;
}

/** What it takes, in multiply-adds. */
export function amountOf({ columns, swaps, triangle }: Columns): number {
  return columns * ((triangle.order * triangle.order) / 2 + SWAP_WORK * (swaps.last - swaps.first));
}

/** Multiply-adds that take as long as the exchange of two elements that lie in memory. */
const SWAP_WORK = 16;

/** Cuts columns for so many members: the bits are the same. `most`: multiply-adds that a ticket should not exceed. */
export function cutColumns(
  engine: Engine,
  work: Columns,
  members: number,
  most = Number.POSITIVE_INFINITY,
): ColumnWork {
  const line = LINE_BYTES / itemSize(work.dtype);
  const parts = Math.max(members > 1 ? EACH * members : 1, Math.ceil(amountOf(work) / most));
  const width = Math.max(LEAST_COLUMNS, Math.ceil(Math.ceil(work.columns / parts) / line) * line);
  const tickets = Math.ceil(work.columns / width);
  return { work, width, tickets, microKernel: of(engine.selection, work.dtype).chosen };
}

/** Does what a ticket stands for. */
export function performColumns(engine: Engine, { work, width }: ColumnWork, ticket: number): void {
  const first = ticket * width;
  solveColumns(engine, work, first, Math.min(width, work.columns - first));
}

/** Writes what the tickets on the board stand for. */
export function publishColumns(views: JobViews, { work, width, tickets, microKernel }: ColumnWork): void {
  const { dtype, columns, swaps, rows, triangle, b } = work;
  const { piv, first, last, backward } = swaps;
  const { order, t, unit } = triangle;
  const numbers = [columns, piv, first, last, Number(backward), order, Number(unit)];
  numbers.push(...[rows, t, b].flatMap(numbersOf), width, tickets);
  writeTeamJob(views, "columns", dtype, numbers, microKernel);
}

/** What publishColumns() has written. */
export function publishedColumns(views: JobViews): ColumnWork {
  const job = new TeamJobReader(views);
  const columns = job.number();
  const swaps = { piv: job.address(), first: job.number(), last: job.number(), backward: job.number() !== 0 };
  const [order, unit] = [job.number(), job.number() !== 0];
  const [rows, t, b] = [job.matrix(), job.matrix(), job.matrix()];
  return {
    work: { dtype: job.dtype, columns, swaps, rows, triangle: { order, t, unit }, b },
    width: job.number(),
    tickets: job.number(),
    microKernel: job.microKernel(),
  };
}

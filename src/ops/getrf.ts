import { type DType, of } from "../kernels/exports.ts";
import { itemSize } from "../kernels/job.ts";
import type { Engine, MatrixRef, Product } from "./multiply.ts";
import { columnsTask, compute, computeColumns, productTask, type Task } from "./together.ts";
import { type Columns, from, NO_SWAPS, NO_TRIANGLE, type Triangle } from "./triangular.ts";

/** A matrix that is factored in place, and room to do it in: byte addresses in the arena. */
export interface Factoring {
  readonly dtype: DType;
  readonly m: number;
  readonly n: number;
  readonly a: MatrixRef;
  /** min(m, n) int32, for the pivots. */
  readonly piv: number;
  /** panelBytes(). */
  readonly panel: number;
}

/** What the elimination asks others to do: a product, or the same to many columns. */
export type Step =
  | { readonly kind: "product"; readonly product: Product }
  | { readonly kind: "columns"; readonly columns: Columns };

/** Columns that are factored in a copy of their own, where they are contiguous; and columns that one kernel call factors. */
export const PANEL = 64;
const LEAF = 8;
/** The same where there are so few rows that the calls count. */
const SHORT_LEAF = 32;
const SHORT = 128;

/** Bytes from column to column of a panel: an odd number of cache lines, so that columns do not fall on one set of the cache. */
const pitchOf = (m: number, size: number): number => 64 * (Math.ceil((m * size) / 64) | 1);

/** Bytes that the panel needs. */
export const panelBytes = (dtype: DType, m: number, n: number): number =>
  pitchOf(m, itemSize(dtype)) * Math.min(PANEL, m, n);

/**
 * LU factorization with partial pivoting, P A = L U, by recursion over the columns: factor the left half; exchange its rows and
 * solve its triangle in the right half; subtract the product; factor the rest of the right half; exchange its rows in the left
 * half. Nearly all of it are large products. (S. Toledo, "Locality of reference in LU decomposition with partial pivoting", SIAM J.
 * Matrix Anal. Appl. 18 (1997); LAPACK's getrf2.) Panels of 64 columns are copied, transposed, so that their columns are
 * contiguous, and factored there by the same recursion, down to 8 columns.
 *
 * The split depends on the shape alone, and every step has the same bits on any number of threads: so has the whole.
 * Yields what is to be done before it goes on; returns LAPACK's info.
 */
export function* getrf(engine: Engine, factoring: Factoring): Generator<Step, number, void> {
  const { m, n, a } = factoring;
  const pivots = Math.min(m, n);
  const info = yield* halves(new Matrix(factoring, a, PANEL, panel), engine, 0, pivots);
  if (n > pivots) yield triangleOn(factoring, a, 0, pivots, pivots, n);
  return info;
}

/** How a level of the recursion ends. */
type Ending = (level: Matrix, engine: Engine, first: number, count: number) => Generator<Step, number, void>;

/** A level of the recursion: a matrix, and what is done with few columns of it. */
class Matrix {
  constructor(
    readonly factoring: Factoring,
    /** As if it began with row 0 and column 0. */
    readonly a: MatrixRef,
    /** Columns at which the recursion ends. */
    readonly grain: number,
    readonly end: Ending,
  ) {}
}

/** Does one step, with the team where that pays. @throws TeamError (`DIED`) if a member died over it. */
export function perform(engine: Engine, step: Step): void {
  if (step.kind === "product") compute(engine, step.product);
  else computeColumns(engine, step.columns);
}

/** A step as a task. */
export function taskOf(engine: Engine, step: Step): Task {
  return step.kind === "product" ? productTask(engine, step.product) : columnsTask(engine, step.columns);
}

/** Eliminates columns first … first + count − 1, in the rows from `first` on. */
function* halves(level: Matrix, engine: Engine, first: number, count: number): Generator<Step, number, void> {
  const { factoring, a, grain, end } = level;
  if (count <= grain) return yield* end(level, engine, first, count);
  const { dtype, m } = factoring;
  const half = grain * Math.ceil(count / grain / 2);
  const middle = first + half;
  const last = first + count;
  const left = yield* halves(level, engine, first, half);
  yield triangleOn(factoring, a, first, middle, middle, last);
  const product: Product = {
    dtype,
    m: m - middle,
    n: last - middle,
    k: half,
    alpha: -1,
    a: from(a, middle, first),
    b: from(a, first, middle),
    beta: 1,
    c: from(a, middle, middle),
  };
  yield { kind: "product", product };
  const right = yield* halves(level, engine, middle, count - half);
  yield swapsIn(factoring, a, middle, last, first, middle);
  return left || right;
}

/** Rows exchanged, and L's triangle of columns first … middle − 1 solved, in columns begin … end − 1. */
function triangleOn(
  { dtype, piv }: Factoring,
  a: MatrixRef,
  first: number,
  middle: number,
  begin: number,
  end: number,
): Step {
  const triangle: Triangle = { order: middle - first, t: from(a, first, first), unit: true };
  return {
    kind: "columns",
    columns: {
      dtype,
      columns: end - begin,
      swaps: { ...NO_SWAPS, piv, first, last: middle },
      rows: from(a, 0, begin),
      triangle,
      b: from(a, first, begin),
    },
  };
}

/** The exchanges of pivots first … last − 1, in columns begin … end − 1. */
function swapsIn(
  { dtype, piv }: Factoring,
  a: MatrixRef,
  first: number,
  last: number,
  begin: number,
  end: number,
): Step {
  const rows = from(a, 0, begin);
  const swaps = { ...NO_SWAPS, piv, first, last };
  return {
    kind: "columns",
    columns: { dtype, columns: end - begin, swaps, rows, triangle: NO_TRIANGLE, b: rows },
  };
}

/** Few columns of the whole: factored in a copy, whose columns are contiguous. */
function* panel(
  { factoring, a }: Matrix,
  engine: Engine,
  first: number,
  count: number,
): Generator<Step, number, void> {
  const { dtype, m } = factoring;
  const size = itemSize(dtype);
  const { copy } = of(engine.kernels, dtype);
  const rows = m - first;
  const cs = pitchOf(rows, size);
  const own = from(a, first, first);
  copy(rows, count, own.address, own.rs, own.cs, factoring.panel, size, cs);
  const shifted = from({ address: factoring.panel, rs: size, cs }, -first, -first);
  const grain = rows <= SHORT ? SHORT_LEAF : LEAF;
  const info = yield* halves(new Matrix(factoring, shifted, grain, leaf), engine, first, count);
  copy(rows, count, factoring.panel, size, cs, own.address, own.rs, own.cs);
  return info;
}

/** So few columns that one kernel call factors them. */
// biome-ignore lint/correctness/useYield: the end of a recursion of generators.
function* leaf(
  { factoring, a }: Matrix,
  engine: Engine,
  first: number,
  count: number,
): Generator<Step, number, void> {
  const { dtype, m, piv } = factoring;
  const { address, cs } = from(a, first, first);
  const info = of(engine.kernels, dtype).getf2(m - first, count, address, cs, piv + 4 * first, first);
  return info === 0 ? 0 : first + info;
}

import { type DType, of } from "../kernels/exports.ts";
import { itemSize } from "../kernels/job.ts";
import { from, type MatrixRef } from "./matrix-ref.ts";
import type { Engine, Product } from "./multiply.ts";
import { type Aside, columnsTask, productTask, type Task } from "./together.ts";
import { type Columns, NO_SWAPS, NO_TRIANGLE, pitchOf, type Triangle } from "./triangular.ts";

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

/** How it is factored. */
interface Manner {
  /** Whether others are at a product while this thread factors the next panel. */
  readonly ahead: boolean;
}

/** What the elimination asks others to do: a product, or the same to many columns. */
export type Step =
  | {
      readonly kind: "product";
      readonly product: Product;
      /** What this thread does while others are at the product; it neither needs nor changes anything of it. */
      readonly meanwhile?: Aside;
    }
  | { readonly kind: "columns"; readonly columns: Columns };

/** Columns that are factored in a copy of their own, where they are contiguous, by one kernel call. */
export const PANEL = 64;
/** Bytes of a panel from which on it has fewer columns, down to so many: it would not stay in the L2 cache. */
const PANEL_BYTES = 4 * 2 ** 20;
const NARROW = 16;

/** Columns of a panel of a matrix of m rows. */
function panelWidth(dtype: DType, m: number): number {
  let width = PANEL;
  while (width > NARROW && m * width * itemSize(dtype) > PANEL_BYTES) width /= 2;
  return width;
}

/** Bytes that a panel needs. */
export const panelBytes = (dtype: DType, m: number, n: number): number =>
  pitchOf(m, itemSize(dtype)) * Math.min(panelWidth(dtype, m), m, n);

/** Panels up to which they are eliminated one after the other: then the next one is factored while the rest is updated. */
const FEW = 4;

/**
 * LU factorization with partial pivoting, P A = L U, by recursion over the columns: factor the left half; exchange its rows and
 * solve its triangle in the right half; subtract the product; factor the rest of the right half; exchange its rows in the left
 * half. Nearly all of it are large products. (S. Toledo, "Locality of reference in LU decomposition with partial pivoting", SIAM J.
 * Matrix Anal. Appl. 18 (1997); LAPACK's getrf2.) Where there are others to do so, those columns of a product
 * are done first that are the next panel, which is factored while they do the rest.
 *
 * What is summed in one product depends on the shape alone, and every step has the same bits on any number of threads: so has the
 * whole.
 * Yields what is to be done before it goes on; returns LAPACK's info.
 */
export function* getrf(
  engine: Engine,
  factoring: Factoring,
  { ahead }: Manner,
): Generator<Step, number, void> {
  const { dtype, m, n } = factoring;
  const pivots = Math.min(m, n);
  const elimination = new Elimination(engine, factoring, panelWidth(dtype, m), ahead);
  if (pivots > 0) {
    elimination.factor(0, Math.min(elimination.width, pivots));
    yield* halves(elimination, 0, pivots);
  }
  if (n > pivots) yield triangleOn(factoring, 0, pivots, pivots, n);
  return elimination.info;
}

/** A step as a task. */
export function taskOf(engine: Engine, step: Step): Task {
  if (step.kind === "columns") return columnsTask(engine, step.columns);
  const { product, meanwhile } = step;
  return { ...productTask(engine, product), meanwhile };
}

/** An elimination under way. */
class Elimination {
  readonly engine: Engine;
  readonly factoring: Factoring;
  /** Columns of a panel. */
  readonly width: number;
  readonly ahead: boolean;
  info = 0;

  constructor(engine: Engine, factoring: Factoring, width: number, ahead: boolean) {
    this.engine = engine;
    this.factoring = factoring;
    this.width = width;
    this.ahead = ahead;
  }

  /** Factors a panel, in a copy whose columns are contiguous. */
  factor(first: number, count: number): void {
    const { dtype, m, a, piv, panel } = this.factoring;
    const size = itemSize(dtype);
    const { copy, getf2 } = of(this.engine.kernels, dtype);
    const rows = m - first;
    const pitch = pitchOf(rows, size);
    const { address, rs, cs } = from(a, first, first);
    copy(rows, count, address, rs, cs, panel, size, pitch);
    const info = getf2(rows, count, panel, pitch, piv + 4 * first, first);
    copy(rows, count, panel, size, pitch, address, rs, cs);
    // Panels come from left to right: the first pivot that is 0 counts.
    if (this.info === 0 && info > 0) this.info = first + info;
  }
}

/** Eliminates columns first … last − 1, in the rows from `first` on, of which the first panel has been factored. */
function* halves(elimination: Elimination, first: number, last: number): Generator<Step, void, void> {
  const { factoring, width } = elimination;
  const panels = Math.ceil((last - first) / width);
  if (panels <= FEW) {
    for (let left = first, at = first + width; at < last; left = at, at += width) {
      yield* update(elimination, left, at, last);
      yield swapsIn(factoring, at, Math.min(at + width, last), first, at);
    }
    return;
  }
  const middle = first + width * Math.ceil(panels / 2);
  yield* halves(elimination, first, middle);
  yield* update(elimination, first, middle, last);
  yield* halves(elimination, middle, last);
  yield swapsIn(factoring, middle, last, first, middle);
}

/**
 * What columns first … middle − 1 do to those up to `last`: rows exchanged, L's triangle solved, the product subtracted. Then their
 * first panel is factored.
 */
function* update(
  elimination: Elimination,
  first: number,
  middle: number,
  last: number,
): Generator<Step, void, void> {
  const { factoring, width } = elimination;
  const { dtype, m, a } = factoring;
  yield triangleOn(factoring, first, middle, middle, last);
  const next = Math.min(middle + width, last);
  const productOn = (begin: number, end: number): Product => ({
    dtype,
    m: m - middle,
    n: end - begin,
    k: middle - first,
    alpha: -1,
    a: from(a, middle, first),
    b: from(a, first, begin),
    beta: 1,
    c: from(a, middle, begin),
  });
  const factor = (): void => elimination.factor(middle, next - middle);
  // (One column is a product with a vector, which has another order of summation than a part of a larger one.)
  if (!elimination.ahead || last - next < 2) {
    yield { kind: "product", product: productOn(middle, last) };
    factor();
    return;
  }
  yield { kind: "product", product: productOn(middle, next) };
  const amount = ((m - middle) * (next - middle) ** 2) / 2;
  yield { kind: "product", product: productOn(next, last), meanwhile: { amount, run: factor } };
}

/** Rows exchanged, and L's triangle of columns first … middle − 1 solved, in columns begin … end − 1. */
function triangleOn(
  { dtype, a, piv }: Factoring,
  first: number,
  middle: number,
  begin: number,
  end: number,
): Step {
  const triangle: Triangle = { order: middle - first, t: from(a, first, first), unit: true };
  const swaps = { ...NO_SWAPS, piv, first, last: middle };
  const columns = end - begin;
  return {
    kind: "columns",
    columns: { dtype, columns, swaps, rows: from(a, 0, begin), triangle, b: from(a, first, begin) },
  };
}

/** The exchanges of pivots first … last − 1, in columns begin … end − 1. */
function swapsIn(
  { dtype, a, piv }: Factoring,
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

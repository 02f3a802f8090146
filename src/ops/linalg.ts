import { type ArrayLike, array } from "../array/create.ts";
import { NDArray } from "../array/ndarray.ts";
import { checkOptions, sameShape, show } from "../array/shape.ts";
import type { ArrayStore } from "../array/store.ts";
import { DTypeError, ShapeError, SingularError, UnsupportedError } from "../errors.ts";
import { type DType, of } from "../kernels/exports.ts";
import { itemSize } from "../kernels/job.ts";
import { DISPOSE } from "../sync/wait.ts";
import type { Way } from "../team/ledger.ts";
import { gecon } from "./gecon.ts";
import type { Transpose } from "./gemm.ts";
import { type Factoring, getrf, panelBytes, type Step, taskOf } from "./getrf.ts";
import { checkLater, type LaterOptions } from "./later.ts";
import type { Engine } from "./multiply.ts";
import {
  checkLetter,
  hold,
  type Outline,
  ours,
  outline,
  refOf,
  refuseOverlap,
  sameDType,
  withoutGil,
} from "./operands.ts";
import { performLater } from "./steps.ts";
import { kindOfAmount, share, shareWhole, type Task } from "./together.ts";
import { type Columns, NO_TRIANGLE, substitution } from "./triangular.ts";

/** What luFactor() gives: P A = L U. */
export interface LuFactors {
  /** m × n: below the diagonal L, whose diagonal is 1; on it and above it U. C-contiguous, unless A was overwritten. */
  readonly lu: NDArray;
  /** Row i was exchanged with row piv[i], in this order: LAPACK's ipiv, from 0, as SciPy's. min(m, n) of them. */
  readonly piv: Int32Array;
  /** 0, or i for the first i, from 1, with U[i − 1, i − 1] exactly 0: LAPACK's info. */
  readonly info: number;
  readonly shape: readonly [number, number];
  readonly dtype: DType;
  /**
   * An estimate of 1 / (‖A‖₁ ‖A⁻¹‖₁), LAPACK's gecon: about 1 / rcond is how many times an error in A or b may grow in the
   * solution. 0 where A is singular or so near to it that the condition overflows, NaN where A has a NaN.
   * @throws ShapeError if A is not square; ReleasedError; ArenaFullError.
   */
  rcond(): number;
  /** Releases `lu`. */
  release(): void;
  [Symbol.dispose](): void;
}

/** Options of luFactor(). */
export interface LuFactorOptions {
  /** Factors where A is, if it is an array: `lu` is then a view of it, with its strides. Default false. */
  overwriteA?: boolean;
}

/** Options of luFactorAsync(). */
export interface LuFactorAsyncOptions extends LuFactorOptions, LaterOptions {}

/** Options of luSolve(). */
export interface LuSolveOptions {
  /** "N" (default): A x = b. "T": Aᵀ x = b. */
  trans?: Transpose;
  /** Where x goes: b's shape, any strides; b itself, or no element in common with it. */
  out?: NDArray;
}

/** Options of solveTriangular(). */
export interface SolveTriangularOptions {
  /** Which triangle of A is read. Default false: the upper one. */
  lower?: boolean;
  /** "N" (default): A x = b. "T": Aᵀ x = b. */
  trans?: Transpose;
  /** A's diagonal is 1 and not read. Default false. */
  unitDiagonal?: boolean;
}

/** Options of lu(). */
export interface LuOptions {
  /** Gives P L as `l`, and no `p`. */
  permuteL?: boolean;
  /** Gives `p` as indices: A = L[p, :] U. */
  pIndices?: boolean;
}

/** What lu() gives: A = P L U. */
export interface LuResult<P = NDArray | Int32Array | undefined> {
  readonly p: P;
  /** m × min(m, n). */
  readonly l: NDArray;
  /** min(m, n) × n. */
  readonly u: NDArray;
}

const FACTOR = { overwriteA: true } as const;
const FACTOR_ASYNC = { overwriteA: true, signal: true, onProgress: true } as const;
const SOLVE = { trans: true, out: true } as const;
const SOLVE_ASYNC = { signal: true, onProgress: true } as const;
const TRIANGULAR = { lower: true, trans: true, unitDiagonal: true } as const;
const LU = { permuteL: true, pIndices: true } as const;

/** Bytes that are copied, and added up, at a time: they are in the cache for the second. */
const PIECE_BYTES = 128 * 1024;

/**
 * Linear systems, by the names of scipy.linalg: `la.linalg`. A is an array of any strides, a literal or a typed array, of float32
 * or float64. Bits do not depend on the number of threads.
 *
 * NaN and infinities go through as in LAPACK: what depends on them is NaN or infinite, and nothing is thrown. (A NaN is chosen as a
 * pivot only where there is no number but 0 left in its column.)
 *
 * All throw ShapeError for shapes that do not go together, DTypeError for mixed dtypes, ReleasedError, UnsupportedError (`FOREIGN`
 * for arrays of another context, `OPTION` for options that there are not, or values that they do not take), before anything has changed; ArenaFullError where there
 * is no room; TeamError (`DIED`) if a thread died over it.
 */
export class Linalg {
  readonly #engine: Engine;
  readonly #store: ArrayStore;

  /** @internal */
  constructor(engine: Engine, store: ArrayStore) {
    this.#engine = engine;
    this.#store = store;
    Object.freeze(this);
  }

  /**
   * LU factorization with partial pivoting of an m × n matrix (scipy.linalg.lu_factor, LAPACK's getrf), to be released. Recursive:
   * S. Toledo, SIAM J. Matrix Anal. Appl. 18 (1997). Singular matrices are factored, too: see `info`.
   */
  luFactor(a: ArrayLike, options: LuFactorOptions = {}): LuFactors {
    const { overwriteA = false } = known(options, FACTOR, "luFactor");
    checkFlags("luFactor", { overwriteA });
    const work = this.#begin("luFactor", a, overwriteA);
    try {
      return this.#factors(work, this.#eliminate(work));
    } catch (error) {
      work.lu.release();
      throw error;
    } finally {
      work.room.release();
    }
  }

  /**
   * As luFactor(), leaving this thread's event loop free; see matmulAsync(). A may be released meanwhile, but not changed. Progress is
   * told in multiply-adds.
   * @throws the signal's reason: then what was to be overwritten is lost.
   */
  async luFactorAsync(a: ArrayLike, options: LuFactorAsyncOptions = {}): Promise<LuFactors> {
    const { overwriteA = false, ...later } = known(options, FACTOR_ASYNC, "luFactorAsync");
    checkFlags("luFactorAsync", { overwriteA });
    checkLater("luFactorAsync", later);
    const work = this.#store.apart(() => this.#begin("luFactorAsync", a, overwriteA));
    try {
      const info = await performLater(
        this.#engine,
        this.#store,
        getrf(this.#engine, work, { ahead: hasOthers(this.#engine) }),
        amount(work),
        later,
      );
      return this.#factors(work, info);
    } catch (error) {
      work.lu.release();
      throw error;
    } finally {
      work.room.release();
    }
  }

  /**
   * x of A x = b, or Aᵀ x = b, from A's factors (scipy.linalg.lu_solve, LAPACK's getrs).
   * @param b a vector of n elements, or n × r: r right-hand sides.
   * @throws SingularError naming the first pivot that is exactly 0.
   */
  luSolve(factors: LuFactors, b: ArrayLike, options: LuSolveOptions = {}): NDArray {
    const { trans = "N", out } = known(options, SOLVE, "luSolve");
    checkLetter("luSolve", "trans", trans, "NT");
    const lu = this.#checkFactors(factors);
    const given = this.#rightHandSides("luSolve", lu, b);
    const target = out === undefined ? undefined : this.#output(out, lu, b, given);
    refuseSingular("luSolve", lu);
    const n = lu.shape[0]!;
    const room = this.#store.apart(() => this.#store.allocate([Math.ceil(n / 2)], "float64"));
    try {
      this.#store.linear.i32.set(factors.piv, room.address / 4);
      return this.#solved(lu, b, target, (x) => solution(lu, room.address, trans, x));
    } finally {
      room.release();
    }
  }

  /**
   * x of A x = b for a square A (numpy.linalg.solve, LAPACK's gesv).
   * @param b a vector of n elements, or n × r: r right-hand sides.
   * @throws SingularError naming the first pivot that is exactly 0.
   */
  solve(a: ArrayLike, b: ArrayLike): NDArray {
    this.#checkSystem("solve", a, b);
    const work = this.#begin("solve", a, false);
    try {
      this.#eliminate(work);
      refuseSingular("solve", work.lu);
      return this.#solved(work.lu, b, undefined, (x) => solution(work.lu, work.piv, "N", x));
    } finally {
      work.lu.release();
      work.room.release();
    }
  }

  /** As solve(), leaving this thread's event loop free; see luFactorAsync(). @throws also the signal's reason. */
  async solveAsync(a: ArrayLike, b: ArrayLike, options: LaterOptions = {}): Promise<NDArray> {
    const later = known(options, SOLVE_ASYNC, "solveAsync");
    checkLater("solveAsync", later);
    this.#checkSystem("solveAsync", a, b);
    const engine = this.#engine;
    const store = this.#store;
    const x = this.#copyOf(b, undefined);
    // Held until it is done, whatever the end of a scope releases meanwhile.
    x.retain();
    let work: Work | undefined;
    let done = false;
    try {
      const begun = store.apart(() => this.#begin("solveAsync", a, false));
      work = begun;
      const steps = function* (): Generator<Step, void, void> {
        yield* getrf(engine, begun, { ahead: hasOthers(engine) });
        refuseSingular("solveAsync", begun.lu);
        yield* solution(begun.lu, begun.piv, "N", x);
      };
      await performLater(engine, store, steps(), amount(work) + work.n * work.n * columnsOf(x), later);
      done = true;
      return x;
    } finally {
      work?.lu.release();
      work?.room.release();
      x.release();
      if (!done && !x.released) x.release();
    }
  }

  /**
   * x of A x = b, A triangular: what is in its other triangle is not read (scipy.linalg.solve_triangular, LAPACK's trtrs).
   * @param b a vector of n elements, or n × r: r right-hand sides.
   * @throws SingularError naming the first element of the diagonal that is exactly 0.
   */
  solveTriangular(a: ArrayLike, b: ArrayLike, options: SolveTriangularOptions = {}): NDArray {
    const {
      lower = false,
      trans = "N",
      unitDiagonal = false,
    } = known(options, TRIANGULAR, "solveTriangular");
    checkFlags("solveTriangular", { lower, unitDiagonal });
    checkLetter("solveTriangular", "trans", trans, "NT");
    this.#checkSystem("solveTriangular", a, b);
    const held = hold(this.#store, a);
    try {
      if (!unitDiagonal) refuseSingular("solveTriangular", held);
      const triangle = { lower, trans: trans === "T", unit: unitDiagonal };
      return this.#solved(held, b, undefined, (x) => [
        asStep(substitution(x.dtype, x.shape[0]!, columnsOf(x), refOf(held), triangle, refOf(x))),
      ]);
    } finally {
      held.release();
    }
  }

  /** A = P L U as three matrices (scipy.linalg.lu): P a permutation matrix of A's dtype. */
  lu(a: ArrayLike, options?: LuOptions & { permuteL?: false; pIndices?: false }): LuResult<NDArray>;
  lu(a: ArrayLike, options: LuOptions & { permuteL: true }): LuResult<undefined>;
  lu(a: ArrayLike, options: LuOptions & { permuteL?: false; pIndices: true }): LuResult<Int32Array>;
  lu(a: ArrayLike, options?: LuOptions): LuResult;
  lu(a: ArrayLike, options: LuOptions = {}): LuResult {
    const { permuteL = false, pIndices = false } = known(options, LU, "lu");
    checkFlags("lu", { permuteL, pIndices });
    const store = this.#store;
    const work = this.#begin("lu", a, false);
    const made: NDArray[] = [];
    const zeros = (rows: number, columns: number): NDArray => {
      const matrix = store.allocate([rows, columns], work.dtype);
      made.push(matrix);
      matrix.data.fill(0);
      return matrix;
    };
    try {
      this.#eliminate(work);
      const { m, n } = work;
      const k = Math.min(m, n);
      // Row i of P A is row order[i] of A.
      const order = Int32Array.from({ length: m }, (_, i) => i);
      pivotsOf(store, work).forEach((p, i) => {
        [order[i], order[p]] = [order[p]!, order[i]!];
      });
      const [l, u] = [zeros(m, k), zeros(k, n)];
      const p = permuteL || pIndices ? undefined : zeros(m, m);
      const [from, toL, toU] = [work.lu.data, l.data, u.data];
      for (let i = 0; i < m; ++i) {
        const row = from.subarray(i * n, (i + 1) * n);
        const at = (permuteL ? order[i]! : i) * k;
        toL.set(row.subarray(0, Math.min(i, k)), at);
        if (i < k) {
          toL[at + i] = 1;
          toU.set(row.subarray(i), i * n + i);
        }
        p?.data.fill(1, order[i]! * m + i, order[i]! * m + i + 1);
      }
      if (permuteL || !pIndices) return { p, l, u };
      const indices = new Int32Array(m);
      order.forEach((row, i) => {
        indices[row] = i;
      });
      return { p: indices, l, u };
    } catch (error) {
      for (const matrix of made) matrix.release();
      throw error;
    } finally {
      work.lu.release();
      work.room.release();
    }
  }

  /** An estimate of 1 / (‖A‖₁ ‖A⁻¹‖₁) for a square A: see LuFactors.rcond(). */
  rcond(a: ArrayLike): number {
    refuseRectangle("rcond", outline(this.#store, "rcond", a));
    const factors = this.#store.apart(() => this.luFactor(a));
    try {
      return factors.rcond();
    } finally {
      factors.release();
    }
  }

  /** Checks A, makes what is factored in place, and room for it. To be released: `lu` and `room`. */
  #begin(where: string, a: ArrayLike, overwrite: boolean): Work {
    const store = this.#store;
    const { shape, dtype } = outline(store, where, a);
    if (shape.length !== 2) throw new ShapeError(`${where}: A is a matrix; this has shape ${show(shape)}.`);
    const [m, n] = shape as [number, number];
    const size = itemSize(dtype);
    const panelRoom = 8 * Math.ceil(Math.max(panelBytes(dtype, m, n), n * size) / 8);
    const roomBytes = panelRoom + 4 * Math.min(m, n);
    const room = store.apart(() => store.allocate([Math.ceil(roomBytes / 8)], "float64", "lu"));
    try {
      const { lu, norm } = this.#target(a, overwrite, room.address);
      const piv = room.address + panelRoom;
      return { dtype, m, n, a: refOf(lu), piv, panel: room.address, lu, room, norm };
    } catch (error) {
      room.release();
      throw error;
    }
  }

  /** What A is factored in, and A's 1-norm. `sums`: room for a number a column. */
  #target(a: ArrayLike, overwrite: boolean, sums: number): { readonly lu: NDArray; readonly norm: number } {
    const store = this.#store;
    const source = a instanceof NDArray && !overwrite ? refOf(a) : undefined;
    const lu =
      a instanceof NDArray ? (overwrite ? a.slice() : store.allocate(a.shape, a.dtype)) : array(store, a);
    const { dtype } = lu;
    const [m, n] = lu.shape as [number, number];
    const { copy, asum } = of(this.#engine.kernels, dtype);
    const size = itemSize(dtype);
    const { address, rs, cs } = refOf(lu);
    store.linear.bytes(sums, n * size).fill(0);
    const rows = 32 * Math.max(1, Math.floor(PIECE_BYTES / (32 * n * size)));
    for (let i = 0; i < m && n > 0; i += rows) {
      const count = Math.min(rows, m - i);
      const at = address + i * rs;
      if (source) copy(count, n, source.address + i * source.rs, source.rs, source.cs, at, rs, cs);
      asum(count, n, at, rs, cs, sums);
    }
    const { f32, f64 } = store.linear;
    const norms = (dtype === "float32" ? f32 : f64).subarray(sums / size, sums / size + n);
    let norm = 0;
    for (const sum of norms) norm = Math.max(norm, sum);
    return { lu, norm };
  }

  #eliminate(work: Work): number {
    const engine = this.#engine;
    const whole = { kind: kindOfAmount("lu", work.dtype, amount(work)), amount: amount(work) };
    const tasks = function* (way: Way): Generator<Task, number, void> {
      const steps = getrf(engine, work, { ahead: way === "together" });
      let step = steps.next();
      for (; !step.done; step = steps.next()) yield taskOf(engine, step.value);
      return step.value;
    };
    let info = 0;
    withoutGil(engine, amount(work), [work.lu], () => {
      info = shareWhole(engine, whole, tasks);
    });
    return info;
  }

  /** x, in `target` or in an array of its own, which is b before the steps that make x of it. */
  #solved(
    a: NDArray,
    b: ArrayLike,
    target: NDArray | undefined,
    stepsFor: (x: NDArray) => readonly Step[],
  ): NDArray {
    const x = this.#copyOf(b, target);
    try {
      withoutGil(this.#engine, a.size * columnsOf(x), [a, x], () => {
        for (const step of stepsFor(x)) share(this.#engine, taskOf(this.#engine, step));
      });
      return x;
    } catch (error) {
      if (target === undefined) x.release();
      throw error;
    }
  }

  #factors(work: Work, info: number): LuFactors {
    const { lu, m, n, dtype, norm } = work;
    const piv = pivotsOf(this.#store, work);
    const rcond = (): number => {
      lu.check();
      refuseRectangle("rcond", lu);
      if (info > 0) return Number.isNaN(norm) ? Number.NaN : 0;
      const room = this.#store.apart(() => this.#store.allocate([n], dtype));
      try {
        return gecon(this.#engine, dtype, n, refOf(lu), norm, room.address);
      } finally {
        room.release();
      }
    };
    const release = (): void => lu.release();
    // A plain object: a scope that returns it finds the array in it.
    const dispose = (): void => lu[DISPOSE]();
    return { lu, piv, info, shape: [m, n], dtype, rcond, release, [DISPOSE]: dispose };
  }

  /** @throws ShapeError, DTypeError for what luFactor() has not given. */
  #checkFactors(factors: LuFactors): NDArray {
    if (typeof factors?.lu !== "object") {
      const what = Object.prototype.toString.call(factors);
      throw new ShapeError(`luSolve: factors are what luFactor() gives; ${what} has no array lu.`);
    }
    const lu = ours(this.#store, "luSolve", factors.lu);
    const { piv } = factors;
    if (lu.ndim !== 2) throw new ShapeError(`luSolve: lu is a matrix; this has shape ${show(lu.shape)}.`);
    refuseRectangle("luSolve", lu);
    const n = lu.shape[0]!;
    if (!(piv instanceof Int32Array)) {
      throw new DTypeError(
        `luSolve: piv is an Int32Array of ${n} pivots, not ${Object.prototype.toString.call(piv)}.`,
      );
    }
    if (piv.length !== n) throw new ShapeError(`luSolve: ${piv.length} pivots for a matrix of ${n} rows.`);
    const wrong = piv.findIndex((p, i) => p < i || p >= n);
    if (wrong >= 0) {
      throw new ShapeError(
        `luSolve: piv[${wrong}] is ${piv[wrong]}; row ${wrong} is exchanged with one from ${wrong} to ${n - 1}.`,
        "INDEX",
      );
    }
    return lu;
  }

  /** @throws ShapeError, DTypeError where A, which must be square, and b do not go together. */
  #checkSystem(where: string, a: ArrayLike, b: ArrayLike): void {
    const given = outline(this.#store, where, a);
    refuseRectangle(where, given);
    this.#rightHandSides(where, given, b);
  }

  #rightHandSides(where: string, a: Outline, b: ArrayLike): Outline {
    const given = outline(this.#store, where, b);
    sameDType(where, a, given);
    const axes = given.shape.length;
    if ((axes !== 1 && axes !== 2) || given.shape[0] !== a.shape[0]) {
      throw new ShapeError(
        `${where}: A ${show(a.shape)} wants a b of ${a.shape[0]} elements, or of so many rows; this has shape ${show(given.shape)}.`,
      );
    }
    return given;
  }

  #output(out: NDArray, lu: NDArray, b: ArrayLike, given: Outline): NDArray {
    const x = ours(this.#store, "luSolve", out);
    sameDType("luSolve", lu, x);
    if (!sameShape(x.shape, given.shape)) {
      throw new ShapeError(`luSolve: out has shape ${show(x.shape)}, the result ${show(given.shape)}.`);
    }
    refuseOverlap("luSolve", x, lu);
    if (b instanceof NDArray && !isSame(x, b)) refuseOverlap("luSolve", x, b);
    return x;
  }

  /** b where x is to be: in `target`, or in an array of its own. */
  #copyOf(b: ArrayLike, target: NDArray | undefined): NDArray {
    if (target === undefined) return array(this.#store, b);
    const source = hold(this.#store, b);
    if (!isSame(source, target) && source.size > 0) {
      const [from, to] = [refOf(source), refOf(target)];
      const { copy } = of(this.#engine.kernels, target.dtype);
      copy(source.shape[0]!, columnsOf(source), from.address, from.rs, from.cs, to.address, to.rs, to.cs);
    }
    source.release();
    return target;
  }
}

/** Options whose names are known; as elsewhere, null has none. @throws UnsupportedError (`OPTION`) */
function known<T extends object>(
  options: T | null,
  names: Readonly<Record<string, true>>,
  where: string,
): Partial<T> {
  checkOptions(options ?? {}, names, where);
  return options ?? {};
}

/** @throws UnsupportedError (`OPTION`) for what is neither true nor false. */
function checkFlags(where: string, flags: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(flags)) {
    if (typeof value === "boolean") continue;
    throw new UnsupportedError(`${where}: ${name} is a ${typeof value}; it takes true or false.`, "OPTION");
  }
}

/** A matrix that is being factored. */
interface Work extends Factoring {
  readonly lu: NDArray;
  readonly room: NDArray;
  /** Of A. */
  readonly norm: number;
}

/** Multiply-adds of a factorization. */
function amount({ m, n }: Work): number {
  const k = Math.min(m, n);
  return m * n * k - ((m + n) * k * k) / 2 + (k * k * k) / 3;
}

/** Right-hand sides. */
const columnsOf = (b: NDArray): number => b.shape[1] ?? 1;

const pivotsOf = ({ linear }: ArrayStore, { piv, m, n }: Work): Int32Array =>
  linear.i32.slice(piv / 4, piv / 4 + Math.min(m, n));

const asStep = (columns: Columns): Step => ({ kind: "columns", columns });

/** What makes x of b, which is there: x <- A⁻¹ x or A⁻ᵀ x. */
function solution(lu: NDArray, piv: number, trans: Transpose, x: NDArray): Step[] {
  const n = lu.shape[0]!;
  const r = columnsOf(x);
  if (n === 0 || r === 0) return [];
  const [a, b] = [refOf(lu), refOf(x)];
  const transposed = trans === "T";
  const l = substitution(lu.dtype, n, r, a, { lower: true, trans: transposed, unit: true }, b);
  const u = substitution(lu.dtype, n, r, a, { lower: false, trans: transposed, unit: false }, b);
  const swaps = { piv, first: 0, last: n, backward: transposed };
  return transposed
    ? [asStep(u), asStep(l), asStep({ ...l, swaps, rows: b, triangle: NO_TRIANGLE })]
    : [asStep({ ...l, swaps, rows: b }), asStep(u)];
}

/** Whether two arrays are the same elements in the same order. */
const isSame = (one: NDArray, other: NDArray): boolean =>
  one.block.id === other.block.id &&
  one.address === other.address &&
  sameShape(one.shape, other.shape) &&
  sameShape(one.strides, other.strides);

/** Whether there are others to be at a product while this thread factors a panel. */
const hasOthers = ({ team }: Engine): boolean => team !== undefined && team.size > 1;

/** @throws ShapeError for what is not square. */
function refuseRectangle(where: string, { shape }: Outline): void {
  if (shape.length === 2 && shape[0] === shape[1]) return;
  throw new ShapeError(`${where}: A is a square matrix; this has shape ${show(shape)}.`);
}

/** @throws SingularError for a 0 on the diagonal. */
function refuseSingular(where: string, { address, dtype, shape, strides, store }: NDArray): void {
  const { f32, f64 } = store.linear;
  const elements = dtype === "float32" ? f32 : f64;
  const step = strides[0]! + strides[1]!;
  const first = address / itemSize(dtype);
  for (let i = 0; i < shape[0]!; ++i) {
    if (elements[first + i * step] !== 0) continue;
    throw new SingularError(
      i,
      `${where}: pivot ${i} of ${shape[0]} (from 0) is exactly 0: A is singular. A least-squares solution may be what is wanted.`,
    );
  }
}

import { type DType, MICRO_KERNELS, of } from "./exports.ts";
import { elements, itemSize, NO_JOB, type Workbench, writeJob } from "./job.ts";
import type { Kernels, KernelTable } from "./table.ts";

// Written as loops over typed arrays, and with the fewest elements that reach every instruction: it runs once, uncompiled.

/** C (M × N) <- ALPHA A (M × K) B (K × N) + BETA C: ragged for every tile; k is a square of packing, or two, and a rest. */
const M = 7;
const N = 19;
const K = 5;
const ALPHA = 3;
const BETA = 2;
/** A matrix for the vector products: four groups of partial sums at once, one more, and a rest. */
const ROWS = 5;
const COLUMNS = 83;
/** Three rows long enough to be read side by side; of x only the last elements, a group and a rest, are not 0. */
const LONG_ROWS = 3;
const LONG = 2068;
const LAST = 20;
/** They overlap, so that they are soon written: each begins so many elements after the one before it. */
const STEP = 16;
/** A triangle of whole groups of four rows and a rest, right-hand sides of every width. */
const ORDER = 15;
const SIDES = 15;
/** A panel of LU: groups of columns, the last one not full; rows in blocks and a rest, pivots in odd places. */
const TALL = 22;
const NARROW = 11;

/** Bytes from one operand to the next. */
const APART = 64 * 1024;

/** alpha · left · right + beta · old by plain loops. Element (i, p) of `left` is at i · step + p; of `right` there are `inner` rows. */
function combine(
  alpha: number,
  left: Float64Array,
  step: number,
  right: Float64Array,
  inner: number,
  beta: number,
  old: Float64Array,
): Float64Array {
  const columns = right.length / inner;
  const result = new Float64Array(old.length);
  for (let i = 0, at = 0; at < old.length; ++i) {
    for (let j = 0; j < columns; ++j, ++at) {
      let sum = 0;
      for (let p = 0; p < inner; ++p) sum += left[i * step + p]! * right[p * columns + j]!;
      result[at] = alpha * sum + beta * old[at]!;
    }
  }
  return result;
}

/** Takes so many numbers, small and whole: all sums of their products are exact in either type, fused or not. */
type Take = (from: number, count: number) => Float64Array;

/** A lower triangle that its solutions can be divided by, solutions, and what they solve. */
function triangularProblem(take: Take) {
  const triangle = take(130, ORDER * ORDER).slice();
  for (let i = 0; i < ORDER; ++i) {
    triangle.fill(0, i * ORDER + i, (i + 1) * ORDER);
    triangle[i * ORDER + i] = i % 2 ? 4 : -2;
  }
  const solutions = take(240, ORDER * SIDES);
  const none = new Float64Array(ORDER * SIDES);
  return { triangle, solutions, sides: combine(1, triangle, ORDER, solutions, ORDER, 0, none) };
}

/**
 * The product of a unit lower trapezoid of multiples of 1/4, none above 1/2, and an upper triangle whose diagonal's reciprocals are
 * exact: its rows, in reverse, are exchanged in every column. And what must come of it, both by columns.
 */
function factoringProblem(take: Take) {
  const lower = new Float64Array(TALL * NARROW);
  const upper = take(9, NARROW * NARROW).slice();
  for (let i = 0; i < TALL; ++i) {
    for (let j = 0; j < NARROW; ++j) {
      const at = i * NARROW + j;
      lower[at] = i === j ? 1 : i < j ? 0 : [-0.5, 0.25, 0.5, -0.25][((at * 5) % 7) & 3]!;
      if (i < NARROW && i >= j) upper[at] = i === j ? 8 : 0;
    }
  }
  const product = combine(1, lower, NARROW, upper, NARROW, 0, lower);
  const order = Array.from(lower.subarray(0, TALL), (_, i) => TALL - 1 - i);
  for (let j = 0; j < NARROW; ++j) {
    const other = order.indexOf(j);
    [order[j], order[other]] = [order[other]!, order[j]!];
  }
  const panel = new Float64Array(TALL * NARROW);
  const factors = new Float64Array(TALL * NARROW);
  for (let j = 0, at = 0; j < NARROW; ++j) {
    for (let i = 0; i < TALL; ++i, ++at) {
      panel[at] = product[(TALL - 1 - i) * NARROW + j]!;
      factors[at] = i <= j ? upper[i * NARROW + j]! : lower[order[i]! * NARROW + j]!;
    }
  }
  return { panel, factors };
}

/** Operands, and what every kernel must make of them. */
function makeProblem() {
  const numbers = new Float64Array(512);
  for (let i = 0; i < 512; ++i) numbers[i] = ((i * 37 + (i >> 3)) % 31) - 15;
  const take: Take = (from, count) => numbers.subarray(from, from + count);
  const [a, b, c] = [take(1, M * K), take(40, K * N), take(140, M * N)];
  const [matrix, x, y] = [take(0, ROWS * COLUMNS), take(429, COLUMNS), take(300, ROWS)];
  const [long, longX] = [take(2, (LONG_ROWS - 1) * STEP + LAST), take(200, LAST)];
  const ab = combine(ALPHA, a, K, b, K, 0, c);
  const sums = y.slice();
  for (let i = 0; i < ROWS * COLUMNS; ++i) if (i % COLUMNS < ROWS) sums[i % COLUMNS]! += Math.abs(matrix[i]!);
  return {
    a,
    b,
    c,
    ab,
    abWithC: ab.map((value, at) => value + BETA * c[at]!),
    matrix,
    x,
    y,
    matrixX: combine(ALPHA, matrix, COLUMNS, x, COLUMNS, BETA, y),
    long,
    longX,
    longY: combine(ALPHA, long, STEP, longX, LAST, BETA, y.subarray(0, LONG_ROWS)),
    sums,
    ...triangularProblem(take),
    ...factoringProblem(take),
  };
}

/** The kernels of a type on a bench. */
interface Trial {
  readonly kernels: Kernels;
  readonly bench: Workbench;
  readonly problem: ReturnType<typeof makeProblem>;
  readonly size: 4 | 8;
  /** Elements of the type. */
  readonly view: Float32Array | Float64Array;
  /** Writes numbers into a slot, from an element on; the slot's address. */
  place(slot: number, values: Float64Array, at?: number): number;
  /** What is wrong with a result. */
  check(name: string, address: number, expected: Float64Array): string | undefined;
}

function makeTrial(table: KernelTable, dtype: DType, bench: Workbench, problem: Trial["problem"]): Trial {
  const view = elements(bench, dtype);
  const size = itemSize(dtype);
  return {
    kernels: of(table, dtype),
    bench,
    problem,
    size,
    view,
    place(slot, values, at = 0) {
      view.set(values, (bench.a + slot * APART) / size + at);
      return bench.a + slot * APART;
    },
    check(name, address, expected) {
      for (let i = 0, at = address / size; i < expected.length; ++i, ++at) {
        if (view[at] !== expected[i]) return `${name}, ${dtype}, computes ${view[at]}, not ${expected[i]}`;
      }
      return undefined;
    },
  };
}

/** copy, and every micro-kernel on operands in place and packed. */
function faultOfTiles({ kernels, bench, problem, size, place, check }: Trial): string | undefined {
  const { job, tile } = bench;
  const [aScratch, bScratch] = [bench.b, bench.b + APART];
  const [a, b] = [place(0, problem.a), place(1, problem.b)];
  const byColumns = bench.a + 2 * APART;
  kernels.copy(K, N, b, N * size, size, byColumns, size, K * size);
  const strides = { rsa: K * size, csa: size, rsb: size, csb: K * size, rsc: N * size, csc: size };
  for (const microKernel of MICRO_KERNELS) {
    const { rows, vectors, small, macro } = kernels.tiles[microKernel];
    const c = place(3, problem.c);
    const product = { ...NO_JOB, ...strides, alpha: ALPHA, m: M, n: N, k: K, c, tile };
    writeJob(bench, job, { ...product, beta: BETA, a, b: byColumns, aScratch, bScratch });
    small(job);
    const fault = check(`copy or small ${microKernel}`, c, problem.abWithC);
    if (fault !== undefined) return fault;

    const [rsa, csa, rsb] = [size, rows * size, vectors * 16];
    kernels.pack(M, K, rows, a, K * size, size, aScratch);
    kernels.pack(N, K, rsb / size, b, size, N * size, bScratch);
    const packed = { a: aScratch, rsa, csa, nextA: csa * K, b: bScratch, rsb, nextB: rsb * K };
    writeJob(bench, job, { ...product, ...packed });
    macro(job);
    const wrong = check(`pack or macro ${microKernel}`, c, problem.ab);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** gemv by rows, by columns, and by three rows at a time; sums of magnitudes. */
function faultOfVectors({ kernels, bench, problem, size, view, place, check }: Trial): string | undefined {
  const matrix = place(0, problem.matrix);
  const x = place(1, problem.x);
  const y = place(2, problem.y);
  const [byColumns, scratch] = [bench.a + 3 * APART, bench.b];
  kernels.gemv(ROWS, COLUMNS, ALPHA, matrix, COLUMNS * size, size, x, size, BETA, y, size, scratch);
  const byRows = check("gemv by rows", y, problem.matrixX);
  if (byRows !== undefined) return byRows;

  kernels.copy(ROWS, COLUMNS, matrix, COLUMNS * size, size, byColumns, size, ROWS * size);
  place(2, problem.y);
  kernels.gemv(ROWS, COLUMNS, ALPHA, byColumns, size, ROWS * size, x, size, BETA, y, size, scratch);
  const fault = check("gemv by columns", y, problem.matrixX);
  if (fault !== undefined) return fault;

  place(2, problem.y);
  kernels.asum(ROWS, ROWS, matrix, COLUMNS * size, size, y);
  const wrong = check("asum", y, problem.sums);
  if (wrong !== undefined) return wrong;

  view.fill(0, matrix / size, (matrix + 2 * APART) / size);
  place(0, problem.long, LONG - LAST);
  place(1, problem.longX, LONG - LAST);
  place(2, problem.y);
  kernels.gemv(LONG_ROWS, LONG, ALPHA, matrix, STEP * size, size, x, size, BETA, y, size, scratch);
  return check("gemv by three rows", y, problem.longY);
}

/** A triangular solve, and LU of a panel. */
function faultOfFactors({ kernels, bench, problem, size, place, check }: Trial): string | undefined {
  const triangle = place(0, problem.triangle);
  const sides = place(1, problem.sides);
  const row = ORDER * size;
  kernels.trsm(ORDER, SIDES, triangle, row, size, 4 * row, 0, sides, SIDES * size);
  const fault = check("trsm", sides, problem.solutions);
  if (fault !== undefined) return fault;
  const panel = place(2, problem.panel);
  kernels.getf2(TALL, NARROW, panel, TALL * size, bench.b, 0);
  return check("getf2", panel, problem.factors);
}

/**
 * What this engine makes wrong of the kernels, every SIMD instruction of which is tried against plain loops. Undefined if all is
 * right.
 */
export function faultOf(table: KernelTable, bench: Workbench): string | undefined {
  try {
    const problem = makeProblem();
    for (const dtype of ["float32", "float64"] as const) {
      const trial = makeTrial(table, dtype, bench, problem);
      const fault = faultOfTiles(trial) ?? faultOfVectors(trial) ?? faultOfFactors(trial);
      if (fault !== undefined) return fault;
    }
    return undefined;
  } catch (error) {
    // A trap.
    return (error as Error).message;
  }
}

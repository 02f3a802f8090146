import { type DType, MICRO_KERNELS, of } from "./exports.ts";
import { elements, itemSize, NO_JOB, type Workbench, writeJob } from "./job.ts";
import type { KernelTable } from "./table.ts";

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

/** Bytes from one operand to the next. */
const APART = 64 * 1024;

/** ALPHA · left · right + BETA · old by plain loops. Element (i, p) of `left` is at i · step + p. */
function combine(
  left: Float64Array,
  step: number,
  right: Float64Array,
  inner: number,
  old: Float64Array,
): Float64Array {
  const columns = right.length / inner;
  const result = new Float64Array(old.length);
  for (let i = 0, at = 0; at < old.length; ++i) {
    for (let j = 0; j < columns; ++j, ++at) {
      let sum = 0;
      for (let p = 0; p < inner; ++p) sum += left[i * step + p]! * right[p * columns + j]!;
      result[at] = ALPHA * sum + BETA * old[at]!;
    }
  }
  return result;
}

/** The same matrix with its columns adjacent, instead of its rows. */
function transposed(matrix: Float64Array, columns: number): Float64Array {
  const rows = matrix.length / columns;
  const result = new Float64Array(matrix.length);
  for (let i = 0, at = 0; i < rows; ++i)
    for (let j = 0; j < columns; ++j) result[j * rows + i] = matrix[at++]!;
  return result;
}

/** Operands, and what every kernel must make of them. Small whole numbers: all sums are exact in either type, fused or not. */
function makeProblem() {
  const numbers = new Float64Array(512);
  for (let i = 0; i < 512; ++i) numbers[i] = ((i * 37 + (i >> 3)) % 31) - 15;
  const take = (from: number, count: number): Float64Array => numbers.subarray(from, from + count);
  const [a, b, c] = [take(1, M * K), take(40, K * N), take(140, M * N)];
  const [matrix, x, y] = [take(0, ROWS * COLUMNS), take(429, COLUMNS), take(300, ROWS)];
  const ab = combine(a, K, b, K, new Float64Array(M * N));
  const [long, longX] = [take(2, (LONG_ROWS - 1) * STEP + LAST), take(200, LAST)];
  return {
    a,
    b,
    bByColumns: transposed(b, N),
    c,
    ab,
    abWithC: ab.map((value, at) => value + BETA * c[at]!),
    matrix,
    matrixByColumns: transposed(matrix, COLUMNS),
    x,
    y,
    matrixX: combine(matrix, COLUMNS, x, COLUMNS, y),
    long,
    longX,
    longY: combine(long, STEP, longX, LAST, take(300, LONG_ROWS)),
  };
}

type Problem = ReturnType<typeof makeProblem>;

/** What is wrong with the first kernel of a type that is. */
function faultOfType(
  table: KernelTable,
  dtype: DType,
  bench: Workbench,
  problem: Problem,
): string | undefined {
  const kernels = of(table, dtype);
  const view = elements(bench, dtype);
  const size = itemSize(dtype);
  const place = (slot: number, values: Float64Array, at = 0): number => {
    view.set(values, (bench.a + slot * APART) / size + at);
    return bench.a + slot * APART;
  };
  const check = (name: string, address: number, expected: Float64Array): string | undefined => {
    for (let i = 0, at = address / size; i < expected.length; ++i, ++at) {
      if (view[at] !== expected[i]) return `${name}, ${dtype}, computes ${view[at]}, not ${expected[i]}`;
    }
    return undefined;
  };
  const { job, tile } = bench;
  const [aScratch, bScratch] = [bench.b, bench.b + APART];
  const a = place(0, problem.a);
  const b = place(1, problem.b);
  const bByColumns = place(2, problem.bByColumns);
  const c = place(3, problem.c);
  const product = { ...NO_JOB, alpha: ALPHA, m: M, n: N, k: K, c, rsc: N * size, csc: size, tile };

  for (const microKernel of MICRO_KERNELS) {
    const { rows, vectors, small, macro } = kernels.tiles[microKernel];
    place(3, problem.c);
    const inPlace = {
      a,
      rsa: K * size,
      csa: size,
      b: bByColumns,
      rsb: size,
      csb: K * size,
      aScratch,
      bScratch,
    };
    writeJob(bench, job, { ...product, ...inPlace, beta: BETA });
    small(job);
    const fault = check(`small ${microKernel}`, c, problem.abWithC);
    if (fault !== undefined) return fault;

    const [rsa, csa, rsb] = [size, rows * size, vectors * 16];
    kernels.pack(M, K, rows, a, K * size, size, aScratch);
    kernels.pack(N, K, rsb / size, b, size, N * size, bScratch);
    const packed = { a: aScratch, rsa, csa, nextA: csa * K, b: bScratch, rsb, nextB: rsb * K };
    writeJob(bench, job, { ...product, ...packed });
    macro(job);
    const wrong = check(`packing or macro ${microKernel}`, c, problem.ab);
    if (wrong !== undefined) return wrong;
  }

  const { gemv } = kernels;
  const x = place(4, problem.x);
  const y = place(6, problem.y);
  const matrix = place(5, problem.matrix);
  gemv(ROWS, COLUMNS, ALPHA, matrix, COLUMNS * size, size, x, size, BETA, y, size, aScratch);
  const fault = check("gemv by rows", y, problem.matrixX);
  if (fault !== undefined) return fault;
  place(5, problem.matrixByColumns);
  place(6, problem.y);
  gemv(ROWS, COLUMNS, ALPHA, matrix, size, ROWS * size, x, size, BETA, y, size, aScratch);
  const wrong = check("gemv by columns", y, problem.matrixX);
  if (wrong !== undefined) return wrong;
  view.fill(0, matrix / size, (matrix + APART) / size);
  view.fill(0, x / size, (x + APART) / size);
  place(5, problem.long, LONG - LAST);
  place(4, problem.longX, LONG - LAST);
  place(6, problem.y);
  gemv(LONG_ROWS, LONG, ALPHA, matrix, STEP * size, size, x, size, BETA, y, size, aScratch);
  return check("gemv by three rows", y, problem.longY);
}

/**
 * What this engine makes wrong of the kernels, of which every SIMD instruction that a product uses is tried against plain loops.
 * Undefined if all is right.
 */
export function faultOf(table: KernelTable, bench: Workbench): string | undefined {
  try {
    const problem = makeProblem();
    return faultOfType(table, "float32", bench, problem) ?? faultOfType(table, "float64", bench, problem);
  } catch (error) {
    // A trap.
    return (error as Error).message;
  }
}

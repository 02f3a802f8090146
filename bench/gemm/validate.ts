import { type Case, type Floats, SEEDS, uniform } from "./cases.ts";

/** Rows and columns of C that are compared. */
export interface Lines {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

/** The inputs of a case and what some lines of its result must be. */
export interface Problem {
  readonly a: Floats;
  readonly b: Floats;
  readonly lines: Lines;
  /** Float64 values of the rows, then of the columns, and Σ|a||b| of each, which scales the allowed rounding error. */
  readonly expected: Float64Array;
  readonly scale: Float64Array;
  /** Allowed error in units of `scale`. */
  readonly tolerance: number;
}

/** Up to so many multiply-adds every element is compared, above it four rows and four columns. */
const COMPARE_ALL = 128 ** 3;

/** Half a unit in the last place, relative. */
const ROUNDING = { float32: 2 ** -24, float64: 2 ** -53 } as const;

/** Which lines of an m × n result to compare: first and last and two between, or all rows. */
export function pickLines(m: number, n: number, k: number): Lines {
  if (m * n * k <= COMPARE_ALL) return { rows: Array.from({ length: m }, (_, i) => i), columns: [] };
  const some = (extent: number): number[] => [
    ...new Set([0, Math.floor(extent * 0.382), Math.floor(extent * 0.809), extent - 1]),
  ];
  return { rows: some(m), columns: some(n) };
}

/** Makes the inputs of a case and a float64 reference for some lines of its result. */
export function prepare(one: Case): Problem {
  const { dtype, m, n, k, transA, transB } = one;
  const a = uniform(dtype, m * k, SEEDS.a);
  const b = uniform(dtype, k * n, SEEDS.b);
  const [ars, acs] = transA === "N" ? [k, 1] : [1, m];
  const [brs, bcs] = transB === "N" ? [n, 1] : [1, k];
  const lines = pickLines(m, n, k);
  const size = lines.rows.length * n + lines.columns.length * m;
  const expected = new Float64Array(size);
  const scale = new Float64Array(size);
  let at = 0;
  const element = (i: number, j: number): void => {
    let sum = 0;
    let magnitude = 0;
    for (let p = 0; p < k; ++p) {
      const term = a[i * ars + p * acs]! * b[p * brs + j * bcs]!;
      sum += term;
      magnitude += Math.abs(term);
    }
    expected[at] = sum;
    scale[at++] = magnitude;
  };
  for (const i of lines.rows) for (let j = 0; j < n; ++j) element(i, j);
  for (const j of lines.columns) for (let i = 0; i < m; ++i) element(i, j);
  // Both the result and a float64 reference may be off by k roundings.
  return { a, b, lines, expected, scale, tolerance: 2 * (k + 2) * ROUNDING[dtype] };
}

/** The compared lines of a row-major m × n result. */
export function linesOf(c: Floats, m: number, n: number, { rows, columns }: Lines): number[] {
  const values: number[] = [];
  for (const i of rows) for (let j = 0; j < n; ++j) values.push(c[i * n + j]!);
  for (const j of columns) for (let i = 0; i < m; ++i) values.push(c[i * n + j]!);
  return values;
}

/** The largest error in units of what is allowed: right results stay below 1. Infinity for what is no number. */
export function residual(got: readonly (number | null)[], { expected, scale, tolerance }: Problem): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (const [i, value] of got.entries()) {
    if (value === null || !Number.isFinite(value)) return Number.POSITIVE_INFINITY;
    const error = Math.abs(value - expected[i]!);
    if (error > 0) worst = Math.max(worst, error / (tolerance * scale[i]!));
  }
  return worst;
}

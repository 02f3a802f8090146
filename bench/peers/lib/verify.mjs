/** @import { DType, Floats } from "./contract.mjs" */
import { uniform } from "./inputs.mjs";

const EPS = { f32: 2 ** -24, f64: 2 ** -53 };

/**
 * Whole rows and columns of C to compare: all of a small matrix, a few random ones of a large one.
 * @param {number} n
 * @param {number} seed
 * @returns {{ rows: number[], cols: number[] }}
 */
export function pickLines(n, seed) {
  if (n <= 32) return { rows: Array.from({ length: n }, (_, i) => i), cols: [] };
  const next = uniform(seed);
  const draw = () => Math.floor(((next() + 1) / 2) * n);
  return { rows: [0, n - 1, draw(), draw()], cols: [0, n - 1, draw(), draw()] };
}

/**
 * Float64 reference of the picked lines, with sum |a||b| beside it, which scales the allowed rounding error.
 * @param {Floats} a
 * @param {Floats} b
 * @param {number} n
 * @param {{ rows: number[], cols: number[] }} lines
 */
export function reference(a, b, n, lines) {
  const size = (lines.rows.length + lines.cols.length) * n;
  const value = new Float64Array(size);
  const scale = new Float64Array(size);
  let at = 0;
  for (const i of lines.rows) {
    for (let k = 0; k < n; k++) {
      const x = a[i * n + k];
      for (let j = 0; j < n; j++) {
        const p = x * b[k * n + j];
        value[at + j] += p;
        scale[at + j] += Math.abs(p);
      }
    }
    at += n;
  }
  for (const j of lines.cols) {
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < n; k++) {
        const p = a[i * n + k] * b[k * n + j];
        value[at + i] += p;
        scale[at + i] += Math.abs(p);
      }
    }
    at += n;
  }
  return { value, scale };
}

/**
 * The largest error in units of its bound, (n + 2) eps sum |a||b|: correct sums stay below 1 in any order.
 * @param {(number | null)[]} got  the peer's values of the picked lines; null where it had NaN or infinity
 * @param {{ value: Float64Array, scale: Float64Array }} expected
 * @param {DType} dtype
 * @param {number} n
 * @returns {number} Infinity where a value is missing
 */
export function residual(got, expected, dtype, n) {
  if (got.length !== expected.value.length) return Infinity;
  const bound = (n + 2) * EPS[dtype];
  let worst = 0;
  for (let i = 0; i < got.length; i++) {
    const x = got[i];
    if (x === null || !Number.isFinite(x)) return Infinity;
    const error = Math.abs(x - expected.value[i]);
    if (error > 0) worst = Math.max(worst, error / (bound * expected.scale[i]));
  }
  return worst;
}

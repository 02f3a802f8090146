/** @import { DType, Floats } from "./contract.mjs" */

/**
 * mulberry32, as uniform numbers in -1 … 1. `peers/numpy-openblas.py` draws the same ones: change both or neither.
 * @param {number} seed
 * @returns {() => number}
 */
export function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2147483648 - 1;
  };
}

/**
 * @param {DType} dtype
 * @param {number} n
 * @param {number} seed
 * @returns {Floats} n x n, row-major
 */
export function matrix(dtype, n, seed) {
  const next = uniform(seed);
  const data = dtype === "f32" ? new Float32Array(n * n) : new Float64Array(n * n);
  for (let i = 0; i < data.length; i++) data[i] = next();
  return data;
}

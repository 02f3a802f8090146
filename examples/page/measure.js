/** @import { Context, NDArray } from "blasm" */

/**
 * A product and how fast it was.
 * @typedef {object} Run
 * @property {NDArray} c the caller's to release
 * @property {number} ms
 * @property {number} gflops 10⁹ operations in a second, an addition and a multiplication each
 */

/** Additions and multiplications of a product; nonsense where shapes do not fit. @param {NDArray} a @param {NDArray} b */
function operations(a, b) {
  const rows = a.shape.at(-2) ?? 1;
  const columns = b.ndim > 1 ? (b.shape.at(-1) ?? 1) : 1;
  const stacks = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  let count = 2 * rows * columns * (a.shape.at(-1) ?? 1);
  for (let back = Math.max(...stacks.map(({ length }) => length)); back > 0; --back) {
    const [x = 1, y = 1] = stacks.map((stack) => stack.at(-back));
    count *= x === 1 ? y : x;
  }
  return count;
}

/**
 * Multiplies while the page goes on.
 * @param {Context} la
 * @param {NDArray} a
 * @param {NDArray} b
 * @param {AbortSignal} signal
 * @param {(share: number, gflops: number) => void} onProgress how much is done, from 0 to 1, and how fast so far
 * @returns {Promise<Run>}
 */
export async function measure(la, a, b, signal, onProgress) {
  const count = operations(a, b);
  const start = performance.now();
  const soFar = () => performance.now() - start;
  const c = await la.matmulAsync(a, b, {
    signal,
    onProgress(done, tickets) {
      const share = done / tickets;
      onProgress(share, (share * count) / soFar() / 1e6);
    },
  });
  const ms = soFar();
  return { c, ms, gflops: count / ms / 1e6 };
}

/** Words compared before the page has its turn: a few milliseconds. */
const PIECE = 2 ** 20;

/** Whether two arrays, contiguous and alike, have the same bits. @param {NDArray} x @param {NDArray} y */
export async function sameBits(x, y) {
  // Typed arrays made anew for each piece: memory may grow while the page has its turn.
  const words = (/** @type {NDArray} */ { data }, /** @type {number} */ at) =>
    new Int32Array(data.buffer, data.byteOffset, data.byteLength / 4).subarray(at, at + PIECE);
  for (let at = 0; words(x, at).length > 0; at += PIECE) {
    const other = words(y, at);
    if (!words(x, at).every((word, i) => word === other[i])) return false;
    await new Promise((resolve) => setTimeout(resolve));
  }
  return true;
}

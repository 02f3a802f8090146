// Numbers, arrays and errors as people read them.

/** @import { NDArray } from "blasm" */

export const showBytes = (/** @type {number} */ bytes) =>
  bytes < 2 ** 20 ? `${(bytes / 2 ** 10).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;

export const showTime = (/** @type {number} */ ms) =>
  ms < 1000 ? `${ms.toFixed(ms < 10 ? 2 : 0)} ms` : `${(ms / 1000).toFixed(2)} s`;

export const showShape = (/** @type {readonly number[]} */ shape) => shape.join(" × ") || "a number";

/** Bytes of its elements. */
const sizeOf = (/** @type {NDArray} */ { size, dtype }) => size * (dtype === "float32" ? 4 : 8);

export const showArray = (/** @type {NDArray} */ array) =>
  `${showShape(array.shape)}, ${array.dtype}, ${showBytes(sizeOf(array))}`;

export const showThreads = (/** @type {number} */ threads) =>
  threads === 1 ? "1 thread" : `${threads} threads`;

/** Kind and message: blasm's say which numbers offend, and what to do about it. */
export const showError = (/** @type {unknown} */ error) =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

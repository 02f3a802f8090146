/**
 * What a peer file exports, and the words it uses to say "not here".
 *
 * @typedef {"f32" | "f64"} DType
 * @typedef {Float32Array | Float64Array} Floats
 * @typedef {"blasm" | "wasm" | "js" | "native"} Kind
 *
 * @typedef {object} Product  One C <- A B of two n x n row-major matrices, operands in the library's own storage.
 * @property {() => void | Promise<void>} run      computes the product once
 * @property {() => Floats | Promise<Floats>} result  the last product, row-major, copied out
 * @property {() => void} dispose
 * @property {string} [info]  what the library says about itself: build, SIMD, threads
 *
 * @typedef {object} Peer
 * @property {string} name
 * @property {Kind} kind
 * @property {string} [cannot]  what its users must do without, beside blasm
 * @property {DType[]} dtypes
 * @property {number} [maxN]  larger products would take too long to be worth a row
 * @property {(dtype: DType, n: number, a: Floats, b: Floats) => Promise<Product>} create
 */

/** Thrown by a peer that cannot run here; the message becomes the reason in its row. */
export class Skip extends Error {
  /** @override */
  name = "Skip";
}

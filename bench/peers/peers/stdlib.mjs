/** @import { Kind, Peer } from "../lib/contract.mjs" */
import dgemm from "@stdlib/blas-base-dgemm";
import sgemm from "@stdlib/blas-base-sgemm";

export const name = "@stdlib gemm";
export const cannot = "SIMD; threads";
/** @type {Kind} */
export const kind = "js";
export const maxN = 256;
/** @type {Peer["dtypes"]} */
export const dtypes = ["f32", "f64"];

/** @type {Peer["create"]} */
export async function create(dtype, n, a, b) {
  const c = dtype === "f32" ? new Float32Array(n * n) : new Float64Array(n * n);
  // The two differ in nothing but the element type.
  const gemm = /** @type {typeof dgemm} */ (/** @type {unknown} */ (dtype === "f32" ? sgemm : dgemm));
  const [x, y, z] = /** @type {Float64Array[]} */ ([a, b, c]);
  return {
    run: () => void gemm("row-major", "no-transpose", "no-transpose", n, n, n, 1, x, n, y, n, 0, z, n),
    result: () => c,
    dispose() {},
  };
}

/** @import { Kind, Peer } from "../lib/contract.mjs" */
// What people write first: three loops over typed arrays, in the cache-friendly i-k-j order.
export const name = "plain i-k-j loop";
export const cannot = "SIMD; threads";
/** @type {Kind} */
export const kind = "js";
export const maxN = 256;
/** @type {Peer["dtypes"]} */
export const dtypes = ["f32", "f64"];

/** @type {Peer["create"]} */
export async function create(dtype, n, a, b) {
  const c = dtype === "f32" ? new Float32Array(n * n) : new Float64Array(n * n);
  return {
    run() {
      c.fill(0);
      for (let i = 0; i < n; i++) {
        for (let k = 0; k < n; k++) {
          const x = a[i * n + k];
          for (let j = 0; j < n; j++) c[i * n + j] += x * b[k * n + j];
        }
      }
    },
    result: () => c,
    dispose() {},
  };
}

/** @import { Kind, Peer } from "../lib/contract.mjs" */
import { Matrix } from "ml-matrix";

export const name = "ml-matrix";
export const cannot = "float32; SIMD; threads";
/** @type {Kind} */
export const kind = "js";
export const maxN = 256;
/** @type {Peer["dtypes"]} */
export const dtypes = ["f64"];

/** @type {Peer["create"]} */
export async function create(_dtype, n, a, b) {
  const ma = Matrix.from1DArray(n, n, a);
  const mb = Matrix.from1DArray(n, n, b);
  let mc = ma.mmul(mb);
  return {
    run() {
      mc = ma.mmul(mb);
    },
    result: () => Float64Array.from(mc.to1DArray()),
    dispose() {},
  };
}

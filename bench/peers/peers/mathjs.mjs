/** @import { Kind, Peer } from "../lib/contract.mjs" */
import { all, create as createMath } from "mathjs";

const math = createMath(all, {});

export const name = "mathjs";
export const cannot = "float32; SIMD; threads";
/** @type {Kind} */
export const kind = "js";
export const maxN = 256;
/** @type {Peer["dtypes"]} */
export const dtypes = ["f64"];

/** @type {Peer["create"]} */
export async function create(_dtype, n, a, b) {
  // Naming the element type spares it a typed dispatch for every element.
  /** @param {Float32Array | Float64Array} x */
  const dense = (x) =>
    math.matrix(
      Array.from({ length: n }, (_, i) => Array.from(x.subarray(i * n, (i + 1) * n))),
      "dense",
      "number",
    );
  const ma = dense(a);
  const mb = dense(b);
  let mc = math.multiply(ma, mb);
  return {
    run() {
      mc = math.multiply(ma, mb);
    },
    result: () => Float64Array.from(/** @type {number[][]} */ (mc.valueOf()).flat()),
    dispose() {},
  };
}

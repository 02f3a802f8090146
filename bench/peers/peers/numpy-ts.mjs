/** @import { Kind, Peer } from "../lib/contract.mjs" */
import * as np from "numpy-ts";

export const name = "numpy-ts";
export const cannot = "threads; an existing array as the result";
/** @type {Kind} */
export const kind = "wasm";
/** @type {Peer["dtypes"]} */
export const dtypes = ["f32", "f64"];

/** @type {Peer["create"]} */
export async function create(_dtype, n, a, b) {
  const na = np.array(a).reshape(n, n);
  const nb = np.array(b).reshape(n, n);
  np.wasmConfig.wasmCallCount = 0;
  let nc = np.matmul(na, nb);
  return {
    run() {
      nc.dispose();
      nc = np.matmul(na, nb);
    },
    result: () => /** @type {Float32Array | Float64Array} */ (nc.data).slice(),
    dispose() {
      for (const x of [na, nb, nc]) x.dispose();
    },
    info: `dtype ${nc.dtype}, ${np.wasmConfig.wasmCallCount ? "wasm" : "JavaScript"} kernel`,
  };
}

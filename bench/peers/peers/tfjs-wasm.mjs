/** @import { Kind, Peer } from "../lib/contract.mjs" */
// XNNPACK keeps B packed between calls for as long as the tensor lives, so its packing is not in these times.

import { getThreadsCount, setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

export const name = "tfjs-backend-wasm";
export const cannot = "float64; an existing array as the result; threads in Node";
/** @type {Kind} */
export const kind = "wasm";
/** @type {Peer["dtypes"]} */
export const dtypes = ["f32"];

/** @type {Peer["create"]} */
export async function create(_dtype, n, a, b) {
  setThreadsCount(1);
  await tf.setBackend("wasm");
  const ta = tf.tensor2d(/** @type {Float32Array} */ (a), [n, n]);
  const tb = tf.tensor2d(/** @type {Float32Array} */ (b), [n, n]);
  let tc = tf.matMul(ta, tb);
  const simd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
  return {
    run() {
      tc.dispose();
      tc = tf.matMul(ta, tb);
    },
    result: () => /** @type {Float32Array} */ (tc.dataSync()),
    dispose: () => tf.dispose([ta, tb, tc]),
    info: `backend ${tf.getBackend()}, SIMD ${simd}, threads ${getThreadsCount()}`,
  };
}

/** @import { Kind, Peer } from "../lib/contract.mjs" */
// Compiled by jit, which spares small products most of the dispatch: 4 times the eager rate at n = 64, no less anywhere.
// Runs on one thread in Node: its workers need a global Worker.
import * as jax from "@jax-js/jax";

const { numpy: np } = jax;

export const name = "jax-js";
export const cannot = "float64; an existing array as the result; threads in Node";
/** @type {Kind} */
export const kind = "wasm";
/** @type {Peer["dtypes"]} */
export const dtypes = ["f32"];

/** @type {Peer["create"]} */
export async function create(_dtype, n, a, b) {
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  const options = { dtype: np.float32 };
  const ja = np.array(a, options).reshape([n, n]);
  const jb = np.array(b, options).reshape([n, n]);
  await jax.blockUntilReady([ja.ref, jb.ref]);
  const multiply = jax.jit((/** @type {jax.Array} */ x, /** @type {jax.Array} */ y) => np.matmul(x, y));
  let jc = multiply(ja.ref, jb.ref);
  return {
    async run() {
      jc.dispose();
      jc = multiply(ja.ref, jb.ref);
      await jc.blockUntilReady();
    },
    result: async () => /** @type {Float32Array} */ (await jc.ref.data()),
    dispose() {
      for (const x of [ja, jb, jc, multiply]) x.dispose();
    },
    info: `device ${jax.defaultDevice()}`,
  };
}

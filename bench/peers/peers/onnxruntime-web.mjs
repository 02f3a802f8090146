/** @import { Kind, Peer } from "../lib/contract.mjs" */
// A and B are initialisers of a graph with one MatMul, so they lie in the runtime's memory; optimisation is off, or it would
// fold the product into a constant, and so is pre-packing, or B's packing would not be timed. The result is copied out by
// the runtime on every run: its API has no other way.
import * as ort from "onnxruntime-web/wasm";
import { matmulModel } from "../lib/onnx.mjs";

export const name = "onnxruntime-web";
export const cannot = "a product without a graph made beforehand; an existing array as the result";
/** @type {Kind} */
export const kind = "wasm";
/** @type {Peer["dtypes"]} */
export const dtypes = ["f32", "f64"];

/** @type {Peer["create"]} */
export async function create(dtype, n, a, b) {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(matmulModel(dtype, n, a, b), {
    executionProviders: ["wasm"],
    graphOptimizationLevel: "disabled",
    intraOpNumThreads: 1,
    extra: { session: { disable_prepacking: "1" } },
  });
  /** @type {ort.InferenceSession.ReturnType} */
  let out = {};
  return {
    async run() {
      out = await session.run({});
    },
    result: () => /** @type {Float32Array | Float64Array} */ (out.C.data),
    dispose: () => void session.release(),
    info: `wasm provider, threads ${ort.env.wasm.numThreads}`,
  };
}

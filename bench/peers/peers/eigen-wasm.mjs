/** @import { Kind, Peer } from "../lib/contract.mjs" */
import { existsSync, readFileSync } from "node:fs";
import { Skip } from "../lib/contract.mjs";

const file = new URL("../artefacts/eigen.wasm", import.meta.url);

export const name = "Eigen → wasm SIMD";
export const cannot = "come from npm: it takes a C++ toolchain";
/** @type {Kind} */
export const kind = "wasm";
/** @type {Peer["dtypes"]} */
export const dtypes = ["f32", "f64"];

/** @type {Peer["create"]} */
export async function create(dtype, n, a, b) {
  if (!existsSync(file)) throw new Skip("artefacts/eigen.wasm is absent: run build-eigen.sh");
  const module = new WebAssembly.Module(readFileSync(file));
  /** @type {Record<string, Record<string, () => number>>} */
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = () => 0; // libc mentions exit and files; the product uses none of them
  }
  const exports = /** @type {any} */ (new WebAssembly.Instance(module, imports).exports);
  exports._initialize?.();
  const bytes = n * n * a.BYTES_PER_ELEMENT;
  const [pa, pb, pc] = [0, 0, 0].map(() => exports.alloc(Math.ceil(bytes / 64) * 64));
  /** @param {number} at */
  const view = (at) =>
    dtype === "f32"
      ? new Float32Array(exports.memory.buffer, at, n * n)
      : new Float64Array(exports.memory.buffer, at, n * n);
  view(pa).set(a);
  view(pb).set(b);
  const gemm = exports[`gemm_${dtype}`];
  return {
    run: () => gemm(pa, pb, pc, n),
    result: () => view(pc).slice(),
    dispose() {},
  };
}

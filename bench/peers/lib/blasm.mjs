/** @import { Peer } from "./contract.mjs" */
import { existsSync } from "node:fs";
import { Skip } from "./contract.mjs";

const dist = new URL(process.env.BLASM_DIST ?? "../../../dist/index.js", import.meta.url);

/**
 * @param {"strict" | "relaxed" | "tuned"} build
 * @returns {Peer["create"]}
 */
export function createBlasm(build) {
  return async (dtype, n, a, b) => {
    if (!existsSync(dist)) throw new Skip("dist/index.js is not built");
    const { init } = await import(dist.href);
    const la = await init({ threads: 1, build });
    const { chosen, reason } = la.config().build;
    if (chosen !== build) throw new Skip(`${build} build not available: ${reason}`);
    const ba = la.fromTyped(a, [n, n]);
    const bb = la.fromTyped(b, [n, n]);
    const bc = la.zeros([n, n], { dtype: dtype === "f32" ? "float32" : "float64" });
    return {
      run: () => void la.gemm({ a: ba, b: bb, c: bc }),
      result: () => bc.toTyped(),
      dispose: () => la.close(),
      info: `${chosen} build`,
    };
  };
}

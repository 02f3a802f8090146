import { suite } from "./suite.mjs";

/**
 * As a program: prints what comes of the suite as JSON, and leaves a context open whose team has computed. The process must end
 * by itself all the same.
 */
export async function main(/** @type {typeof import("../../../src/index.ts")} */ blasm) {
  const report = await suite(blasm, new URL("../tasks.mjs", import.meta.url));
  const la = await blasm.init({ threads: 2 });
  const a = la.ones([768, 1024], { dtype: "float32" });
  await la.matmulAsync(a, a.T);
  console.log(JSON.stringify(report));
}

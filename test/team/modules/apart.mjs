// A program that leaves a delegate behind. It prints an element of a product.

/** @type {typeof import("../../../src/index.ts")} */
const { init } = await import(new URL("../../../dist/index.js", import.meta.url).href);
const la = await init({ memory: { shared: false } });
const a = la.ones([800, 800]);
let element = 0;
for (let round = 0; round < 10; ++round) {
  const c = await la.matmulAsync(a, a);
  element = c.at(0, 0);
  c.release();
}
console.log(element);

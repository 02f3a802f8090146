// What a program sees that has loaded the package twice. In Node and in pages.

/**
 * @typedef {typeof import("../../../src/index.ts")} Package
 * @typedef {{ name: string, code: string, message: string }} Refusal
 */

/** @returns {Promise<Record<string, Refusal>>} what each call says of what the other copy has made */
export async function refusals(/** @type {Package} */ one, /** @type {Package} */ other) {
  const options = /** @type {const} */ ({ threads: 1, memory: { initial: "8 MiB", maximum: "64 MiB" } });
  const la = await one.init(options);
  const theirs = await other.init(options);
  const a = la.ones([2, 2]);
  const foreign = /** @type {any} */ (theirs.ones([2, 2]));
  const lock = /** @type {any} */ (theirs.lock());
  const gil = /** @type {any} */ (theirs.gil());
  /** @type {Record<string, () => unknown>} */
  const calls = {
    "matmul, left": () => la.matmul(foreign, a),
    "matmul, right": () => la.matmul([[1, 2]], foreign),
    "matmul, out": () => la.matmul(a, a, { out: foreign }),
    "matmul, in a literal": () => la.matmul(/** @type {any} */ ([foreign, foreign]), a),
    matmulAsync: () => la.matmulAsync(a, foreign),
    "gemm, a": () => la.gemm({ a: foreign, b: a, c: a }),
    "gemm, b": () => la.gemm({ a, b: foreign, c: la.zeros([2, 2]) }),
    "gemm, c": () => la.gemm({ a, b: a, c: foreign }),
    gemmAsync: () => la.gemmAsync({ a, b: a, c: foreign }),
    array: () => la.array(foreign),
    npyBytes: () => la.npyBytes(foreign),
    adopt: () => la.adopt(foreign),
    "adopt, a lock": () => la.adopt(lock),
    condition: () => la.condition(lock),
    useGil: () => la.useGil(gil),
  };
  if (la.config().memory.shared) {
    calls.spawn = () => la.spawn("data:text/javascript,", [{ deep: [foreign] }]);
    calls["spawn, a lock"] = () => la.spawn("data:text/javascript,", [a, lock]);
    calls["adopt, shared"] = () => la.adopt(foreign.share());
  }
  /** @type {Record<string, Refusal>} */
  const refused = {};
  for (const [name, call] of Object.entries(calls)) {
    try {
      await call();
    } catch (error) {
      const { name: of, code, message } = /** @type {Refusal} */ (error);
      refused[name] = { name: of, code, message };
    }
    if (refused[name] === undefined) throw new Error(`${name} takes what another copy has made`);
  }
  // What is to be done instead.
  const copied = la.fromTyped(foreign.toTyped(), foreign.shape);
  if (la.matmul(a, copied).at(1, 1) !== 2) throw new Error("elements that were copied are others");
  la.close();
  theirs.close();
  return refused;
}

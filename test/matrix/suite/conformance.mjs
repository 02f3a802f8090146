// What one thread must compute in every engine.

/**
 * @typedef {object} Conformance
 * @property {string} asked the build asked for
 * @property {string} chosen the build that ran, and `reason`
 * @property {string} reason
 * @property {string} engine runtime, version
 * @property {string} v8 V8's version, if it is known
 * @property {boolean} shared whether the memory is shared
 * @property {boolean} relaxedSimd
 * @property {boolean} fused
 * @property {string} bits a hash over the bits of every result
 * @property {Record<"float32" | "float64", number>} gflops at n = 256
 */

/** Sizes: vectors, the small path, edges of every tile, more than one block of k. */
const SIZES = [
  [1, 1, 1],
  [4, 4, 4],
  [1, 33, 70],
  [50, 1, 65],
  [17, 19, 23],
  [61, 67, 300],
  [97, 130, 515],
];

/** @returns {Promise<Conformance>} */
export async function conform(
  /** @type {typeof import("../../../src/index.ts")} */ { init },
  /** @type {any} */ build,
) {
  const la = await init({ build, threads: 1, memory: { initial: "16 MiB", maximum: "256 MiB" } });
  const before = la.arena.stats();
  const hash = new Hash();
  const gflops = { float32: 0, float64: 0 };
  for (const dtype of /** @type {const} */ (["float32", "float64"])) {
    for (const [m, n, k] of /** @type {[number, number, number][]} */ (SIZES)) {
      for (const trans of ["NN", "NT", "TN", "TT"]) checkGemm(la, dtype, trans, m, n, k, hash);
    }
    checkStack(la, dtype, hash);
    checkSystem(la, dtype, hash);
    gflops[dtype] = rate(la, dtype, 256);
  }
  const after = la.arena.stats();
  for (const key of /** @type {const} */ (["blocks", "used", "requested"])) {
    if (after[key] !== before[key]) throw new Error(`arena: ${key} is ${after[key]}, was ${before[key]}`);
  }
  if (after.allocations - after.frees !== before.allocations - before.frees) throw new Error("arena: a leak");
  const config = la.config();
  la.close();
  return {
    asked: build,
    chosen: config.build.chosen,
    reason: config.build.reason,
    engine: `${config.host.runtime} ${config.host.version}`,
    v8: config.host.v8 ?? "",
    shared: config.memory.shared,
    relaxedSimd: config.features.relaxedSimd,
    fused: config.features.fusedMultiplyAdd,
    bits: hash.text(),
    gflops,
  };
}

/** C <- 1.25 op(A) op(B) − 0.5 C against a plain loop in float64. */
function checkGemm(
  /** @type {import("../../../src/index.ts").Context} */ la,
  /** @type {"float32" | "float64"} */ dtype,
  /** @type {string} */ trans,
  /** @type {number} */ m,
  /** @type {number} */ n,
  /** @type {number} */ k,
  /** @type {Hash} */ hash,
) {
  la.scope(() => {
    const transA = /** @type {"N" | "T"} */ (trans[0]);
    const transB = /** @type {"N" | "T"} */ (trans[1]);
    const a = la.random(transA === "N" ? [m, k] : [k, m], { seed: 1, dtype });
    const b = la.random(transB === "N" ? [k, n] : [n, k], { seed: 2, dtype });
    const c = la.random([m, n], { seed: 3, dtype });
    const [ta, tb, tc] = [a.toTyped(), b.toTyped(), c.toTyped()];
    la.gemm({ transA, transB, alpha: 1.25, a, b, beta: -0.5, c });
    const got = c.toTyped();
    const epsilon = dtype === "float32" ? 2 ** -23 : 2 ** -52;
    for (let i = 0; i < m; ++i) {
      for (let j = 0; j < n; ++j) {
        let sum = 0;
        for (let p = 0; p < k; ++p) {
          sum +=
            (ta[transA === "N" ? i * k + p : p * m + i] ?? 0) *
            (tb[transB === "N" ? p * n + j : j * k + p] ?? 0);
        }
        // All operands are in [0, 1): the sum is its own condition number.
        const old = tc[i * n + j] ?? 0;
        const error = Math.abs((got[i * n + j] ?? Number.NaN) - (1.25 * sum - 0.5 * old));
        if (!(error <= 2 * (k + 2) * epsilon * (1.25 * sum + 0.5 * old))) {
          throw new Error(`gemm ${dtype} ${trans} ${m}×${n}×${k}: element ${i}, ${j} is off by ${error}`);
        }
      }
    }
    hash.add(got);
  });
}

/** A stack of small products against the same products one by one: the same bits. */
function checkStack(
  /** @type {import("../../../src/index.ts").Context} */ la,
  /** @type {"float32" | "float64"} */ dtype,
  /** @type {Hash} */ hash,
) {
  la.scope(() => {
    const a = la.random([30, 4, 5], { seed: 4, dtype });
    const b = la.random([5, 6], { seed: 5, dtype });
    const stack = la.matmul(a, b).toTyped();
    for (let i = 0; i < 30; ++i) {
      const one = la.matmul(a.slice([i, i + 1]).reshape([4, 5]), b).toTyped();
      one.forEach((value, at) => {
        if (value !== stack[i * 24 + at]) throw new Error(`matmul ${dtype}: product ${i} of a stack differs`);
      });
    }
    hash.add(stack);
  });
}

/** A system of more than one panel and its solution: LAPACK's ratio ‖b − A x‖ / (‖A‖ ‖x‖ n ε) < 30. */
function checkSystem(
  /** @type {import("../../../src/index.ts").Context} */ la,
  /** @type {"float32" | "float64"} */ dtype,
  /** @type {Hash} */ hash,
) {
  la.scope(() => {
    const n = 150;
    const a = la.random([n, n], { seed: 8, dtype });
    const b = la.random([n, 3], { seed: 9, dtype });
    const factors = la.linalg.luFactor(a);
    const x = la.linalg.luSolve(factors, b);
    const [ta, tb, tx] = [a.toTyped(), b.toTyped(), x.toTyped()];
    const epsilon = dtype === "float32" ? 2 ** -24 : 2 ** -53;
    let [off, size] = [0, 0];
    for (let i = 0; i < n; ++i) {
      let sum = 0;
      for (let p = 0; p < n; ++p) sum += (ta[i * n + p] ?? 0) * (tx[p * 3] ?? Number.NaN);
      off += Math.abs((tb[i * 3] ?? 0) - sum);
      size += Math.abs(tx[i * 3] ?? 0);
    }
    // All of A is in [0, 1): its norm is at most n.
    if (!(off < 30 * n * size * n * epsilon)) throw new Error(`solve ${dtype}: ‖b − A x‖ is ${off}`);
    hash.add(factors.lu.toTyped());
    hash.add(x.toTyped());
  });
}

/** The best GFLOP/s of squares for a tenth of a second; 0 where clocks stand still while a program computes (workerd). */
function rate(
  /** @type {import("../../../src/index.ts").Context} */ la,
  /** @type {"float32" | "float64"} */ dtype,
  /** @type {number} */ n,
) {
  return la.scope(() => {
    const a = la.random([n, n], { seed: 6, dtype });
    const b = la.random([n, n], { seed: 7, dtype });
    const c = la.zeros([n, n], { dtype });
    let best = 0;
    const end = performance.now() + 100;
    for (let round = 0; round < 100 && performance.now() < end; ++round) {
      // Clocks of browsers tick in steps of up to a millisecond.
      const start = performance.now();
      for (let i = 0; i < 8; ++i) la.gemm({ a, b, c });
      const ms = performance.now() - start;
      if (ms > 0) best = Math.max(best, (8 * 2 * n ** 3) / ms / 1e6);
    }
    return Math.round(best * 10) / 10;
  });
}

/** Two 32-bit FNV-1a hashes, over the low and the high halves of words. */
class Hash {
  #low = 0x811c9dc5;
  #high = 0x811c9dc5;

  add(/** @type {Float32Array | Float64Array} */ values) {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);
    for (const word of words) {
      this.#low = Math.imul(this.#low ^ (word & 0xffff), 0x01000193);
      this.#high = Math.imul(this.#high ^ (word >>> 16), 0x01000193);
    }
  }

  text() {
    return [this.#low, this.#high].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  }
}

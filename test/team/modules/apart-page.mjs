// In a page whose memory is not shared: products by a thread apart, or here, and how the page fares meanwhile.

/**
 * @typedef {object} Apart
 * @property {number} blocks of results that were asked for of the thread apart
 * @property {boolean} same whether the bits are those of this thread
 * @property {number} turns of the event loop during the last product
 * @property {boolean} exact whether the arena is as it was
 * @property {string} reason as config() has it
 */

/** @returns {Promise<Apart>} */
export async function apart(
  /** @type {typeof import("../../../src/index.ts")} */ { init },
  /** @type {import("../../../src/index.ts").InitOptions} */ options,
) {
  let blocks = 0;
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ handedOver) {
    if (message !== null && "block" in message) blocks += 1;
    postMessage.call(this, message, handedOver);
  };
  const la = await init({ ...options, memory: { initial: "16 MiB", maximum: "256 MiB" } });
  const before = la.arena.stats().used;
  const a = la.random([1000, 1100], { seed: 1 });
  const b = a.T;
  const [c, d] = [la.ones([1000, 1000]), la.ones([1000, 1000])];
  la.gemm({ a, b, alpha: 1.5, beta: -0.5, c: d });
  let turns = 0;
  const beat = setInterval(() => turns++);
  for (let round = 0; round < 50 && /when it is there/.test(la.config().threads.reason); ++round)
    await la.gemmAsync({ a, b, c });
  // The one in whose midst it came to life is not its alone.
  [blocks, turns] = [0, 0];
  c.data.fill(1);
  await la.gemmAsync({ a, b, alpha: 1.5, beta: -0.5, c });
  clearInterval(beat);
  const expected = d.toTyped();
  const same = c.toTyped().every((value, i) => Object.is(value, expected[i]));
  for (const array of [a, b, c, d]) array.release();
  const exact = la.arena.stats().used === before;
  const { reason } = la.config().threads;
  la.close();
  return { blocks, same, turns, exact, reason };
}

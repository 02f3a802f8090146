// The child process of one peer. Reads one JSON command a line from stdin, answers one JSON line each on stdout:
//   {cmd:"prepare", dtype, n, seed}  inputs from the seed, handed to the library
//   {cmd:"lines", rows, cols}        one product, then the asked rows and columns of C
//   {cmd:"sample", ms}               a batch of products that lasts at least ms, with the processor time it got
// peers/numpy-openblas.py speaks the same.
/** @import { Peer, Product } from "./lib/contract.mjs" */
import { createInterface } from "node:readline";
import { Skip } from "./lib/contract.mjs";
import { matrix } from "./lib/inputs.mjs";

/** Anything that a library prints goes to stderr: stdout is for answers. */
console.log = console.info = console.error;

/** @param {object} message */
const answer = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

/** @type {Peer} */
let peer;
/** @type {Product} */
let product;
let n = 0;
/** Milliseconds that one product takes, as last seen. */
let cost = 0;

/** @param {number} times */
async function batch(times) {
  const start = performance.now();
  for (let i = 0; i < times; i++) {
    const pending = product.run();
    if (pending) await pending;
  }
  return performance.now() - start;
}

/** @type {Record<string, (message: any) => Promise<object>>} */
const commands = {
  async prepare(message) {
    n = message.n;
    const a = matrix(message.dtype, n, message.seed);
    const b = matrix(message.dtype, n, message.seed + 1);
    product = await peer.create(message.dtype, n, a, b);
    return { info: product.info ?? "" };
  },
  async lines({ rows, cols }) {
    await batch(1);
    const c = await product.result();
    const values = [];
    for (const i of rows) for (let j = 0; j < n; j++) values.push(c[i * n + j]);
    for (const j of cols) for (let i = 0; i < n; i++) values.push(c[i * n + j]);
    return { values };
  },
  async sample({ ms }) {
    if (cost < 5) cost = await batch(1); // back into the caches that other processes used meanwhile
    for (let times = Math.max(1, Math.ceil(ms / Math.max(cost, ms / 64))); ; ) {
      const before = process.cpuUsage();
      const took = await batch(times);
      const { user, system } = process.cpuUsage(before);
      cost = took / times;
      if (took >= ms) return { ms: took, runs: times, cpuMs: (user + system) / 1000 };
      times = Math.ceil(times * Math.min(16, Math.max(1.2, (1.1 * ms) / Math.max(took, ms / 16))));
    }
  },
};

try {
  peer = await import(`./peers/${process.argv[2]}.mjs`);
  const { name, kind, dtypes, maxN = null, cannot = "" } = peer;
  answer({ name, kind, dtypes, maxN, cannot });
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line);
    answer(await commands[message.cmd](message));
  }
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Skip)) console.error(error);
  answer({ [error instanceof Skip ? "skip" : "error"]: reason });
}
process.exit(0);

// Threads, locks and deaths in every engine, in plain JavaScript over the built package: a program (entry) in Node, Deno, Bun;
// threads() in a browser's page, which may not block, or in a worker, which may. Throws what is wrong.

const TASKS = new URL("../team/modules/tasks.mjs", import.meta.url);

function check(/** @type {boolean} */ truth, /** @type {string} */ what) {
  if (!truth) throw new Error(what);
}

/** @returns {Promise<any>} what was thrown */
async function thrown(/** @type {() => unknown} */ run) {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error(`nothing was thrown by ${run}`);
}

/**
 * @typedef {object} Facts
 * @property {string[]} checks what was seen to be right
 * @property {boolean} mayBlock whether this thread may block
 */

/**
 * @returns {Promise<Facts>}
 */
export async function threads(/** @type {typeof import("../../src/index.ts")} */ { init }) {
  const la = await init({ debug: true, threads: 2, memory: { initial: "16 MiB", maximum: "256 MiB" } });
  const checks = /** @type {string[]} */ ([]);
  const arrays = () => la.arena.blocks().filter(({ dtype }) => dtype !== "").length;
  const before = arrays();
  const lock = la.lock();
  const counter = la.zeros(1);

  const workers = ["increment", "incrementAsync"].map((task) => la.spawn(TASKS, [task, lock, counter, 5000]));
  for (let i = 0; i < 2000; ++i) await lock.withLockAsync(() => counter.set(counter.at(0) + 1, 0));
  await Promise.all(workers.map((thread) => thread.joinAsync()));
  check(counter.at(0) === 12_000, `12000 increments gave ${counter.at(0)}`);
  checks.push("a lock between three threads");

  const a = la.random([70, 70], { seed: 1 });
  const c = /** @type {any} */ (await la.spawn(TASKS, ["product", a, a.T]).joinAsync());
  const d = la.matmul(a, a.T);
  check(String(c.toTyped()) === String(d.toTyped()), "another thread's product has other bits");
  checks.push("a product of another thread");

  const failed = await thrown(() => la.spawn(TASKS, ["fail", "range"]).joinAsync());
  check(failed.name === "RangeError" && /tasks\.mjs/.test(failed.stack), `${failed.name}: ${failed.stack}`);
  checks.push("an exception with its stack");

  const held = la.event();
  const holder = la.spawn(TASKS, ["hold", lock, held, "spin"]);
  check(await held.waitAsync({ timeoutMs: 20_000 }), "the holder did not start");
  check(!lock.acquire({ blocking: false }), "a lock that is held was taken");
  check(!(await lock.acquireAsync({ timeoutMs: 5 })), "a lock that is held was awaited");
  await holder.terminate();
  check((await thrown(() => lock.acquireAsync())).code === "ABANDONED", "the lock is not abandoned");
  check(lock.recover(), "the lock cannot be recovered");
  check((await thrown(() => holder.joinAsync())).code === "DIED", "a terminated thread has not died");
  checks.push("a holder terminated in an endless loop");

  const mayBlock = await blocking(la, lock, checks);
  const e = await la.matmulAsync(a, a.T);
  check(String(e.toTyped()) === String(d.toTyped()), "the team's product has other bits");
  e.release();
  checks.push("a product of the team");
  for (const array of [counter, a, c, d]) array.release();
  lock[Symbol.dispose]?.();
  held[Symbol.dispose]?.();
  // Two a.T and their array are one block, and nothing else: what was an argument went with its thread.
  check(arrays() === before + 1, `${arrays() - before} arrays are left`);
  la.close();
  return { checks, mayBlock };
}

/** What blocks, or must refuse to. */
async function blocking(
  /** @type {import("../../src/index.ts").Context} */ la,
  /** @type {import("../../src/index.ts").Lock} */ lock,
  /** @type {string[]} */ checks,
) {
  lock.acquire();
  const here = la.event();
  const waiter = la.spawn(TASKS, ["wait", lock, here]);
  await here.waitAsync();
  lock.release();
  const [other, taken] = [la.lock(), la.event()];
  const holder = la.spawn(TASKS, ["hold", other, taken, "sleep"]);
  await taken.waitAsync();
  let mayBlock = true;
  try {
    check(!other.acquire({ timeoutMs: 5 }), "a lock that is held was taken");
  } catch (error) {
    check(/** @type {any} */ (error).code === "BLOCKING", String(error));
    mayBlock = false;
  }
  checks.push(mayBlock ? "this thread may block" : "this thread is told that it may not block");
  await holder.terminate();
  check(other.recover(), "the lock cannot be recovered");
  check((await waiter.joinAsync()) === "got it", "the waiter did not get the lock");
  for (const primitive of [here, other, taken]) primitive[Symbol.dispose]?.();
  return mayBlock;
}

// As a program: threads.mjs ENTRY
const { process } = globalThis;
if (process?.argv?.[1]?.endsWith("threads.mjs")) {
  console.log(JSON.stringify(await threads(await import(process.argv[2] ?? ""))));
}

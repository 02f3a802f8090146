// Threads, locks and deaths in every engine. Throws what is wrong.

/** @typedef {import("../../../src/index.ts").Context} Context */

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
 * @typedef {object} Threads
 * @property {number} used as config() has it
 * @property {string} reason
 * @property {readonly string[]} checks what was seen to be right
 */

/**
 * Threads, if the host has them; else what goes on without them.
 * @returns {Promise<Threads>}
 */
export async function threads(
  /** @type {typeof import("../../../src/index.ts")} */ { init },
  /** @type {string | URL} */ tasks,
) {
  const la = await init({ debug: true, threads: 2, memory: { initial: "16 MiB", maximum: "256 MiB" } });
  const refused = await refusal(la, tasks);
  const checks = refused === undefined ? await together(la, tasks) : await alone(la, refused);
  const { used, reason } = la.config().threads;
  la.close();
  return { used, reason, checks };
}

/** What spawn() says where there are no threads. */
async function refusal(/** @type {Context} */ la, /** @type {string | URL} */ tasks) {
  try {
    await la.spawn(tasks, ["nothing"]).joinAsync({ timeoutMs: 20_000 });
    return undefined;
  } catch (error) {
    return /** @type {Error} */ (error);
  }
}

/** Without other threads the API is the same, and so are the bits. */
async function alone(/** @type {Context} */ la, /** @type {Error} */ refused) {
  const checks = /** @type {string[]} */ ([]);
  const { name, message } = refused;
  check(name === "UnsupportedError" || name === "TeamError", `spawn: ${name}: ${message}`);
  checks.push("spawn says why not");

  const lock = la.lock();
  check(lock.acquire(), "a free lock was not taken");
  check(!lock.acquire({ blocking: false }), "a lock that is held was taken");
  lock.release();
  check((await lock.withLockAsync(() => 7)) === 7, "the lock does not work");
  lock[Symbol.dispose]?.();
  checks.push("a lock of its own");
  checks.push(await teamsProduct(la));
  // A thread apart takes some time to start.
  for (let round = 0; round < 100 && /when it is there/.test(la.config().threads.reason); ++round) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    checks[2] = await teamsProduct(la);
  }
  return checks;
}

/** A product that is large enough for a team to be waited for, against the same in this thread. */
async function teamsProduct(/** @type {Context} */ la) {
  const a = la.random([768, 1024], { seed: 1, dtype: "float32" });
  const b = a.T;
  const c = await la.matmulAsync(a, b);
  la.setThreads(1);
  const d = la.matmul(a, b);
  la.setThreads(2);
  const elements = d.toTyped();
  const same = c.toTyped().every((value, i) => value === elements[i]);
  for (const array of [a, b, c, d]) array.release();
  check(same, "an asynchronous product has other bits");
  return "an asynchronous product";
}

/** @returns {Promise<string[]>} */
async function together(/** @type {Context} */ la, /** @type {string | URL} */ tasks) {
  const checks = /** @type {string[]} */ ([]);
  const arrays = () => la.arena.blocks().filter(({ dtype }) => dtype !== "").length;
  const before = arrays();
  const lock = la.lock();
  const counter = la.zeros(1);

  const workers = ["increment", "incrementAsync"].map((task) => la.spawn(tasks, [task, lock, counter, 5000]));
  for (let i = 0; i < 2000; ++i) await lock.withLockAsync(() => counter.set(counter.at(0) + 1, 0));
  await Promise.all(workers.map((thread) => thread.joinAsync()));
  check(counter.at(0) === 12_000, `12000 increments gave ${counter.at(0)}`);
  checks.push("a lock between three threads");

  const a = la.random([70, 70], { seed: 1 });
  const c = /** @type {any} */ (await la.spawn(tasks, ["product", a, a.T]).joinAsync());
  const d = la.matmul(a, a.T);
  check(String(c.toTyped()) === String(d.toTyped()), "another thread's product has other bits");
  checks.push("a product of another thread");

  const failed = await thrown(() => la.spawn(tasks, ["fail", "range"]).joinAsync());
  check(failed.name === "RangeError" && /tasks\.mjs/.test(failed.stack), `${failed.name}: ${failed.stack}`);
  checks.push("an exception with its stack");

  const held = la.event();
  const holder = la.spawn(tasks, ["hold", lock, held, "spin"]);
  check(await held.waitAsync({ timeoutMs: 20_000 }), "the holder did not start");
  check(!lock.acquire({ blocking: false }), "a lock that is held was taken");
  check(!(await lock.acquireAsync({ timeoutMs: 5 })), "a lock that is held was awaited");
  await holder.terminate();
  check((await thrown(() => lock.acquireAsync())).code === "ABANDONED", "the lock is not abandoned");
  check(lock.recover(), "the lock cannot be recovered");
  check((await thrown(() => holder.joinAsync())).code === "DIED", "a terminated thread has not died");
  checks.push("a holder terminated in an endless loop");

  checks.push(await blocking(la, tasks, lock));
  checks.push(await teamsProduct(la));
  for (const array of [counter, a, c, d]) array.release();
  lock[Symbol.dispose]?.();
  held[Symbol.dispose]?.();
  // Two a.T and their array are one block, and nothing else: what was an argument went with its thread.
  check(arrays() === before + 1, `${arrays() - before} arrays are left`);
  return checks;
}

/** What blocks, or must refuse to. */
async function blocking(
  /** @type {Context} */ la,
  /** @type {string | URL} */ tasks,
  /** @type {import("../../../src/index.ts").Lock} */ lock,
) {
  lock.acquire();
  const here = la.event();
  const waiter = la.spawn(tasks, ["wait", lock, here]);
  await here.waitAsync();
  lock.release();
  const [other, taken] = [la.lock(), la.event()];
  const holder = la.spawn(tasks, ["hold", other, taken, "sleep"]);
  await taken.waitAsync();
  let mayBlock = true;
  try {
    check(!other.acquire({ timeoutMs: 5 }), "a lock that is held was taken");
  } catch (error) {
    check(/** @type {any} */ (error).code === "BLOCKING", String(error));
    mayBlock = false;
  }
  await holder.terminate();
  check(other.recover(), "the lock cannot be recovered");
  check((await waiter.joinAsync()) === "got it", "the waiter did not get the lock");
  for (const primitive of [here, other, taken]) primitive[Symbol.dispose]?.();
  return mayBlock ? "this thread may block" : "this thread is told that it may not block";
}

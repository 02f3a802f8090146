import { equal, pause, throws, until } from "./expect.mjs";
import { Barrier, LockError } from "./sync.mjs";

/** @import { Bag, Case } from "./types.ts" */
/** @import { Tools } from "./crew.mjs" */

const N = 5;
const SOME = Math.floor(N / 2);

/** The limit of a wait() that says none, in milliseconds: there so that a case that fails does not hang. */
const LIMIT_MS = 2000;

// Left out: test_repr.

/** @type {Record<string, Case>} */
export const BarrierTests = {
  // Python: fewer than one party is a ValueError.
  test_constructor: {
    run(tools) {
      throws("VALUE", () => tools.barrier(0));
      throws("VALUE", () => tools.barrier(-1));
    },
  },

  test_barrier: {
    run: (tools) => runThreads(tools, { n: 1, results1: tools.list(), results2: tools.list() }),
    thread: multipass,
  },

  test_barrier_10: {
    run: (tools) => runThreads(tools, { n: 10, results1: tools.list(), results2: tools.list() }),
    thread: multipass,
  },

  test_wait_return: {
    async run(tools) {
      const results1 = tools.list();
      await runThreads(tools, { results1 });
      equal(results1.sorted(), [0, 1, 2, 3, 4], "what wait() returned");
    },
    thread: ({ barrier, results1 }) => results1.push(barrier.wait()),
  },

  test_action: {
    async run(tools) {
      const results1 = tools.list();
      await runThreads(tools, { results1 });
      equal(results1.sorted(), [1], "calls of the action");
    },
    thread({ barrier: { words, index }, results1 }) {
      const action = () => results1.push(1);
      new Barrier(words, index, undefined, { action, timeoutMs: LIMIT_MS }).wait();
      equal(results1.length, 1, "calls of the action, before any thread goes on");
    },
  },

  test_abort: {
    async run(tools) {
      const { barrier, results1, results2 } = await runThreads(tools, {
        results1: tools.list(),
        results2: tools.list(),
      });
      equal([results1.length, results2.length], [0, N - 1], "threads that passed, that did not");
      equal(barrier.broken, true, "broken");
    },
    thread: abortOnce,
  },

  test_reset: {
    async run(tools) {
      const [results1, results2, results3] = [tools.list(), tools.list(), tools.list()];
      await runThreads(tools, { results1, results2, results3 });
      equal([results1.length, results2.length], [0, N - 1], "threads that passed, that did not");
      equal(results3.length, N, "threads that passed after reset()");
    },
    thread({ barrier, results1, results2, results3 }) {
      const timeoutMs = LIMIT_MS;
      if (barrier.wait({ timeoutMs }) === SOME) {
        until(() => barrier.nWaiting === N - 1, "the others wait");
        barrier.reset();
      } else if (passes(barrier)) results1.push(1);
      else results2.push(1);
      barrier.wait({ timeoutMs });
      results3.push(1);
    },
  },

  test_abort_and_reset: {
    async run(tools) {
      const [results1, results2, results3] = [tools.list(), tools.list(), tools.list()];
      await runThreads(tools, { results1, results2, results3, second: tools.barrier(N) });
      equal([results1.length, results2.length], [0, N - 1], "threads that passed, that did not");
      equal(results3.length, N, "threads that passed after reset()");
    },
    thread(bag) {
      const { barrier, second, results3 } = bag;
      abortOnce(bag);
      // Before the reset all have left the barrier, and after it all come back.
      if (second.wait({ timeoutMs: LIMIT_MS }) === SOME) barrier.reset();
      second.wait({ timeoutMs: LIMIT_MS });
      barrier.wait({ timeoutMs: LIMIT_MS });
      results3.push(1);
    },
  },

  test_timeout: {
    async run(tools) {
      const { barrier } = await runThreads(tools, {});
      equal(barrier.broken, true, "broken");
    },
    thread({ barrier }) {
      // One thread is late.
      if (barrier.wait({ timeoutMs: LIMIT_MS }) === SOME) pause(400);
      throws("BROKEN", () => barrier.wait({ timeoutMs: 200 }));
    },
  },

  test_default_timeout: {
    async run(tools) {
      const { barrier } = await runThreads(tools, {});
      equal(barrier.broken, true, "broken");
    },
    thread({ barrier: { words, index } }) {
      const barrier = new Barrier(words, index, undefined, { timeoutMs: 400 });
      if (barrier.wait() === SOME) pause(600);
      throws("BROKEN", () => barrier.wait());
    },
  },

  test_single_thread: {
    run(tools) {
      const barrier = tools.barrier(1);
      equal([barrier.wait(), barrier.wait()], [0, 0], "wait()");
    },
  },
};

/** Runs the case's thread function in N threads, of which this one is one. */
async function runThreads(/** @type {Tools} */ tools, /** @type {Partial<Bag>} */ rest) {
  const bag = { barrier: tools.barrier(N), ...rest };
  const bunch = tools.bunch(N - 1, bag);
  await tools.join(bag);
  await bunch.results();
  return /** @type {Bag} */ (/** @type {unknown} */ (bag));
}

/** All threads have arrived before one goes on, `n` times. */
function multipass(/** @type {Bag} */ { barrier, results1, results2, n }) {
  const m = barrier.parties;
  equal(m, N, "parties");
  for (let i = 0; i < n; ++i) {
    results1.push(1);
    equal(results2.length, i * m, `passages before passage ${i}`);
    barrier.wait({ timeoutMs: LIMIT_MS });
    results2.push(1);
    equal(results1.length, (i + 1) * m, `arrivals after passage ${i}`);
    barrier.wait({ timeoutMs: LIMIT_MS });
  }
  equal([barrier.nWaiting, barrier.broken], [0, false], "nWaiting, broken");
}

/** All pass once; then one thread breaks the barrier, and the others notice. */
function abortOnce(/** @type {Bag} */ { barrier, results1, results2 }) {
  // Whom the abort() reaches in the first wait() has passed it.
  if (barrier.wait({ timeoutMs: LIMIT_MS }) === SOME) barrier.abort();
  else if (passes(barrier)) results1.push(1);
  else results2.push(1);
}

/** Whether it could be passed; not if it is or becomes broken. */
function passes(/** @type {Bag["barrier"]} */ barrier) {
  try {
    barrier.wait({ timeoutMs: LIMIT_MS });
    return true;
  } catch (error) {
    if (error instanceof LockError && error.code === "BROKEN") return false;
    throw error;
  }
}

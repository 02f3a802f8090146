import { ok, pause } from "./expect.mjs";

/** @import { Bag, Case } from "./types.ts" */
/** @import { Tools } from "./crew.mjs" */

// Whoever waits looks again by itself every 50 ms (wait.ts). These cases see that it is woken: that much sooner, most of the times.

const ROUNDS = 5;

/** Threads wake up in less than a millisecond; those that nobody wakes sleep for 40 ms more. */
const SOON_MS = 25;

/** The same clock in all threads. */
const now = () => performance.timeOrigin + performance.now();

/**
 * @typedef {object} Wake
 * @property {(tools: Tools) => Partial<Bag>} make what to wait for, in vain at first
 * @property {(bag: Bag) => unknown} wait in the thread
 * @property {(bag: Bag) => void} wake in the coordinator
 */

/** @returns {Case} */
function woken(/** @type {Wake} */ { make, wait, wake }) {
  return {
    async run(tools) {
      const late = [];
      for (let round = 0; round < ROUNDS; ++round) {
        const bag = make(tools);
        const bunch = tools.bunch(1, bag);
        bunch.waitForStarted();
        pause(10);
        const start = now();
        wake(/** @type {Bag} */ (bag));
        const [end] = await bunch.results();
        late.push(Math.round(end - start));
      }
      const [median = Number.NaN] = late.sort((one, other) => one - other).slice(ROUNDS / 2);
      ok(median < SOON_MS, `of ${late} ms, half are less than ${SOON_MS}`);
    },
    async thread(bag) {
      await wait(bag);
      return now();
    },
  };
}

/** A lock that the coordinator holds. */
function held(/** @type {Tools} */ tools) {
  const lock = tools.lock();
  lock.acquire();
  return { lock };
}

const notify = (/** @type {Bag} */ { condition }) => condition.lock.withLock(() => condition.notify());

/** @type {Record<string, Case>} */
export const WakeUpTests = {
  lock_acquire: woken({
    make: held,
    wait: ({ lock }) => lock.acquire(),
    wake: ({ lock }) => lock.release(),
  }),
  lock_acquireAsync: woken({
    make: held,
    wait: ({ lock }) => lock.acquireAsync(),
    wake: ({ lock }) => lock.release(),
  }),
  semaphore_acquire: woken({
    make: (tools) => ({ semaphore: tools.semaphore(0) }),
    wait: ({ semaphore }) => semaphore.acquire(),
    wake: ({ semaphore }) => semaphore.release(),
  }),
  semaphore_acquireAsync: woken({
    make: (tools) => ({ semaphore: tools.semaphore(0) }),
    wait: ({ semaphore }) => semaphore.acquireAsync(),
    wake: ({ semaphore }) => semaphore.release(),
  }),
  event_wait: woken({
    make: (tools) => ({ event: tools.event() }),
    wait: ({ event }) => event.wait(),
    wake: ({ event }) => event.set(),
  }),
  event_waitAsync: woken({
    make: (tools) => ({ event: tools.event() }),
    wait: ({ event }) => event.waitAsync(),
    wake: ({ event }) => event.set(),
  }),
  condition_wait: woken({
    make: (tools) => ({ condition: tools.condition(tools.lock()) }),
    wait: ({ condition }) => condition.lock.withLock(() => condition.wait()),
    wake: notify,
  }),
  condition_waitAsync: woken({
    make: (tools) => ({ condition: tools.condition(tools.lock()) }),
    wait: ({ condition }) => condition.lock.withLockAsync(() => condition.waitAsync()),
    wake: notify,
  }),
  barrier_wait: woken({
    make: (tools) => ({ barrier: tools.barrier(2) }),
    wait: ({ barrier }) => barrier.wait(),
    wake: ({ barrier }) => barrier.wait(),
  }),
  barrier_waitAsync: woken({
    make: (tools) => ({ barrier: tools.barrier(2) }),
    wait: ({ barrier }) => barrier.waitAsync(),
    wake: ({ barrier }) => barrier.wait(),
  }),
};

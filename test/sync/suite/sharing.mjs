import { equal, ok, throws } from "./expect.mjs";
import * as sync from "./sync.mjs";

/** @import { Lock } from "../../../src/sync/index.ts" */
/** @import { Case } from "./types.ts" */

const { attach, ME } = sync;

// share(), postMessage(), attach(): the same primitive in another thread, of every kind. (The crew does it for all cases.) The
// coordinator never blocks here.

/** The class of what has arrived. */
const kind = (/** @type {object} */ primitive) => primitive.constructor.name;

const tryOnce = (/** @type {Lock} */ lock) => lock.acquire({ blocking: false });

/** Held here, then there: both sides say the same of it. @type {Case["thread"]} */
const takeIfFree = ({ lock }) => [kind(lock), lock.locked(), lock.holder, tryOnce(lock), ME];

/** @type {Record<string, Case>} */
export const SharingTests = {
  lock: {
    async run(tools) {
      const lock = tools.lock();
      lock.acquire();
      const [[name, locked, holder, taken, other]] = await tools.bunch(1, { lock }).results();
      equal([name, locked, holder, taken], ["Lock", true, ME, false], "there, while it is held here");
      ok(other !== ME && other > 0, "ids of threads differ");
      lock.release();
      const [[, lockedBefore, holderBefore, takenThen, taker]] = await tools.bunch(1, { lock }).results();
      equal([lockedBefore, holderBefore, takenThen], [false, 0, true], "there, when it is free");
      equal(
        [lock.locked(), lock.holder, tryOnce(lock)],
        [true, taker, false],
        "here, while it is held there",
      );
      // Any thread may release it.
      lock.release();
      equal([lock.locked(), lock.holder], [false, 0], "locked, holder");
    },
    thread: takeIfFree,
  },

  rlock: {
    async run(tools) {
      const lock = tools.rlock();
      lock.acquire();
      lock.acquire();
      const [[name, locked, holder, taken]] = await tools.bunch(1, { lock }).results();
      equal([name, locked, holder, taken], ["RLock", true, ME, false], "there, while it is held here");
      lock.release();
      lock.release();
      const [[, , , takenThen, taker]] = await tools.bunch(1, { lock }).results();
      equal(takenThen, true, "acquire() there");
      equal([lock.holder, tryOnce(lock)], [taker, false], "here, while it is held there");
      throws("NOT_OWNER", () => lock.release());
    },
    thread: takeIfFree,
  },

  condition: {
    async run(tools) {
      const plain = tools.condition(tools.lock());
      for (const condition of [plain, tools.condition()]) {
        await condition.lock.acquireAsync();
        const bunch = tools.bunch(1, { condition });
        equal(await condition.waitAsync({ timeoutMs: 5000 }), true, "waitAsync()");
        condition.lock.release();
        const names = ["Condition", condition === plain ? "Lock" : "RLock"];
        equal(await bunch.results(), [names], "there");
      }
    },
    thread({ condition }) {
      condition.lock.withLock(() => condition.notify());
      return [kind(condition), kind(condition.lock)];
    },
  },

  semaphore: {
    async run(tools) {
      const semaphore = tools.semaphore(3);
      semaphore.acquire();
      equal(await tools.bunch(1, { semaphore }).results(), [["Semaphore", 2]], "there");
      equal(semaphore.value, 6, "value");
    },
    thread({ semaphore }) {
      const { value } = semaphore;
      semaphore.release(4);
      return [kind(semaphore), value];
    },
  },

  bounded_semaphore: {
    async run(tools) {
      const bounded = tools.bounded(3);
      equal(await tools.bunch(1, { bounded }).results(), [["BoundedSemaphore", 3]], "there");
      equal(bounded.value, 2, "value");
    },
    thread({ bounded }) {
      throws("VALUE", () => bounded.release());
      const { value } = bounded;
      bounded.acquire();
      return [kind(bounded), value];
    },
  },

  event: {
    async run(tools) {
      const event = tools.event();
      equal(await tools.bunch(1, { event }).results(), [["Event", false]], "there");
      equal(event.isSet(), true, "isSet()");
    },
    thread({ event }) {
      const before = event.isSet();
      event.set();
      return [kind(event), before];
    },
  },

  barrier: {
    async run(tools) {
      const barrier = tools.barrier(2);
      const bunch = tools.bunch(1, { barrier });
      const mine = await barrier.waitAsync({ timeoutMs: 5000 });
      equal(await bunch.results(), [["Barrier", 2, 1 - mine]], "there");
      barrier.abort();
      equal(
        await tools.bunch(1, { barrier }).results(),
        [["Barrier", 2, "BROKEN"]],
        "there, when it is broken",
      );
    },
    thread({ barrier }) {
      const { parties } = barrier;
      try {
        return [kind(barrier), parties, barrier.wait({ timeoutMs: 5000 })];
      } catch (error) {
        return [kind(barrier), parties, /** @type {{ code?: unknown }} */ (error).code];
      }
    },
  },

  // Words of a WebAssembly memory, as those of contexts.
  wasm_memory: {
    async run(tools) {
      const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
      const lock = new sync.Lock(new Int32Array(buffer), 100);
      const count = new Int32Array(buffer, 4096, 1);
      await tools.bunch(3, { lock, count }).results();
      equal(count[0], 3000, "increments");
      equal(lock.holder, 0, "holder");
    },
    thread({ lock, count }) {
      for (let i = 0; i < 1000; ++i) {
        lock.acquire();
        count[0] = (count[0] ?? 0) + 1;
        lock.release();
      }
    },
  },

  // A shared primitive can be passed on by who has got it: here by way of this thread and back again.
  passed_on: {
    async run(tools) {
      const lock = tools.lock();
      const [shared] = await tools.bunch(1, { lock }).results();
      const again = /** @type {Lock} */ (attach(shared));
      equal([again.holder, again.index], [lock.holder, lock.index], "holder, index");
      lock.release();
      equal(again.locked(), false, "locked");
    },
    thread({ lock }) {
      lock.acquire();
      return lock.share();
    },
  },
};

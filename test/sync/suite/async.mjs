import { equal, ok, pause, rejects, sleep, throws, untilAsync } from "./expect.mjs";
import { ME } from "./sync.mjs";

/** @import { Event, Held, Lock, Semaphore } from "../../../src/sync/index.ts" */
/** @import { Bag, Case } from "./types.ts" */
/** @import { Tools } from "./crew.mjs" */

// The …Async twins, withLock() and hold(). The coordinator never blocks here: these cases run on a browser's main thread, too.

/**
 * Awaits what a thread does when it is told to, and has a timer tell it: were the event loop not free, both would wait for ever.
 * @template R
 */
async function awaits(/** @type {Promise<R>} */ promise, /** @type {Event} */ reply) {
  setTimeout(() => reply.set(), 20);
  return await promise;
}

/** A thread that takes the lock, says so, and gives it back when it is told to. */
function holdUntilTold(/** @type {Bag} */ { lock, event, reply }) {
  lock.acquire();
  event.set();
  reply.wait();
  lock.release();
}

/** When the thread of a new bunch has the lock: what to tell it by. */
async function heldElsewhere(/** @type {Tools} */ tools, /** @type {Lock} */ lock) {
  const [event, reply] = [tools.event(), tools.event()];
  tools.bunch(1, { lock, event, reply });
  await untilAsync(() => event.isSet(), "the thread has the lock");
  return reply;
}

const depth = (/** @type {Lock} */ lock) => Atomics.load(lock.words, lock.index + 2);

/** What waits: with Atomics.waitAsync, and without. @type {Record<string, Case>} */
const twins = {
  lock_acquireAsync: {
    async run(tools) {
      const lock = tools.lock();
      const reply = await heldElsewhere(tools, lock);
      equal(await awaits(lock.acquireAsync(), reply), true, "acquireAsync()");
      equal(lock.holder, ME, "holder");
      lock.release();
      equal(lock.locked(), false, "locked");
    },
    thread: holdUntilTold,
  },

  lock_acquireAsync_timeout: {
    async run(tools) {
      const lock = tools.lock();
      const reply = await heldElsewhere(tools, lock);
      const { holder } = lock;
      equal(await lock.acquireAsync({ timeoutMs: 30 }), false, "acquireAsync() with a limit");
      equal(await lock.acquireAsync({ timeoutMs: 0 }), false, "acquireAsync() with no time");
      equal(await lock.acquireAsync({ blocking: false }), false, "acquireAsync() without waiting");
      equal(lock.holder, holder, "holder");
      equal(await awaits(lock.acquireAsync({ timeoutMs: 5000 }), reply), true, "acquireAsync() with time");
    },
    thread: holdUntilTold,
  },

  rlock_acquireAsync: {
    async run(tools) {
      const lock = tools.rlock();
      const reply = await heldElsewhere(tools, lock);
      equal(await awaits(lock.acquireAsync(), reply), true, "acquireAsync()");
      equal(await lock.acquireAsync(), true, "acquireAsync() once more");
      equal([lock.holder, depth(lock)], [ME, 2], "holder, depth");
      lock.release();
      equal(lock.holder, ME, "holder after one release()");
      lock.release();
      equal(lock.holder, 0, "holder after both");
    },
    thread: holdUntilTold,
  },

  semaphore_acquireAsync: {
    async run(tools) {
      const [semaphore, event, reply] = [tools.semaphore(1), tools.event(), tools.event()];
      tools.bunch(1, { semaphore, event, reply });
      await untilAsync(() => event.isSet(), "the thread has entered");
      equal(await semaphore.acquireAsync({ timeoutMs: 5 }), false, "acquireAsync() with a limit");
      equal(await awaits(semaphore.acquireAsync(), reply), true, "acquireAsync()");
      semaphore.release();
      equal([...semaphore.words.subarray(3, 5)], [1, 0], "value, sleepers");
    },
    thread({ semaphore, event, reply }) {
      semaphore.acquire();
      event.set();
      reply.wait();
      semaphore.release();
    },
  },

  event_waitAsync: {
    async run(tools) {
      const [event, reply] = [tools.event(), tools.event()];
      equal(await event.waitAsync({ timeoutMs: 20 }), false, "waitAsync() with a limit");
      tools.bunch(1, { event, reply });
      equal(await awaits(event.waitAsync(), reply), true, "waitAsync()");
      equal(await event.waitAsync(), true, "waitAsync() when it is set");
    },
    thread({ event, reply }) {
      reply.wait();
      event.set();
    },
  },

  // It was set, though it is cleared before the waiter runs.
  event_waitAsync_set_and_clear: {
    async run(tools) {
      const event = tools.event();
      const waiting = event.waitAsync({ timeoutMs: 5000 });
      await sleep(5);
      event.set();
      event.clear();
      equal(await waiting, true, "waitAsync()");
    },
  },

  condition_waitAsync: {
    async run(tools) {
      const [condition, reply] = [tools.condition(tools.lock()), tools.event()];
      const { lock } = condition;
      await lock.acquireAsync();
      equal(await condition.waitAsync({ timeoutMs: 20 }), false, "waitAsync() with a limit");
      equal(lock.holder, ME, "holder after the limit");
      const waiting = condition.waitAsync();
      equal(lock.holder, 0, "holder as soon as waitAsync() was called");
      tools.bunch(1, { condition, reply });
      equal(await awaits(waiting, reply), true, "waitAsync()");
      equal(lock.holder, ME, "holder after it was notified");
      lock.release();
    },
    thread({ condition, reply }) {
      reply.wait();
      condition.lock.withLock(() => condition.notify());
    },
  },

  condition_waitForAsync: {
    async run(tools) {
      const [condition, reply, phase] = [tools.condition(), tools.event(), tools.words(1)];
      const { lock } = condition;
      // Twice: all of an RLock is given back, and restored.
      await lock.acquireAsync();
      await lock.acquireAsync();
      tools.bunch(1, { condition, reply, phase });
      const state = () => {
        equal(lock.holder, ME, "holder while the predicate runs");
        return phase[0] === 3 && "three";
      };
      equal(await condition.waitForAsync(state, { timeoutMs: 5 }), false, "waitForAsync() with a limit");
      equal(await awaits(condition.waitForAsync(state), reply), "three", "waitForAsync()");
      equal([lock.holder, depth(lock)], [ME, 2], "holder, depth");
    },
    thread({ condition, reply, phase }) {
      reply.wait();
      for (let i = 1; i <= 3; ++i) {
        condition.lock.withLock(() => {
          phase[0] = i;
          condition.notify();
        });
        pause(5);
      }
    },
  },

  barrier_waitAsync: {
    async run(tools) {
      const [barrier, reply] = [tools.barrier(3), tools.event()];
      const bunch = tools.bunch(2, { barrier, reply });
      const mine = await awaits(barrier.waitAsync(), reply);
      equal([mine, ...(await bunch.results())].sort(), [0, 1, 2], "what waitAsync() and wait() returned");
      await rejects("BROKEN", barrier.waitAsync({ timeoutMs: 20 }));
      equal([barrier.broken, barrier.nWaiting], [true, 0], "broken, nWaiting");
    },
    thread({ barrier, reply }) {
      reply.wait();
      return barrier.wait();
    },
  },

  // Asynchronous functions of one thread exclude each other, as threads do (not with an RLock).
  one_thread_with_itself: {
    async run(tools) {
      const [lock, semaphore, barrier] = [tools.lock(), tools.semaphore(2), tools.barrier(3)];
      let [inLock, inSemaphore, most] = [0, 0, 0];
      const task = async () => {
        for (let i = 0; i < 20; ++i) {
          await lock.withLockAsync(async () => {
            equal(++inLock, 1, "functions that have the lock");
            if (i % 5 === 0) await sleep(1);
            inLock -= 1;
          });
          await semaphore.withLockAsync(async () => {
            most = Math.max(most, ++inSemaphore);
            if (i % 5 === 0) await sleep(1);
            inSemaphore -= 1;
          });
        }
        return barrier.waitAsync();
      };
      equal((await Promise.all([task(), task(), task()])).sort(), [0, 1, 2], "waitAsync()");
      equal(most, 2, "functions inside of the semaphore at once");
      equal([lock.holder, semaphore.value], [0, 2], "holder, value");
    },
  },
};

/** The same case in an engine that lacks Atomics.waitAsync. @returns {Case} */
function withoutWaitAsync(/** @type {Case} */ test) {
  return {
    ...test,
    async run(tools) {
      const atomics = /** @type {{ waitAsync?: unknown }} */ (Atomics);
      const { waitAsync } = atomics;
      delete atomics.waitAsync;
      try {
        await test.run(tools);
      } finally {
        if (waitAsync) atomics.waitAsync = waitAsync;
      }
    },
  };
}

/** What is released again, in each of the ways in which a function ends. */
async function checkReleased(
  /** @type {"withLock" | "withLockAsync"} */ method,
  /** @type {Lock | Semaphore} */ guard,
  /** @type {() => boolean} */ isFree,
) {
  const error = new TypeError("out of it");
  const held = () => equal(isFree(), false, "free while the function runs");
  const run = (/** @type {() => unknown} */ body) =>
    guard[method](() => {
      held();
      return body();
    });
  const fails = async (/** @type {() => unknown} */ call) => {
    // Called in here: withLock() throws, withLockAsync() rejects.
    const thrown = await (async () => call())().then(
      () => undefined,
      (reason) => reason,
    );
    ok(thrown === error, "the error of the function comes through");
  };
  equal(await run(() => 7), 7, "what it returned");
  equal(isFree(), true, "free after a value");
  equal(await run(() => null), null, "what it returned");
  equal(isFree(), true, "free after null");
  await fails(() =>
    run(() => {
      throw error;
    }),
  );
  equal(isFree(), true, "free after an error");
  const promise = run(async () => {
    await sleep(5);
    held();
    return 8;
  });
  equal(await promise, 8, "what it resolved to");
  equal(isFree(), true, "free after a promise");
  await fails(() =>
    run(async () => {
      await sleep(5);
      held();
      throw error;
    }),
  );
  equal(isFree(), true, "free after a rejection");
  // biome-ignore lint/suspicious/noThenProperty: what is no Promise, but can be awaited
  const thenable = { then: (/** @type {(value: number) => void} */ done) => setTimeout(() => done(9), 5) };
  const later = run(() => thenable);
  await sleep(0);
  held();
  equal(await later, 9, "what it resolved to");
  equal(isFree(), true, "free after a thenable");
}

/** @type {Record<string, Case>} */
export const AsyncTests = {
  ...twins,

  ...Object.fromEntries(
    Object.entries(twins).map(([name, test]) => [`${name}_without_waitAsync`, withoutWaitAsync(test)]),
  ),

  // Refused calls reject, and change nothing.
  rejections: {
    async run(tools) {
      const [lock, semaphore, event, barrier] = [
        tools.lock(),
        tools.semaphore(0),
        tools.event(),
        tools.barrier(2),
      ];
      const condition = tools.condition(lock);
      for (const timeoutMs of [-1, Number.NaN]) {
        await rejects("TIMEOUT", lock.acquireAsync({ timeoutMs }));
        await rejects("TIMEOUT", tools.rlock().acquireAsync({ timeoutMs }));
        await rejects("TIMEOUT", semaphore.acquireAsync({ timeoutMs }));
        await rejects("TIMEOUT", event.waitAsync({ timeoutMs }));
        await rejects("TIMEOUT", barrier.waitAsync({ timeoutMs }));
      }
      await rejects("TIMEOUT", lock.acquireAsync({ blocking: false, timeoutMs: 1 }));
      await rejects("NOT_OWNER", condition.waitAsync());
      await rejects(
        "NOT_OWNER",
        condition.waitForAsync(() => true),
      );
      equal([lock.locked(), barrier.nWaiting, barrier.broken], [false, 0, false], "locked, nWaiting, broken");
      lock.acquire();
      await rejects("TIMEOUT", condition.waitAsync({ timeoutMs: -1 }));
      equal(lock.holder, ME, "holder");
    },
  },

  // Three threads that block, and three functions here that await: all get it, and nothing is lost.
  async_and_blocking_waiters: {
    async run(tools) {
      const [lock, count] = [tools.lock(), tools.words(1)];
      const bunch = tools.bunch(3, { lock, count });
      const task = async () => {
        for (let i = 0; i < 300; ++i) {
          await lock.acquireAsync();
          count[0] = (count[0] ?? 0) + 1;
          // Now and then across a turn of the event loop.
          if (i % 50 === 0) await sleep(1);
          lock.release();
        }
      };
      await Promise.all([task(), task(), task()]);
      await bunch.results();
      equal(count[0], 3 * 300 + 3 * 3000, "increments");
      equal(lock.holder, 0, "holder");
    },
    thread({ lock, count }) {
      for (let i = 0; i < 3000; ++i) {
        lock.acquire();
        count[0] = (count[0] ?? 0) + 1;
        lock.release();
      }
    },
  },

  // An RLock counts what each function of its thread takes, however their steps mix.
  rlock_counts_pending_acquires: {
    async run(tools) {
      const lock = tools.rlock();
      // Taken at once, though its promise tells later.
      const pending = lock.acquireAsync();
      equal(depth(lock), 1, "depth after acquireAsync()");
      lock.acquire();
      equal(await pending, true, "acquireAsync()");
      equal(depth(lock), 2, "depth after acquire()");
      lock.release();
      lock.release();
      equal(lock.holder, 0, "holder");
      const released = lock.acquireAsync();
      lock.release();
      equal(await released, true, "acquireAsync()");
      equal([lock.holder, depth(lock)], [0, 0], "holder, depth");
      throws("NOT_OWNER", () => lock.release());
    },
  },

  // The thread that has it may have it again: also the function that began to wait before another of the thread got it.
  rlock_twice_in_one_thread: {
    async run(tools) {
      const lock = tools.rlock();
      const reply = await heldElsewhere(tools, lock);
      const both = [lock.acquireAsync({ timeoutMs: 5000 }), lock.acquireAsync({ timeoutMs: 5000 })];
      equal(await awaits(Promise.all(both), reply), [true, true], "acquireAsync()");
      equal([lock.holder, depth(lock)], [ME, 2], "holder, depth");
      lock.release();
      lock.release();
      equal(lock.holder, 0, "holder");
    },
    thread: holdUntilTold,
  },

  // What waits with all of an RLock given back finds it again, and what another function of the thread has of it meanwhile.
  rlock_condition_with_another_function: {
    async run(tools) {
      const condition = tools.condition();
      const { lock } = condition;
      lock.acquire();
      lock.acquire();
      const waiting = condition.waitAsync({ timeoutMs: 5000 });
      equal(lock.holder, 0, "holder");
      lock.acquire();
      condition.notify();
      equal(await waiting, true, "waitAsync()");
      equal([lock.holder, depth(lock)], [ME, 3], "holder, depth");
    },
  },

  withLock_releases: {
    async run(tools) {
      for (const lock of [tools.lock(), tools.rlock()]) {
        await checkReleased("withLock", lock, () => lock.holder === 0);
        await checkReleased("withLockAsync", lock, () => lock.holder === 0);
      }
      for (const semaphore of [tools.semaphore(1), tools.bounded(1)]) {
        await checkReleased("withLock", semaphore, () => semaphore.value === 1);
        await checkReleased("withLockAsync", semaphore, () => semaphore.value === 1);
      }
    },
  },

  withLockAsync_waits: {
    async run(tools) {
      const lock = tools.lock();
      const reply = await heldElsewhere(tools, lock);
      const waiting = lock.withLockAsync(() => lock.holder === ME);
      equal(await awaits(waiting, reply), true, "held inside");
      equal(lock.holder, 0, "holder");
    },
    thread: holdUntilTold,
  },

  hold_disposes: {
    async run(tools) {
      /** @type {typeof Symbol.dispose} */
      const dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");
      for (const guard of [tools.lock(), tools.rlock(), tools.semaphore(1)]) {
        const isHeld = () => ("locked" in guard ? guard.locked() : guard.value === 0);
        for (const hold of [() => guard.hold(), () => guard.holdAsync()]) {
          for (const end of /** @type {const} */ (["release", dispose])) {
            const held = await hold();
            equal(isHeld(), true, "held");
            held[end]();
            equal(isHeld(), false, "held afterwards");
            // Only once: it may be another's by now.
            guard.acquire();
            held.release();
            held[dispose]();
            equal(isHeld(), true, "held when the other has it");
            guard.release();
          }
        }
      }
    },
  },

  // Also if the one time did not go well.
  hold_disposes_once_after_an_error: {
    run(tools) {
      const lock = tools.lock();
      const held = lock.hold();
      lock.release();
      throws("UNLOCKED", () => held.release());
      lock.acquire();
      held.release();
      equal(lock.holder, ME, "holder");
    },
  },

  holdAsync_waits: {
    async run(tools) {
      const lock = tools.lock();
      const reply = await heldElsewhere(tools, lock);
      /** @type {Held} */
      const held = await awaits(lock.holdAsync(), reply);
      equal(lock.holder, ME, "holder");
      held.release();
      equal(lock.holder, 0, "holder afterwards");
    },
    thread: holdUntilTold,
  },
};

import { equal, ok, pause } from "./expect.mjs";
import { checkFree, checkValue } from "./stress.mjs";
import { LockError } from "./sync.mjs";

/** @import { Bag, Case } from "./types.ts" */

// Time limits of 0 to 2 ms, thousands of them, against releases and notifications that come at the same moment: nothing may be lost,
// and the words must be right afterwards.

const THREADS = 4;

/** Attempts of each thread. */
const MANY = 3000;

/** Numbers from 0 to 1, the same in every run for the same seed (mulberry32). */
function random(/** @type {number} */ seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Time limits: one in four is 0, the others are up to 2 ms. */
function limits(/** @type {number} */ rank) {
  const next = random(1 + rank);
  return () => Math.max(0, (8 / 3) * next() - 2 / 3);
}

/** Now and then, work of up to about a tenth of a millisecond, so that others come into waiting. */
function workers(/** @type {number} */ rank) {
  const next = random(100 + rank);
  return () => {
    if (next() > 0.2) return;
    for (const end = performance.now() + 0.1 * next(); performance.now() < end; );
  };
}

const sum = (/** @type {number[]} */ numbers) => numbers.reduce((one, two) => one + two, 0);

/** Some of the attempts of all threads had success, and some not: else it was no race. */
function checkMixed(/** @type {number[]} */ successes, /** @type {number} */ attempts) {
  const successful = sum(successes);
  ok(
    successful > 0 && successful < attempts,
    `${successful} of ${attempts} attempts had success, some had not`,
  );
}

function lockInTime(/** @type {Bag} */ { rank, lock, count }) {
  const [limit, work] = [limits(rank), workers(rank)];
  let taken = 0;
  for (let i = 0; i < MANY; ++i) {
    if (!lock.acquire({ timeoutMs: limit() })) continue;
    count[0] = (count[0] ?? 0) + 1;
    work();
    lock.release();
    taken += 1;
  }
  return taken;
}

/** @type {Record<string, Case>} */
export const RaceTests = {
  lock_timeouts: {
    async run(tools) {
      const [lock, count] = [tools.lock(), tools.words(1)];
      const taken = await tools.bunch(THREADS, { lock, count }).results();
      equal(count[0], sum(taken), "increments");
      checkMixed(taken, THREADS * MANY);
      checkFree(lock);
    },
    thread: lockInTime,
  },

  rlock_timeouts: {
    async run(tools) {
      const [lock, count] = [tools.rlock(), tools.words(1)];
      const taken = await tools.bunch(THREADS, { lock, count }).results();
      equal(count[0], sum(taken), "increments");
      checkMixed(taken, THREADS * MANY);
      checkFree(lock);
    },
    thread: lockInTime,
  },

  // Half of the threads block, half await, three functions each.
  lock_timeouts_async_and_blocking: {
    async run(tools) {
      const [lock, count] = [tools.lock(), tools.words(1)];
      const taken = await tools.bunch(THREADS, { lock, count }).results();
      equal(count[0], sum(taken), "increments");
      checkFree(lock);
    },
    async thread(bag) {
      const { rank, lock, count } = bag;
      if (rank < THREADS / 2) return lockInTime(bag);
      const [limit, work] = [limits(rank), workers(rank)];
      let [taken, left] = [0, MANY];
      const task = async () => {
        while (left-- > 0) {
          if (!(await lock.acquireAsync({ timeoutMs: limit() }))) continue;
          count[0] = (count[0] ?? 0) + 1;
          work();
          lock.release();
          taken += 1;
        }
      };
      await Promise.all([task(), task(), task()]);
      return taken;
    },
  },

  semaphore_timeouts: {
    async run(tools) {
      const bounded = tools.bounded(2);
      const entered = await tools.bunch(THREADS, { bounded, count: tools.words(1) }).results();
      checkMixed(entered, THREADS * MANY);
      checkValue(bounded, 2);
    },
    thread({ rank, bounded, count }) {
      const [limit, work] = [limits(rank), workers(rank)];
      let entered = 0;
      for (let i = 0; i < MANY; ++i) {
        if (!bounded.acquire({ timeoutMs: limit() })) continue;
        const inside = Atomics.add(count, 0, 1) + 1;
        ok(inside <= 2, `${inside} threads are not too many inside`);
        work();
        Atomics.sub(count, 0, 1);
        bounded.release();
        entered += 1;
      }
      return entered;
    },
  },

  // One thread makes tokens and tells of each; the others wait for them with tiny limits. All are taken, none twice.
  condition_timeouts: {
    async run(tools) {
      const condition = tools.condition(tools.lock());
      const results = await tools.bunch(THREADS, { condition, count: tools.words(2) }).results();
      equal(sum(results.map(({ taken }) => taken)), MANY, "tokens taken");
      ok(sum(results.map(({ inVain }) => inVain)) > 0, "some limits ended");
      checkFree(condition.lock);
    },
    thread({ rank, condition, count }) {
      const [limit, work] = [limits(rank), workers(rank)];
      const { lock } = condition;
      let [taken, inVain] = [0, 0];
      if (rank === 0) {
        for (let i = 0; i < MANY; ++i) {
          lock.withLock(() => {
            count[0] = (count[0] ?? 0) + 1;
            condition.notify();
          });
          work();
          if (i % 10 === 0) pause(limit());
        }
        return { taken, inVain };
      }
      lock.acquire();
      // Word 1: how many were taken, by all.
      while ((count[1] ?? 0) < MANY) {
        if ((count[0] ?? 0) === 0) {
          if (!condition.wait({ timeoutMs: limit() })) inVain += 1;
          continue;
        }
        count[0] = (count[0] ?? 0) - 1;
        count[1] = (count[1] ?? 0) + 1;
        taken += 1;
        lock.release();
        work();
        lock.acquire();
      }
      lock.release();
      return { taken, inVain };
    },
  },

  // One thread sets and clears at once. Who waits without a limit, now and then, is told of a later one in any case.
  event_timeouts: {
    async run(tools) {
      const [event, phase] = [tools.event(), tools.words(1)];
      const seen = (await tools.bunch(THREADS, { event, phase }).results()).slice(1);
      checkMixed(seen, (THREADS - 1) * MANY);
      equal(event.isSet(), false, "isSet() at last");
      equal(event.wait({ timeoutMs: 1 }), false, "wait() at last");
      event.set();
      equal(event.wait(), true, "wait() when it is set");
    },
    thread({ rank, event, phase }) {
      const [limit, work] = [limits(rank), workers(rank)];
      if (rank === 0) {
        // Until the others are done.
        while (Atomics.load(phase, 0) < THREADS - 1) {
          event.set();
          event.clear();
          work();
          pause(limit());
        }
        return 0;
      }
      let seen = 0;
      for (let i = 0; i < MANY; ++i) {
        const timeoutMs = i % 20 === 0 ? Number.POSITIVE_INFINITY : limit();
        const start = performance.now();
        if (event.wait({ timeoutMs })) seen += 1;
        else ok(performance.now() - start >= 0.6 * timeoutMs - 1, "a limit does not end early");
        work();
      }
      Atomics.add(phase, 0, 1);
      return seen;
    },
  },

  // Each round ends in one of two ways, and all agree in which: all pass, or all find it broken. Then it is made whole again.
  barrier_timeouts: {
    async run(tools) {
      const n = 1000;
      const results = await tools
        .bunch(3, { barrier: tools.barrier(3), second: tools.barrier(3), n })
        .results();
      const [first] = results;
      for (const passed of results) equal(passed, first, "rounds that were passed");
    },
    thread({ rank, barrier, second, n }) {
      const limit = limits(rank);
      const passed = [];
      for (let round = 0; round < n; ++round) {
        try {
          barrier.wait({ timeoutMs: limit() });
          passed.push(round);
        } catch (error) {
          if (!(error instanceof LockError && error.code === "BROKEN")) throw error;
        }
        if (second.wait() === 0) barrier.reset();
        second.wait();
      }
      return passed;
    },
  },
};

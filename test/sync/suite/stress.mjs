import { equal, ok, pause } from "./expect.mjs";

/** @import { Lock, Semaphore } from "../../../src/sync/index.ts" */
/** @import { Bag, Case } from "./types.ts" */
/** @import { Tools } from "./crew.mjs" */

// Much contention, and exact accounts: what the primitives guard are plain numbers in shared memory, which two threads at once would
// spoil.

/** Increments in all. */
const MANY = 1_000_000;

// Words of `count`.
const TOTAL = 0;
/** Whose increment was the last, and how often it was another's before. */
const LAST = 1;
const SWITCHES = 2;

/** One plain increment: loads and stores that another thread can come between. */
function increment(/** @type {Bag} */ { count, rank }) {
  count[TOTAL] = (count[TOTAL] ?? 0) + 1;
  if (count[LAST] === rank) return;
  count[LAST] = rank;
  count[SWITCHES] = (count[SWITCHES] ?? 0) + 1;
}

/** `threads` threads increment a million times in all; the case's thread function says how. */
async function countUp(
  /** @type {Tools} */ tools,
  /** @type {number} */ threads,
  /** @type {Partial<Bag>} */ guard,
) {
  const [count, phase] = [tools.words(3), tools.words(1)];
  await tools.bunch(threads, { ...guard, count, phase, n: MANY / threads }).results();
  equal(count[TOTAL], MANY, "increments");
  ok((count[SWITCHES] ?? 0) > threads, "the threads have not just come one after the other");
}

/** Waits for the other threads of the bunch, so that none is done before another begins. */
function together(/** @type {Bag} */ { phase, n }) {
  Atomics.add(phase, 0, 1);
  while (Atomics.load(phase, 0) < MANY / n);
}

/** Nobody has it, anybody can, and nothing of all that happened is left in its words. */
export function checkFree(/** @type {Lock} */ lock) {
  equal(lock.holder, 0, "holder");
  equal(lock.acquire({ blocking: false }), true, "acquire()");
  lock.release();
  const { BYTES } = /** @type {typeof Lock} */ (lock.constructor);
  equal([...lock.words.subarray(lock.index, lock.index + BYTES / 4)], Array(BYTES / 4).fill(0), "words");
}

/** So many may enter, and nobody waits. */
export function checkValue(/** @type {Semaphore} */ semaphore, /** @type {number} */ value) {
  const { words, index } = semaphore;
  equal([...words.subarray(index, index + 2)], [value, 0], "value, sleepers");
}

/** @type {Record<string, Case>} */
export const StressTests = {
  lock_2_threads: {
    async run(tools) {
      const lock = tools.lock();
      await countUp(tools, 2, { lock });
      checkFree(lock);
    },
    thread: incrementUnderLock,
  },

  lock_4_threads: {
    async run(tools) {
      const lock = tools.lock();
      await countUp(tools, 4, { lock });
      checkFree(lock);
    },
    thread: incrementUnderLock,
  },

  // Two threads block, two have three asynchronous functions each.
  lock_async_and_blocking: {
    async run(tools) {
      const lock = tools.lock();
      await countUp(tools, 4, { lock });
      checkFree(lock);
    },
    thread(bag) {
      if (bag.rank < 2) return incrementUnderLock(bag);
      together(bag);
      const { lock } = bag;
      let left = bag.n;
      const task = async () => {
        while (left-- > 0) {
          await lock.acquireAsync();
          increment(bag);
          lock.release();
        }
      };
      return Promise.all([task(), task(), task()]);
    },
  },

  rlock: {
    async run(tools) {
      const lock = tools.rlock();
      await countUp(tools, 2, { lock });
      checkFree(lock);
    },
    thread(bag) {
      together(bag);
      const { lock, n } = bag;
      for (let i = 0; i < n; ++i) {
        lock.acquire();
        lock.acquire();
        increment(bag);
        lock.release();
        lock.release();
      }
    },
  },

  semaphore_of_1: {
    async run(tools) {
      const semaphore = tools.semaphore(1);
      await countUp(tools, 2, { semaphore });
      checkValue(semaphore, 1);
    },
    thread(bag) {
      together(bag);
      const { semaphore, n } = bag;
      for (let i = 0; i < n; ++i) {
        semaphore.acquire();
        increment(bag);
        semaphore.release();
        // Semaphores hand nothing on: who never rests may have it until it is done.
        if (i % 10_000 === 0) pause(1);
      }
    },
  },

  // Never more inside than there is room for.
  bounded_semaphore_of_2: {
    async run(tools) {
      const bounded = tools.bounded(2);
      const most = await tools.bunch(4, { bounded, count: tools.words(1), n: 50_000 }).results();
      ok(Math.max(...most) <= 2, `${most} threads inside at once are at most 2`);
      checkValue(bounded, 2);
    },
    thread({ bounded, count, n }) {
      let most = 0;
      for (let i = 0; i < n; ++i) {
        bounded.acquire();
        most = Math.max(most, Atomics.add(count, 0, 1) + 1);
        for (let load = 0; load < 20; ++load) Atomics.load(count, 0);
        Atomics.sub(count, 0, 1);
        bounded.release();
      }
      return most;
    },
  },

  // Two threads make the numbers 1 … n, two take them, through a buffer of 8 and two conditions on one lock.
  condition_producers_consumers: {
    async run(tools) {
      const lock = tools.lock();
      const n = 50_000;
      const bag = { condition: tools.condition(lock), other: tools.condition(lock), n };
      const results = await tools.bunch(4, { ...bag, count: tools.words(4 + 8) }).results();
      const sum = (/** @type {number[]} */ numbers) => numbers.reduce((one, two) => one + two, 0);
      equal(sum(results.map(({ taken }) => taken)), n, "numbers taken");
      equal(sum(results.map(({ total }) => total)), (n * (n + 1)) / 2, "their sum");
      checkFree(lock);
    },
    thread: ({ rank, ...bag }) => (rank < 2 ? produce(bag) : consume(bag)),
  },

  // Two threads in turns, each notified once for each turn: one notification lost, and both sleep for ever.
  condition_ping_pong: {
    async run(tools) {
      const [condition, count] = [tools.condition(tools.lock()), tools.words(1)];
      await tools.bunch(2, { condition, count, n: 20_000 }).results();
      equal(count[0], 40_000, "turns");
      checkFree(condition.lock);
    },
    thread({ rank, condition, count, n }) {
      condition.lock.acquire();
      for (let i = 0; i < n; ++i) {
        while ((count[0] ?? 0) % 2 !== rank) condition.wait();
        count[0] = (count[0] ?? 0) + 1;
        condition.notify();
      }
      condition.lock.release();
    },
  },

  // In each round each thread counts for itself; after it, all see the counts of all.
  barrier_rounds: {
    async run(tools) {
      const barrier = tools.barrier(3);
      await tools.bunch(3, { barrier, count: tools.words(3), n: 5000 }).results();
      equal([barrier.nWaiting, barrier.broken], [0, false], "nWaiting, broken");
    },
    thread({ rank, barrier, count, n }) {
      for (let round = 1; round <= n; ++round) {
        count[rank] = round;
        barrier.wait();
        equal([...count], [round, round, round], "the counts of all");
        barrier.wait();
      }
    },
  },

  event_ping_pong: {
    async run(tools) {
      const [event, reply] = [tools.event(), tools.event()];
      const count = tools.words(1);
      await tools.bunch(2, { event, reply, count, n: 20_000 }).results();
      equal(count[0], 40_000, "strokes");
    },
    thread({ rank, event, reply, count, n }) {
      const [mine, theirs] = rank === 0 ? [event, reply] : [reply, event];
      if (rank === 0) mine.set();
      for (let i = 0; i < n; ++i) {
        mine.wait();
        mine.clear();
        count[0] = (count[0] ?? 0) + 1;
        theirs.set();
      }
    },
  },
};

function incrementUnderLock(/** @type {Bag} */ bag) {
  together(bag);
  const { lock, n } = bag;
  for (let i = 0; i < n; ++i) {
    lock.acquire();
    increment(bag);
    lock.release();
  }
}

// The buffer: numbers made, numbers taken, then (from word 4 on) 8 places.
const ROOM = 8;

function produce(/** @type {Omit<Bag, "rank">} */ { condition: notFull, other: notEmpty, count, n }) {
  for (;;) {
    notFull.lock.acquire();
    notFull.waitFor(() => (count[0] ?? 0) - (count[1] ?? 0) < ROOM || count[0] === n);
    const made = (count[0] ?? 0) + 1;
    if (made <= n) {
      count[0] = made;
      count[4 + (made % ROOM)] = made;
      notEmpty.notify();
    }
    // The last number: whoever waits may go home.
    if (made >= n) {
      notFull.notifyAll();
      notEmpty.notifyAll();
    }
    notFull.lock.release();
    if (made >= n) return { taken: 0, total: 0 };
  }
}

function consume(/** @type {Omit<Bag, "rank">} */ { condition: notFull, other: notEmpty, count, n }) {
  let taken = 0;
  let total = 0;
  for (;;) {
    const number = notEmpty.lock.withLock(() => {
      notEmpty.waitFor(() => (count[0] ?? 0) > (count[1] ?? 0) || count[1] === n);
      if (count[1] === n) return 0;
      count[1] = (count[1] ?? 0) + 1;
      notFull.notify();
      if (count[1] === n) notEmpty.notifyAll();
      return count[4 + (count[1] % ROOM)] ?? 0;
    });
    if (number === 0) return { taken, total };
    taken += 1;
    total += number;
  }
}

/** Two threads that hammer a lock, and one that wants it now and then. @type {Record<string, Case>} */
export const StarvationTests = {
  blocking_waiter: {
    async run(tools) {
      const [lock, phase] = [tools.lock(), tools.words(1)];
      const bunch = tools.bunch(2, { lock, phase });
      bunch.waitForStarted();
      let longest = 0;
      for (let i = 0; i < 20; ++i) {
        pause(5);
        const start = performance.now();
        lock.acquire();
        longest = Math.max(longest, performance.now() - start);
        lock.release();
      }
      await end(phase, bunch, longest);
    },
    thread: hammer,
  },

  async_waiter: {
    async run(tools) {
      const [lock, phase] = [tools.lock(), tools.words(1)];
      const bunch = tools.bunch(2, { lock, phase });
      bunch.waitForStarted();
      let longest = 0;
      for (let i = 0; i < 20; ++i) {
        pause(5);
        const start = performance.now();
        await lock.acquireAsync();
        longest = Math.max(longest, performance.now() - start);
        lock.release();
      }
      await end(phase, bunch, longest);
    },
    thread: hammer,
  },
};

/** Takes the lock again as soon as it has given it back, until it is told to stop. */
function hammer(/** @type {Bag} */ { lock, phase }) {
  let turns = 0;
  for (; Atomics.load(phase, 0) === 0; ++turns) {
    lock.acquire();
    for (let i = 0; i < 100; ++i) Atomics.load(phase, 0);
    lock.release();
  }
  return turns;
}

async function end(
  /** @type {Int32Array} */ phase,
  /** @type {ReturnType<Tools["bunch"]>} */ bunch,
  /** @type {number} */ longest,
) {
  Atomics.store(phase, 0, 1);
  const turns = await bunch.results();
  for (const count of turns) ok(count > 0, "those that hammer have had it, too");
  // Normally 1 or 2 ms: the bound is for machines with much else to do.
  ok(longest < 1000, `${longest} ms are less than a second`);
}

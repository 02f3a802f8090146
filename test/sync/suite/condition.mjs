import { equal, ok, pause, throws, time, timeout, until } from "./expect.mjs";

/** @import { Condition } from "../../../src/sync/index.ts" */
/** @import { Case } from "./types.ts" */
/** @import { Tools } from "./crew.mjs" */

const N = 5;

// Left out: ConditionAsRLockTests (a condition has no acquire() of its own here, its lock has).

/** @type {Record<string, Case>} */
export const ConditionTests = {
  test_acquire: {
    run(tools) {
      // With an RLock, which Python makes if it is given none, the condition can be acquired several times.
      const { lock: rlock } = tools.condition();
      rlock.acquire();
      rlock.acquire();
      rlock.release();
      rlock.release();
      const lock = tools.lock();
      const condition = tools.condition(lock);
      condition.lock.acquire();
      equal(lock.acquire({ blocking: false }), false, "acquire() of the condition's lock");
      condition.lock.release();
      equal(lock.acquire({ blocking: false }), true, "acquire() of the lock when it is free");
      equal(condition.lock.acquire({ blocking: false }), false, "acquire() of the condition");
      lock.release();
      condition.lock.withLock(() => equal(lock.acquire({ blocking: false }), false, "acquire() inside"));
    },
  },

  test_unacquired_wait: {
    run(tools) {
      throws("NOT_OWNER", () => tools.condition().wait());
      throws("NOT_OWNER", () => tools.condition(tools.lock()).wait());
    },
  },

  test_unacquired_notify: {
    run(tools) {
      throws("NOT_OWNER", () => tools.condition().notify());
      throws("NOT_OWNER", () => tools.condition(tools.lock()).notify());
    },
  },

  test_notify: {
    async run(tools) {
      const condition = tools.condition();
      // A second time, to see that its state is right afterwards; more times only where the machine is too busy.
      let exact = 0;
      for (let round = 1; round <= 2 || (exact === 0 && round <= 20); ++round) {
        if (await checkNotify(tools, condition)) exact += 1;
      }
      ok(exact > 0, "in some of the rounds, notify(3) woke exactly 3");
    },
    thread({ condition, phase, results1, results2, ready }) {
      for (const results of [results1, results2]) {
        condition.lock.acquire();
        ready.push(0);
        const notified = condition.wait();
        results.push(10 * Number(notified) + Atomics.load(phase, 0));
        condition.lock.release();
      }
    },
  },

  test_timeout: {
    async run(tools) {
      const condition = tools.condition();
      for (const [notified, waited] of await tools.bunch(N, { condition }).results()) {
        timeout(waited, 200);
        equal(notified, false, "wait()");
      }
    },
    thread({ condition }) {
      let notified = true;
      condition.lock.acquire();
      const waited = time(() => {
        notified = condition.wait({ timeoutMs: 200 });
      });
      condition.lock.release();
      return [notified, waited];
    },
  },

  test_waitfor: {
    async run(tools) {
      const condition = tools.condition();
      const phase = tools.words(1);
      const bunch = tools.bunch(1, { condition, phase });
      bunch.waitForStarted();
      count(condition, phase, 4);
      equal(await bunch.results(), [[true, 4]], "waitFor() and the state");
    },
    thread({ condition, phase }) {
      return condition.lock.withLock(() => [condition.waitFor(() => phase[0] === 4), phase[0]]);
    },
  },

  test_waitfor_timeout: {
    async run(tools) {
      const condition = tools.condition();
      const phase = tools.words(1);
      const bunch = tools.bunch(1, { condition, phase });
      bunch.waitForStarted();
      // One short.
      count(condition, phase, 3);
      const [[result, waited]] = await bunch.results();
      equal(result, false, "waitFor()");
      timeout(waited, 150);
    },
    thread({ condition, phase }) {
      let result = true;
      condition.lock.acquire();
      const waited = time(() => {
        result = condition.waitFor(() => phase[0] === 4, { timeoutMs: 150 });
      });
      condition.lock.release();
      return [result, waited];
    },
  },
};

/** Counts the state up to `to`, notifying each time. */
function count(
  /** @type {Condition} */ condition,
  /** @type {Int32Array} */ phase,
  /** @type {number} */ to,
) {
  for (let i = 1; i <= to; ++i) {
    pause();
    condition.lock.withLock(() => {
      phase[0] = i;
      condition.notify();
    });
  }
}

/**
 * Five threads that wait twice; notified are 3, then 5, then all.
 * @returns {Promise<boolean>} whether notify(3) woke no more than 3 before notify(5). It may: who is not asleep just then counts as
 * woken, and each waiter looks by itself every 50 ms whether anybody was (wait.ts).
 */
async function checkNotify(/** @type {Tools} */ tools, /** @type {Condition} */ condition) {
  const [results1, results2, ready] = [tools.list(), tools.list(), tools.list()];
  const phase = tools.words(1);
  const bunch = tools.bunch(N, { condition, phase, results1, results2, ready });
  const { lock } = condition;
  // All that is counted changes only while the lock is held.
  const allWait = () => ready.length === N + results1.length;

  /** Notifies when all wait that are not done, and begins a phase before any of them can go on. */
  const notify = (/** @type {number} */ n) => {
    for (;;) {
      until(allWait, "all wait");
      pause();
      lock.acquire();
      if (allWait()) break;
      lock.release();
    }
    const woken = results1.length;
    condition.notify(n);
    pause();
    Atomics.add(phase, 0, 1);
    lock.release();
    return woken;
  };

  equal(notify(3), 0, "first waits over before notify()");
  until(() => results1.length >= 3, "three threads are notified");
  equal(results2.length, 0, "second waits over after notify(3)");
  const woken = notify(5);
  until(() => results1.length === N && results2.length === woken, "all five are notified");
  notify(Number.POSITIVE_INFINITY);
  await bunch.results();
  const firsts = [...Array(woken).fill(11), ...Array(N - woken).fill(12)];
  equal(results1.sorted(), firsts, "first waits: notified in phase");
  equal(
    results2.sorted(),
    firsts.map((result) => result + 1),
    "second waits: notified in phase",
  );
  return woken === 3;
}

import { equal, throws } from "./expect.mjs";
import { baseLockTests } from "./lock.mjs";
import { ME } from "./sync.mjs";

/** @import { RLock } from "../../../src/sync/index.ts" */
/** @import { Case } from "./types.ts" */

const owned = (/** @type {RLock} */ lock) => lock.holder === ME;

/** Python's _recursion_count(): the third of an RLock's words. */
const depth = (/** @type {RLock} */ lock) => Atomics.load(lock.words, lock.index + 2);

/** Acquires and releases in turns, at last as often the one as the other. */
function upAndDown(/** @type {RLock} */ lock) {
  lock.acquire();
  lock.acquire();
  lock.release();
  lock.acquire();
  lock.release();
  lock.release();
}

/** Locks that their holder may take again. @type {Record<string, Case>} */
export const RLockTests = {
  ...baseLockTests((tools) => tools.rlock()),

  test_reacquire: {
    run(tools) {
      const lock = tools.rlock();
      upAndDown(lock);
      equal(lock.locked(), false, "locked");
    },
  },

  test_release_unacquired: {
    run(tools) {
      const lock = tools.rlock();
      throws("NOT_OWNER", () => lock.release());
      upAndDown(lock);
      throws("NOT_OWNER", () => lock.release());
    },
  },

  // What Condition.wait() does to its lock.
  test_release_save_unacquired: {
    run(tools) {
      const lock = tools.rlock();
      throws("NOT_OWNER", () => lock.unwind());
      upAndDown(lock);
      throws("NOT_OWNER", () => lock.unwind());
    },
  },

  test_recursion_count: {
    run(tools) {
      const lock = tools.rlock();
      const counts = [depth(lock)];
      for (let i = 0; i < 3; ++i) {
        lock.acquire();
        counts.push(depth(lock));
      }
      for (let i = 0; i < 3; ++i) {
        lock.release();
        counts.push(depth(lock));
      }
      equal(counts, [0, 1, 2, 3, 2, 1, 0], "counts");
    },
  },

  test_locked: {
    run(tools) {
      const lock = tools.rlock();
      const seen = [lock.locked()];
      for (const step of /** @type {const} */ (["acquire", "acquire", "release", "release"])) {
        lock[step]();
        seen.push(lock.locked());
      }
      equal(seen, [false, true, true, true, false], "locked");
    },
  },

  // CPython's issue gh-134323: another thread's lock is a locked one.
  test_locked_with_2threads: {
    run(tools) {
      const lock = tools.rlock();
      tools.bunch(1, { lock }).waitForFinished();
      equal(lock.locked(), true, "locked");
      equal(owned(lock), false, "owned");
    },
    thread: ({ lock }) => lock.acquire(),
  },

  test_different_thread: {
    run(tools) {
      const lock = tools.rlock();
      // (Of a free one, too: the thread may not have begun.)
      tools.bunch(1, { lock });
      throws("NOT_OWNER", () => lock.release());
    },
    thread: ({ lock }) => lock.acquire(),
  },

  test__is_owned: {
    async run(tools) {
      const lock = tools.rlock();
      equal(owned(lock), false, "owned at first");
      lock.acquire();
      equal(owned(lock), true, "owned");
      lock.acquire();
      equal(owned(lock), true, "owned twice");
      equal(await tools.bunch(1, { lock }).results(), [false], "owned by another thread");
      lock.release();
      equal(owned(lock), true, "owned still");
      lock.release();
      equal(owned(lock), false, "owned at last");
    },
    thread: ({ lock }) => owned(/** @type {RLock} */ (lock)),
  },
};

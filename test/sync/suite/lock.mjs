import { equal, ok, passesOn, pause, throws, time, timeout, until } from "./expect.mjs";

/** @import { Lock } from "../../../src/sync/index.ts" */
/** @import { Case } from "./types.ts" */
/** @import { Tools } from "./crew.mjs" */

// After CPython's Lib/test/lock_tests.py, by its names. Left out there, because a handle is a plain object without a repr,
// and its words are its user's: test_repr, test_locked_repr, test_weakref_exists, test_weakref_deleted, and (there is no
// fork) LockTests.test_at_fork_reinit.

/**
 * BaseLockTests: what holds for both kinds.
 * @returns {Record<string, Case>}
 */
export function baseLockTests(/** @type {(tools: Tools) => Lock} */ locktype) {
  return {
    test_constructor: {
      run(tools) {
        equal(locktype(tools).locked(), false, "locked at first");
      },
    },

    // Python refuses arguments; here the words are arguments, and are looked at (more of it in misuse.test.ts).
    test_constructor_noargs: {
      run(tools) {
        const lock = locktype(tools);
        const type = /** @type {any} */ (lock.constructor);
        throws("WORDS", () => new type());
        throws("WORDS", () => new type(lock.words, lock.words.length));
      },
    },

    test_acquire_destroy: {
      run(tools) {
        equal(locktype(tools).acquire(), true, "acquire()");
      },
    },

    test_acquire_release: {
      run(tools) {
        const lock = locktype(tools);
        lock.acquire();
        lock.release();
        equal(lock.locked(), false, "locked");
      },
    },

    test_try_acquire: {
      run(tools) {
        const lock = locktype(tools);
        equal(lock.acquire({ blocking: false }), true, "acquire()");
        lock.release();
      },
    },

    test_try_acquire_contended: {
      async run(tools) {
        const lock = locktype(tools);
        lock.acquire();
        equal(await tools.bunch(1, { lock }).results(), [false], "acquire() elsewhere");
        lock.release();
      },
      thread: ({ lock }) => lock.acquire({ blocking: false }),
    },

    test_acquire_contended: {
      run(tools) {
        const lock = locktype(tools);
        lock.acquire();
        const bunch = tools.bunch(5, { lock });
        bunch.waitForStarted();
        pause();
        equal(bunch.finished, 0, "threads that got it before it was free");
        lock.release();
        bunch.waitForFinished();
        equal(bunch.finished, 5, "threads that got it");
      },
      thread({ lock }) {
        lock.acquire();
        lock.release();
      },
    },

    test_with: {
      run(tools) {
        const lock = locktype(tools);
        // Not acquired any more: another thread can.
        const check = () => tools.bunch(1, { lock }).waitForFinished();
        lock.withLock(() => equal(lock.locked(), true, "locked inside"));
        check();
        passesOn((fail) => lock.withLock(fail));
        check();
      },
      thread({ lock }) {
        lock.acquire();
        lock.release();
      },
    },

    // Python's threads that are strangers to the threading module must leave nothing behind there. Ours, which no context
    // knows, must leave nothing in the words.
    test_thread_leak: {
      run(tools) {
        const lock = locktype(tools);
        tools.bunch(10, { lock }).waitForFinished();
        equal(lock.holder, 0, "holder");
        lock.acquire({ blocking: false });
        lock.release();
        const { BYTES } = /** @type {typeof Lock} */ (lock.constructor);
        const { words, index } = lock;
        equal([...words.subarray(index, index + BYTES / 4)], Array(BYTES / 4).fill(0), "words");
      },
      thread({ lock }) {
        for (let i = 0; i < 100; ++i) {
          lock.acquire();
          lock.release();
        }
      },
    },

    test_timeout: {
      async run(tools) {
        const lock = locktype(tools);
        throws("TIMEOUT", () => lock.acquire({ blocking: false, timeoutMs: 1000 }));
        throws("TIMEOUT", () => lock.acquire({ timeoutMs: -100 }));
        throws("TIMEOUT", () => lock.acquire({ timeoutMs: Number.NaN }));
        // Python has a TIMEOUT_MAX; here no time is too long.
        for (const timeoutMs of [1e100, Number.POSITIVE_INFINITY]) {
          equal(lock.acquire({ timeoutMs }), true, `acquire({ timeoutMs: ${timeoutMs} })`);
          lock.release();
        }
        const ms = time(() => equal(lock.acquire({ timeoutMs: 5000 }), true, "acquire()"));
        ok(ms < 5000, "a free lock is had at once");
        const [[taken, waited]] = await tools.bunch(1, { lock }).results();
        equal(taken, false, "acquire() elsewhere");
        timeout(waited, 200);
      },
      thread({ lock }) {
        let taken = true;
        const waited = time(() => {
          taken = lock.acquire({ timeoutMs: 200 });
        });
        return [taken, waited];
      },
    },
  };
}

/** Locks that are not reentrant, and that any thread may release. @type {Record<string, Case>} */
export const LockTests = {
  ...baseLockTests((tools) => tools.lock()),

  test_reacquire: {
    run(tools) {
      const lock = tools.lock();
      const phase = tools.words(1);
      tools.bunch(1, { lock, phase });
      until(() => phase[0] === 1, "the thread has the lock");
      pause();
      equal(phase[0], 1, "phase, while the thread waits for itself");
      lock.release();
      until(() => phase[0] === 2, "the thread has the lock again");
    },
    thread({ lock, phase }) {
      lock.acquire();
      Atomics.store(phase, 0, 1);
      lock.acquire();
      Atomics.store(phase, 0, 2);
    },
  },

  test_different_thread: {
    run(tools) {
      const lock = tools.lock();
      lock.acquire();
      tools.bunch(1, { lock }).waitForFinished();
      lock.acquire();
      lock.release();
    },
    thread: ({ lock }) => lock.release(),
  },

  // CPython's issue 11618.
  test_state_after_timeout: {
    run(tools) {
      const lock = tools.lock();
      lock.acquire();
      equal(lock.acquire({ timeoutMs: 10 }), false, "acquire() of a held lock");
      lock.release();
      equal(lock.locked(), false, "locked");
      equal(lock.acquire({ blocking: false }), true, "acquire() of a free lock");
    },
  },
};

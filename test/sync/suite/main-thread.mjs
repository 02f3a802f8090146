import { equal, ok, throws, untilAsync } from "./expect.mjs";
import { Lock, ME } from "./sync.mjs";

/** @import { LockError } from "../../../src/sync/index.ts" */
/** @import { Case } from "./types.ts" */

// Where a thread may not block: on the main thread of a browser's page, and nowhere else.

/** The words of primitives: what a refused call leaves as they are. */
const wordsOf = (/** @type {{ words: Int32Array }[]} */ primitives) =>
  primitives.map(({ words }) => [...words]);

/** @type {Record<string, Case>} */
export const MainThreadTests = {
  // The case that the library promises: acquire() is refused, and acquireAsync() gets it when the worker gives it back.
  lock_that_a_worker_holds: {
    async run(tools) {
      for (const lock of [tools.lock(), tools.rlock()]) {
        const [event, reply] = [tools.event(), tools.event()];
        tools.bunch(1, { lock, event, reply });
        await untilAsync(() => event.isSet(), "the worker has the lock");
        const before = wordsOf([lock]);
        throws("BLOCKING", () => lock.acquire());
        throws("BLOCKING", () => lock.acquire({ timeoutMs: 10 }));
        throws("BLOCKING", () => lock.hold());
        throws("BLOCKING", () => lock.withLock(() => ok(false, "without the lock, nothing runs")));
        equal(lock.acquire({ blocking: false }), false, "acquire({ blocking: false })");
        equal(wordsOf([lock]), before, "words");
        try {
          lock.acquire();
        } catch (error) {
          const { message } = /** @type {LockError} */ (error);
          ok(/Async/.test(message) && /blocking: false/.test(message), `a remedy is in "${message}"`);
        }
        let mine = false;
        const waiting = lock.acquireAsync().then(() => {
          mine = true;
        });
        await new Promise((resolve) => setTimeout(resolve, 20));
        equal(mine, false, "acquireAsync() is done, while the worker has the lock");
        reply.set();
        await waiting;
        equal(lock.holder, ME, "holder");
        lock.release();
        equal(lock.holder, 0, "holder after release()");
      }
    },
    thread({ lock, event, reply }) {
      lock.acquire();
      event.set();
      reply.wait();
      lock.release();
    },
  },

  what_waits_for_others: {
    run(tools) {
      const [semaphore, event, barrier] = [tools.semaphore(0), tools.event(), tools.barrier(2)];
      const condition = tools.condition(tools.lock());
      condition.lock.acquire();
      const before = wordsOf([semaphore, event, barrier, condition, condition.lock]);
      throws("BLOCKING", () => semaphore.acquire());
      throws("BLOCKING", () => event.wait());
      throws("BLOCKING", () => barrier.wait());
      throws("BLOCKING", () => condition.wait());
      throws("BLOCKING", () => condition.waitFor(() => false));
      equal(semaphore.acquire({ blocking: false }), false, "acquire({ blocking: false })");
      equal(wordsOf([semaphore, event, barrier, condition, condition.lock]), before, "words");
    },
  },

  // What need not wait is had at once, here as anywhere.
  what_is_there: {
    run(tools) {
      const [lock, rlock, semaphore, event] = [
        tools.lock(),
        tools.rlock(),
        tools.semaphore(1),
        tools.event(),
      ];
      equal([lock.acquire(), rlock.acquire(), rlock.acquire()], [true, true, true], "acquire()");
      lock.release();
      equal(semaphore.acquire(), true, "acquire() of a semaphore");
      event.set();
      equal(event.wait(), true, "wait()");
      equal(lock.withLock(() => lock.holder) === ME, true, "withLock()");
      equal(
        tools.condition(rlock).waitFor(() => 5),
        5,
        "waitFor() of what is true",
      );
      equal(lock instanceof Lock && lock.locked(), false, "locked");
    },
  },
};

import { equal, pause, time, timeout } from "./expect.mjs";

/** @import { Event } from "../../../src/sync/index.ts" */
/** @import { Case } from "./types.ts" */
/** @import { Tools } from "./crew.mjs" */

const N = 5;
const all = (/** @type {unknown} */ value) => Array(N).fill(value);

// Left out: test_repr, and (there is no fork, and no lock inside) test_at_fork_reinit, test_reset_internal_locks.

/** @type {Record<string, Case>} */
export const EventTests = {
  test_is_set: {
    run(tools) {
      const event = tools.event();
      const seen = [event.isSet()];
      for (const step of /** @type {const} */ (["set", "set", "clear", "clear"])) {
        event[step]();
        seen.push(event.isSet());
      }
      equal(seen, [false, true, true, false, false], "isSet()");
    },
  },

  test_notify: {
    async run(tools) {
      const event = tools.event();
      await checkNotify(tools, event);
      // Another time, after an explicit clear().
      event.set();
      event.clear();
      await checkNotify(tools, event);
    },
    thread({ event, results1 }) {
      results1.push(event.wait());
      return event.wait();
    },
  },

  test_timeout: {
    async run(tools) {
      const event = tools.event();
      for (const [now, later, waited] of await tools.bunch(N, { event }).results()) {
        equal([now, later], [false, false], "wait()");
        timeout(waited, 200);
      }
      event.set();
      for (const [now, later] of await tools.bunch(N, { event }).results()) {
        equal([now, later], [true, true], "wait(), when the event is set");
      }
    },
    thread({ event }) {
      const now = event.wait({ timeoutMs: 0 });
      let later = false;
      const waited = time(() => {
        later = event.wait({ timeoutMs: 200 });
      });
      return [now, later, waited];
    },
  },

  // CPython's issue 13502: it was set, though it is cleared before the waiter runs.
  test_set_and_clear: {
    async run(tools) {
      const event = tools.event();
      const bunch = tools.bunch(N, { event });
      bunch.waitForStarted();
      pause(200);
      event.set();
      event.clear();
      equal(await bunch.results(), all(true), "wait()");
    },
    thread: ({ event }) => event.wait({ timeoutMs: 5000 }),
  },
};

/** All threads are notified, and what is set stays set. */
async function checkNotify(/** @type {Tools} */ tools, /** @type {Event} */ event) {
  const results1 = tools.list();
  const bunch = tools.bunch(N, { event, results1 });
  bunch.waitForStarted();
  pause();
  equal(results1.length, 0, "threads that waited for nothing");
  event.set();
  equal(await bunch.results(), all(true), "wait() for the second time");
  equal(results1.sorted(), all(1), "wait() for the first time");
}

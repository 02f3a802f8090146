import { equal, passesOn, pause, throws, time, timeout, until } from "./expect.mjs";

/** @import { Semaphore } from "../../../src/sync/index.ts" */
/** @import { Bag, Case } from "./types.ts" */
/** @import { Tools } from "./crew.mjs" */

const N = 10;

/** As Python's default, 1: here init() takes a number always. */
const DEFAULT = 1;

// Left out: test_repr.

/** BaseSemaphoreTests: what holds for both kinds. @returns {Record<string, Case>} */
function baseSemaphoreTests(/** @type {(tools: Tools, value: number) => Semaphore} */ semtype) {
  return {
    test_constructor: {
      run(tools) {
        throws("VALUE", () => semtype(tools, -1));
        throws("VALUE", () => semtype(tools, -(2 ** 31)));
      },
    },

    test_acquire: {
      run(tools) {
        const one = semtype(tools, 1);
        one.acquire();
        one.release();
        const two = semtype(tools, 2);
        two.acquire();
        two.acquire();
        two.release();
        two.release();
        equal([one.value, two.value], [1, 2], "values");
      },
    },

    test_acquire_destroy: {
      run(tools) {
        equal(semtype(tools, DEFAULT).acquire(), true, "acquire()");
      },
    },

    test_acquire_contended: {
      run: (tools) =>
        checkContended(tools, semtype(tools, 7), (semaphore, n) => {
          for (let i = 0; i < n; ++i) semaphore.release();
        }),
      thread: enterTwice,
    },

    test_multirelease: {
      run: (tools) => checkContended(tools, semtype(tools, 7), (semaphore, n) => semaphore.release(n)),
      thread: enterTwice,
    },

    test_try_acquire: {
      run(tools) {
        const semaphore = semtype(tools, 2);
        const enter = () => semaphore.acquire({ blocking: false });
        equal([enter(), enter(), enter()], [true, true, false], "acquire()");
        semaphore.release();
        equal(enter(), true, "acquire() after release()");
      },
    },

    test_try_acquire_contended: {
      async run(tools) {
        const semaphore = semtype(tools, 4);
        semaphore.acquire();
        const results = (await tools.bunch(5, { semaphore }).results()).flat();
        equal(results.sort(), [...Array(7).fill(false), ...Array(3).fill(true)], "acquire() elsewhere");
      },
      thread: ({ semaphore }) => [
        semaphore.acquire({ blocking: false }),
        semaphore.acquire({ blocking: false }),
      ],
    },

    test_acquire_timeout: {
      run(tools) {
        const semaphore = semtype(tools, 2);
        const enter = (/** @type {number} */ timeoutMs) => semaphore.acquire({ timeoutMs });
        throws("TIMEOUT", () => semaphore.acquire({ blocking: false, timeoutMs: 1000 }));
        equal([enter(5), enter(5), enter(5)], [true, true, false], "acquire()");
        semaphore.release();
        equal(enter(5), true, "acquire() after release()");
        timeout(
          time(() => equal(enter(200), false, "acquire()")),
          200,
        );
      },
    },

    test_default_value: {
      run(tools) {
        const semaphore = semtype(tools, DEFAULT);
        semaphore.acquire();
        const bunch = tools.bunch(1, { semaphore });
        bunch.waitForStarted();
        pause();
        equal(bunch.finished, 0, "threads that entered");
        semaphore.release();
        bunch.waitForFinished();
      },
      thread({ semaphore }) {
        semaphore.acquire();
        semaphore.release();
      },
    },

    test_with: {
      run(tools) {
        const semaphore = semtype(tools, 2);
        const enter = () => semaphore.acquire({ blocking: false });
        const nest = (/** @type {() => void} */ innermost) =>
          semaphore.withLock(() => {
            equal(enter(), true, "acquire() inside");
            semaphore.release();
            semaphore.withLock(() => {
              equal(enter(), false, "acquire() inside of inside");
              innermost();
            });
          });
        nest(() => {});
        equal(semaphore.value, 2, "value after withLock()");
        passesOn(nest);
        equal(semaphore.value, 2, "value after an error");
      },
    },
  };
}

function enterTwice(/** @type {Bag} */ { semaphore, phase, results1, results2 }) {
  const entered = [];
  for (const results of [results1, results2]) {
    entered.push(semaphore.acquire());
    results.push(Atomics.load(phase, 0));
  }
  return entered;
}

/** Ten threads that enter twice, where seven have room; `release` makes room for so many more. */
async function checkContended(
  /** @type {Tools} */ tools,
  /** @type {Semaphore} */ semaphore,
  /** @type {(semaphore: Semaphore, n: number) => void} */ release,
) {
  semaphore.acquire();
  const [results1, results2, phase] = [tools.list(), tools.list(), tools.words(1)];
  const bunch = tools.bunch(N, { semaphore, phase, results1, results2 });
  const entered = () => results1.length + results2.length;
  /** @type {number[]} */
  let expected = [];
  for (const [now, places] of [6, 7, 6].entries()) {
    Atomics.store(phase, 0, now);
    if (now > 0) release(semaphore, places);
    expected = [...expected, ...Array(places).fill(now)];
    until(() => entered() >= expected.length, `${expected.length} have entered`);
    const all = [...results1.sorted(), ...results2.sorted()].sort();
    equal(all, expected, `phases in which threads entered, up to phase ${now}`);
  }
  equal(semaphore.acquire({ blocking: false }), false, "acquire() of a full semaphore");
  // For the last thread.
  semaphore.release();
  equal((await bunch.results()).flat(), Array(2 * N).fill(true), "acquire() elsewhere");
}

/** Semaphores without a bound. @type {Record<string, Case>} */
export const SemaphoreTests = {
  ...baseSemaphoreTests((tools, value) => tools.semaphore(value)),

  test_release_unacquired: {
    run(tools) {
      const semaphore = tools.semaphore(1);
      semaphore.release();
      semaphore.acquire();
      semaphore.acquire();
      semaphore.release();
      equal(semaphore.value, 1, "value");
    },
  },
};

/** Semaphores that do not go past their first value. @type {Record<string, Case>} */
export const BoundedSemaphoreTests = {
  ...baseSemaphoreTests((tools, value) => tools.bounded(value)),

  test_release_unacquired: {
    run(tools) {
      const semaphore = tools.bounded(DEFAULT);
      throws("VALUE", () => semaphore.release());
      semaphore.acquire();
      semaphore.release();
      throws("VALUE", () => semaphore.release());
      equal(semaphore.value, 1, "value");
    },
  },
};

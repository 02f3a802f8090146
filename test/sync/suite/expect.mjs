// Assertions, and patience: what the cases need of a test framework, in every engine.

import { LockError } from "./sync.mjs";

/** How long a case may wait for its threads before it counts as hung. */
export const PATIENCE_MS = 20_000;

const still = new Int32Array(new SharedArrayBuffer(4));

/** Sleeps. Blocks; uses no primitive that is under test. */
export function pause(/** @type {number} */ ms = 10) {
  Atomics.wait(still, 0, 0, ms);
}

/** As pause(), leaving the event loop free. @returns {Promise<void>} */
export const sleep = (/** @type {number} */ ms = 10) => new Promise((done) => setTimeout(done, ms));

/** Blocks until `condition` holds. @throws if it takes too long. */
export function until(/** @type {() => boolean} */ condition, /** @type {string} */ what) {
  for (const end = performance.now() + PATIENCE_MS; !condition(); pause(1)) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
  }
}

/** As until(), leaving the event loop free. */
export async function untilAsync(/** @type {() => boolean} */ condition, /** @type {string} */ what) {
  for (const end = performance.now() + PATIENCE_MS; !condition(); await sleep(1)) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
  }
}

export function ok(/** @type {unknown} */ truth, /** @type {string} */ what) {
  if (!truth) throw new Error(`not so: ${what}`);
}

/** Compares numbers, strings, booleans, and arrays of them. */
export function equal(
  /** @type {unknown} */ actual,
  /** @type {unknown} */ expected,
  /** @type {string} */ what,
) {
  const [is, was] = [actual, expected].map((value) => JSON.stringify(value));
  if (is !== was) throw new Error(`${what}: ${is}, not ${was}`);
}

/** Calls what must throw a LockError with this code. */
export function throws(
  /** @type {import("../../../src/errors.ts").LockErrorCode} */ code,
  /** @type {() => unknown} */ call,
) {
  let result;
  try {
    result = call();
  } catch (error) {
    checkCode(code, error);
    return;
  }
  throw new Error(`returned ${String(result)} instead of throwing ${code}`);
}

/** As throws(), of a promise. */
export async function rejects(
  /** @type {import("../../../src/errors.ts").LockErrorCode} */ code,
  /** @type {Promise<unknown>} */ promise,
) {
  const error = await promise.then(
    (result) => new Error(`resolved to ${String(result)} instead of rejecting with ${code}`),
    (reason) => reason,
  );
  checkCode(code, error);
}

/** Calls what must throw the error of the function that it is given. */
export function passesOn(/** @type {(fail: () => never) => unknown} */ call) {
  const error = new TypeError("passed on");
  try {
    call(() => {
      throw error;
    });
  } catch (thrown) {
    if (thrown === error) return;
    throw thrown;
  }
  throw new Error("an error was swallowed");
}

function checkCode(/** @type {string} */ code, /** @type {unknown} */ error) {
  if (!(error instanceof LockError)) throw error;
  equal(error.code, code, error.message);
}

/** Runs something; how many milliseconds it took. */
export function time(/** @type {() => unknown} */ run) {
  const start = performance.now();
  run();
  return performance.now() - start;
}

/** That a time limit was kept, as loosely as CPython's tests ask: clocks are coarse, machines are busy. */
export function timeout(/** @type {number} */ actual, /** @type {number} */ expected) {
  ok(actual >= 0.6 * expected && actual < 10 * expected, `${actual} ms are about ${expected} ms`);
}

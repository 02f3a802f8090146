import { LockError } from "../errors.ts";

/**
 * One wait: sleep while `words[index] === expected`, at most `ms`.
 *
 * The algorithms of this folder are generators that yield such waits. One driver sleeps in Atomics.wait, the other
 * awaits Atomics.waitAsync: blocking and asynchronous calls are the same code, state by state.
 */
export type Wait = readonly [words: Int32Array, index: number, expected: number, ms: number];
export type Woken = "ok" | "not-equal" | "timed-out";
export type Steps<R> = Generator<Wait, R, Woken>;

/**
 * No wait is longer than this. A thread that dies between changing a word and waking who waits for it takes the wake-up
 * with it, and one that was woken but is busy (an event loop) keeps it: whoever sleeps looks again by himself. Twenty
 * looks a second cost a hundred-thousandth of a core each.
 */
export const SLICE_MS = 50;

/** How long a blocking call may take. */
export interface TimeLimit {
  /** Milliseconds, 0 or more; Infinity or nothing for no limit. */
  timeoutMs?: number;
}

/**
 * The time at which a call gives up: after `limit`, or else `usual`, in milliseconds.
 * @throws LockError (`TIMEOUT`) for what is no time, or no object: Python's own arguments stand alone.
 */
export function deadlineOf(limit: TimeLimit = {}, usual?: number): number {
  if (Object(limit) !== limit)
    throw new LockError("TIMEOUT", `${limit}: pass { timeoutMs } or { blocking: false }.`);
  const { timeoutMs = usual } = limit;
  if (timeoutMs === undefined) return Number.POSITIVE_INFINITY;
  if (typeof timeoutMs !== "number" || !(timeoutMs >= 0)) {
    throw new LockError("TIMEOUT", `timeoutMs ${String(timeoutMs)} is no time from 0 on: leave it out.`);
  }
  return performance.now() + timeoutMs;
}

/** A wait until `deadline`, in slices. */
export const until = (words: Int32Array, index: number, expected: number, deadline: number): Wait => [
  words,
  index,
  expected,
  Math.min(SLICE_MS, deadline - performance.now()),
];

/** One less in a word that counts what there is; false if there is none. */
export function takeOne(words: Int32Array, index: number): boolean {
  for (let count = Atomics.load(words, index); count > 0; ) {
    const found = Atomics.compareExchange(words, index, count, count - 1);
    if (found === count) return true;
    count = found;
  }
  return false;
}

/**
 * Runs an algorithm to its end, sleeping in this thread.
 * @throws LockError (`BLOCKING`) on a browser's main thread, and where memory is not shared, before the algorithm has begun.
 */
export function block<R>(steps: Steps<R>, words: Int32Array, index: number): R {
  if (!mayBlock(words, index)) {
    throw new LockError(
      "BLOCKING",
      "This thread may not block: await the …Async twin, or pass { blocking: false }.",
    );
  }
  let step = steps.next();
  while (!step.done) step = steps.next(Atomics.wait(...(step.value as [Int32Array, number, number, number])));
  return step.value;
}

/** Whether this thread may sleep (ECMA-262, AgentCanSuspend): asked by waiting no time at all for one of the words. */
export function mayBlock(words: Int32Array, index: number): boolean {
  try {
    Atomics.wait(words, index, 0, 0);
    return true;
  } catch {
    return false;
  }
}

/** Runs an algorithm to its end, leaving the event loop free between its steps. Meanwhile it keeps the process alive. */
export async function blockAsync<R>(steps: Steps<R>): Promise<R> {
  let step = steps.next();
  const native = (Atomics as Partial<typeof Atomics>).waitAsync;
  const wait = native === undefined || (!step.done && !isShared(step.value[0].buffer)) ? poll : native;
  // Node ends a process in which nothing but waitAsync is pending, even one with a time limit.
  const alive = setInterval(() => {}, 2 ** 30);
  try {
    while (!step.done) {
      step = steps.next(await wait(...(step.value as [Int32Array, number, number, number])).value);
    }
    return step.value;
  } finally {
    clearInterval(alive);
  }
}

/** In engines without Atomics.waitAsync, and where memory is not shared: looks now and then, first soon, then every 16 ms. */
function poll(words: Int32Array, index: number, expected: number, ms: number): { value: Promise<Woken> } {
  const end = performance.now() + ms;
  const look = async (): Promise<Woken> => {
    for (let pause = 0; Atomics.load(words, index) === expected; pause = Math.min(16, 2 * pause + 1)) {
      const left = end - performance.now();
      if (left <= 0) return "timed-out";
      await new Promise((resolve) => setTimeout(resolve, Math.min(pause, left)));
    }
    // What has changed may have been meant for this waiter: "ok" says so, and is right for all others, too.
    return "ok";
  };
  return { value: look() };
}

/** Whether other threads can see a buffer: also in pages that hide the name SharedArrayBuffer. */
export function isShared(buffer: ArrayBufferLike): boolean {
  return Object.prototype.toString.call(buffer) === "[object SharedArrayBuffer]";
}

/** Calls `release` when what `run` does is over: at once, or when the promise it returns is settled. */
export function finallyDo<R>(run: () => R, release: () => void): R {
  let result: R;
  try {
    result = run();
  } catch (error) {
    release();
    throw error;
  }
  if (typeof (result as { then?: unknown } | null)?.then === "function") {
    return Promise.resolve(result).finally(release) as R;
  }
  release();
  return result;
}

/** `Symbol.dispose`, or in engines that lack it (Safari) the symbol that libraries have agreed on in its stead. */
export const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for("Symbol.dispose") as never);

import { LockError } from "../errors.ts";
import { Lock } from "./lock.ts";
import { block, blockAsync, deadlineOf, type Steps, type TimeLimit, takeOne, until } from "./wait.ts";
import { type Agent, HERE, Primitive, type Shared } from "./words.ts";

/**
 * Threads wait for something to become true, others tell them, as Python's `threading.Condition`.
 *
 *     word 0  how often anyone was notified
 *     word 1  threads that wait
 *     word 2  notifications that nobody has taken yet
 *
 * A waiter reads word 0 while it holds the lock, releases the lock, and sleeps only while the word is the same: whoever takes
 * the lock afterwards and notifies has changed it, so no notification is lost. Who was woken goes on; who finds the word
 * changed, because it was about to sleep or just looked, goes on if it can take a notification. So notify(n) wakes n, or now and
 * then one more, as Python allows: test what you wait for again, or use waitFor().
 */
export class Condition extends Primitive {
  /** Bytes of a condition's words, without its lock's. */
  static readonly BYTES: number = 12;
  static readonly KIND: string = "Condition";

  /** The lock or RLock that goes with it: to be held when waiting and notifying. */
  readonly lock: Lock;

  /**
   * A handle on a condition whose words begin at `words[index]`; nothing is written.
   * @throws LockError (`WORDS`) if the buffer is not shared or too short, or `lock` is none.
   */
  constructor(words: Int32Array, index: number, lock: Lock, agent: Agent = HERE) {
    super(words, index, agent);
    if (!(lock instanceof Lock)) throw new LockError("WORDS", "A Condition takes a Lock or an RLock.");
    this.lock = lock;
  }

  override share(): Shared<this> {
    return { ...super.share(), lock: this.lock.share() };
  }

  /**
   * Releases the lock, waits to be notified, takes the lock again (without a limit). Blocks: not for a browser's main
   * thread.
   * @returns whether it was notified; false after the time limit.
   * @throws LockError: `NOT_OWNER` if this thread does not hold the lock; `TIMEOUT`; `BLOCKING`; `ABANDONED` if the thread
   * that had the lock last has ended: then this thread does not hold it.
   */
  wait(limit?: TimeLimit): boolean {
    return block(this.#steps(this.#begin("wait", limit)), this.words, this.index);
  }

  /** As wait(), leaving the event loop free. The lock is released at once, before the promise is there. */
  async waitAsync(limit?: TimeLimit): Promise<boolean> {
    return blockAsync(this.#steps(this.#begin("waitAsync", limit)));
  }

  /**
   * Waits until `predicate`, called while the lock is held, returns something true. Blocks and throws as wait().
   * @returns what it returned last: after the time limit, something false.
   */
  waitFor<R>(predicate: () => R, limit?: TimeLimit): R {
    const deadline = this.#begin("waitFor", limit);
    for (;;) {
      const result = predicate();
      if (result || performance.now() >= deadline) return result;
      block(this.#steps(deadline), this.words, this.index);
    }
  }

  /** As waitFor(), leaving the event loop free. */
  async waitForAsync<R>(predicate: () => R, limit?: TimeLimit): Promise<R> {
    const deadline = this.#begin("waitForAsync", limit);
    for (;;) {
      const result = predicate();
      if (result || performance.now() >= deadline) return result;
      await blockAsync(this.#steps(deadline));
    }
  }

  /**
   * Wakes `n` of the threads that wait, if there are so many: those that have waited longest. They go on when they get the
   * lock. Never blocks; any thread that holds the lock may call it.
   * @throws LockError: `NOT_OWNER` if this thread does not hold the lock, `VALUE` if `n` is no whole number from 0 on.
   */
  notify(n = 1): void {
    if (!(n === Number.POSITIVE_INFINITY || (Number.isInteger(n) && n >= 0))) {
      throw new LockError("VALUE", `notify: ${n} is no number.`);
    }
    this.#begin("notify", undefined);
    const { words, index } = this;
    const waiting = Atomics.load(words, index + 1);
    const untaken = Atomics.load(words, index + 2);
    Atomics.add(words, index + 2, Math.max(0, Math.min(n, waiting - untaken)));
    // After the count: who finds this word changed must find a notification.
    if (n > 0) Atomics.add(words, index, 1);
    Atomics.notify(words, index, n);
  }

  /** Wakes all threads that wait. As notify(). */
  notifyAll(): void {
    this.notify(Number.POSITIVE_INFINITY);
  }

  /** Checks; returns the time at which to give up. */
  #begin(what: string, limit: TimeLimit | undefined): number {
    const { holder, agent } = this.lock;
    if (holder !== agent.id) {
      throw new LockError(
        "NOT_OWNER",
        `${what}: hold the condition's lock first; ${holder || "nobody"} holds it.`,
      );
    }
    return deadlineOf(limit);
  }

  *#steps(deadline: number): Steps<boolean> {
    const { words, index, lock } = this;
    let seen = Atomics.load(words, index);
    Atomics.add(words, index + 1, 1);
    const depth = lock.unwind();
    let notified = false;
    while (!notified && performance.now() < deadline) {
      const woken = yield until(words, index, seen, deadline);
      const last = seen;
      seen = Atomics.load(words, index);
      const taken = (woken === "ok" || seen !== last) && takeOne(words, index + 2);
      notified = taken || woken === "ok";
    }
    Atomics.sub(words, index + 1, 1);
    yield* lock.steps(Number.POSITIVE_INFINITY);
    lock.rewind(depth);
    return notified;
  }
}

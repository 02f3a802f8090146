import { LockError } from "../errors.ts";
import { type AcquireOptions, deadlineFor, Lockable } from "./lockable.ts";
import { block, blockAsync, type Steps, takeOne, until } from "./wait.ts";

const LARGEST = 2 ** 31 - 1;

/**
 * So many threads at once, as Python's `threading.Semaphore`.
 *
 *     word 0  value: how many more may enter
 *     word 1  threads that may be asleep
 *
 * A waiter first counts itself, then sleeps only while the value is 0; a release first raises the value, then looks for
 * waiters: one of the two sees the other. (A waiter that died stays counted: that costs later releases a useless wake-up.)
 */
export class Semaphore extends Lockable {
  static readonly BYTES: number = 8;
  static readonly KIND: string = "Semaphore";

  /**
   * The first value, before any thread uses it.
   * @throws LockError (`VALUE`) if it is no whole number from 0 to 2³¹ − 1.
   */
  init(value: number): this {
    if (!(Number.isInteger(value) && value >= 0 && value <= LARGEST)) {
      throw new LockError(
        "VALUE",
        `A semaphore's value is a whole number from 0 to ${LARGEST}, not ${value}.`,
      );
    }
    Atomics.store(this.words, this.index, value);
    return this;
  }

  /** How many more may enter at the moment. Never blocks. */
  get value(): number {
    return Atomics.load(this.words, this.index);
  }

  /**
   * Enters; waits until there is room. Blocks: not for a browser's main thread.
   * @returns whether it entered; false only if not blocking, or after the time limit.
   * @throws LockError: `TIMEOUT`, `BLOCKING`.
   */
  acquire(options: AcquireOptions = {}): boolean {
    const deadline = deadlineFor(options);
    return (
      takeOne(this.words, this.index) ||
      (deadline > 0 && block(this.#steps(deadline), this.words, this.index))
    );
  }

  /** As acquire(), leaving the event loop free. */
  async acquireAsync(options: AcquireOptions = {}): Promise<boolean> {
    const deadline = deadlineFor(options);
    return takeOne(this.words, this.index) || (deadline > 0 && blockAsync(this.#steps(deadline)));
  }

  /**
   * Leaves, and makes room for `n`. Never blocks; any thread may call it.
   * @throws LockError (`VALUE`) if `n` is no whole number from 1 on, or the value would become too large; nothing changes.
   */
  release(n = 1): void {
    if (!(Number.isInteger(n) && n >= 1)) {
      throw new LockError("VALUE", `release: ${n} is no whole number from 1 on.`);
    }
    const { words, index } = this;
    for (;;) {
      const value = Atomics.load(words, index);
      this.check(value + n);
      if (Atomics.compareExchange(words, index, value, value + n) === value) break;
    }
    if (Atomics.load(words, index + 1) !== 0) Atomics.notify(words, index, n);
  }

  /** @throws LockError if a release may not make it this value. @internal */
  protected check(value: number): void {
    if (value > LARGEST) throw new LockError("VALUE", `release: ${value} is more than ${LARGEST}.`);
  }

  *#steps(deadline: number): Steps<boolean> {
    const { words, index } = this;
    // Tried once more after every wait, also the last: a wake-up is never left unused.
    for (let last = false; !last; ) {
      last = performance.now() >= deadline;
      Atomics.add(words, index + 1, 1);
      if (!last) yield until(words, index, 0, deadline);
      Atomics.sub(words, index + 1, 1);
      if (takeOne(this.words, this.index)) return true;
    }
    return false;
  }
}

/**
 * A semaphore that notices when it is released too often, as Python's `threading.BoundedSemaphore`.
 *
 *     word 2  the value that it may not exceed
 */
export class BoundedSemaphore extends Semaphore {
  static override readonly BYTES: number = 12;
  static override readonly KIND: string = "BoundedSemaphore";

  /** The first value, which is also the largest. As Semaphore.init(). */
  override init(value: number): this {
    super.init(value);
    Atomics.store(this.words, this.index + 2, value);
    return this;
  }

  protected override check(value: number): void {
    const bound = Atomics.load(this.words, this.index + 2);
    if (value > bound) {
      throw new LockError(
        "VALUE",
        `release: ${value} is more than the first value, ${bound}: released too often.`,
      );
    }
  }
}

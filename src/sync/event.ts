import { block, blockAsync, deadlineOf, type Steps, type TimeLimit, until } from "./wait.ts";
import { Primitive } from "./words.ts";

/**
 * A flag that threads can wait for, as Python's `threading.Event`.
 *
 *     word 0  how often it was set << 1 | whether it is set
 *
 * The count tells a waiter that the flag was set, even if it has been cleared again before the waiter ran (CPython's
 * issue 13502).
 */
export class Event extends Primitive {
  static readonly BYTES: number = 4;
  static readonly KIND: string = "Event";

  /** Whether the flag is set. Never blocks. */
  isSet(): boolean {
    return (Atomics.load(this.words, this.index) & 1) === 1;
  }

  /** Sets the flag and wakes all who wait. Never blocks; any thread may call it. */
  set(): void {
    const { words, index } = this;
    for (;;) {
      const state = Atomics.load(words, index);
      if (state & 1) return;
      if (Atomics.compareExchange(words, index, state, state + 3) === state) break;
    }
    Atomics.notify(words, index);
  }

  /** Clears the flag. Never blocks; any thread may call it. */
  clear(): void {
    Atomics.and(this.words, this.index, ~1);
  }

  /**
   * Waits until the flag is set. Blocks: not for a browser's main thread.
   * @returns true; false after the time limit.
   * @throws LockError: `TIMEOUT`, `BLOCKING`.
   */
  wait(limit?: TimeLimit): boolean {
    const deadline = deadlineOf(limit);
    return this.isSet() || block(this.#steps(deadline), this.words, this.index);
  }

  /** As wait(), leaving the event loop free. */
  async waitAsync(limit?: TimeLimit): Promise<boolean> {
    return blockAsync(this.#steps(deadlineOf(limit)));
  }

  *#steps(deadline: number): Steps<boolean> {
    const { words, index } = this;
    const state = Atomics.load(words, index);
    while ((Atomics.load(words, index) & ~1) === (state & ~1)) {
      if (state & 1) return true;
      if (performance.now() >= deadline) return false;
      yield until(words, index, state, deadline);
    }
    return true;
  }
}

import { LockError } from "../errors.ts";
import { DISPOSE, deadlineOf, finallyDo, type TimeLimit } from "./wait.ts";
import { Primitive } from "./words.ts";

/** How to acquire. */
export interface AcquireOptions extends TimeLimit {
  /** false: now or not at all. Default true. */
  blocking?: boolean;
}

/** What hold() gives: `using held = lock.hold()` releases at the end of the block. */
export interface Held {
  release(): void;
  [Symbol.dispose](): void;
}

/** What can be acquired and released: locks, and semaphores. */
export abstract class Lockable extends Primitive {
  abstract acquire(options?: AcquireOptions): boolean;
  abstract acquireAsync(options?: AcquireOptions): Promise<boolean>;
  abstract release(): void;

  /** Acquires, for `using`: it is released at the end of the block. Blocks and throws as acquire(). */
  hold(): Held {
    this.acquire();
    return this.#held();
  }

  /** As hold(), leaving the event loop free: `using held = await lock.holdAsync()`. */
  async holdAsync(): Promise<Held> {
    await this.acquireAsync();
    return this.#held();
  }

  /**
   * Acquires, and runs `fn`; releases when `fn` returns or throws, or when the promise it returns is settled. Blocks and
   * throws as acquire().
   */
  withLock<R>(fn: () => R): R {
    this.acquire();
    return finallyDo(fn, () => this.release());
  }

  /** As withLock(), leaving the event loop free while it waits. */
  async withLockAsync<R>(fn: () => R): Promise<Awaited<R>> {
    await this.acquireAsync();
    return (await finallyDo(fn, () => this.release())) as Awaited<R>;
  }

  #held(): Held {
    let held = true;
    const release = (): void => {
      if (!held) return;
      // First: should release() throw, a second call must not release what is another's by then.
      held = false;
      this.release();
    };
    return { release, [DISPOSE]: release };
  }
}

/** The time at which acquire() gives up; 0 if it is not to wait. @throws LockError (`TIMEOUT`) */
export function deadlineFor(options: AcquireOptions): number {
  const { blocking = true, timeoutMs } = options;
  if (!blocking && timeoutMs !== undefined) {
    throw new LockError("TIMEOUT", `timeoutMs ${timeoutMs} and { blocking: false }: leave one out.`);
  }
  return blocking ? deadlineOf(options) : 0;
}

import type { LockError } from "../errors.ts";
import { CONTENDED, FREE, HELD, holderOf, Lock } from "./lock.ts";

/** On a browser's main thread, which may not block: so long it tries to get in. What a guard guards takes microseconds. */
const PATIENCE_MS = 2000;

/**
 * So often it looks before it does as other locks, which sleep at once if others sleep: two threads that do nothing but allocate
 * come in 9 % more often.
 */
const LOOKS = 100;

/**
 * A lock for a few microseconds' work that every thread must be able to do, a browser's main thread included, which spins;
 * and that a thread's death inside does not close: the next one takes over, and is told.
 */
export class Guard extends Lock {
  /**
   * @returns false if the thread that had it before has ended inside: what it guards may be half done.
   * @throws LockError (`BLOCKING`) on a browser's main thread that could not get in for two seconds.
   */
  override acquire(): boolean {
    if (this.take(FREE, HELD)) return true;
    const { words, index } = this;
    for (let look = 0; look < LOOKS; ++look) {
      if (Atomics.load(words, index) === FREE && this.take(FREE, HELD)) return true;
    }
    return this.#wait();
  }

  #wait(): boolean {
    for (const end = performance.now() + PATIENCE_MS; ; ) {
      try {
        return super.acquire();
      } catch (error) {
        const { code } = error as LockError;
        if (code === "ABANDONED" && this.#inherit()) return false;
        if (code === "ABANDONED" || (code === "BLOCKING" && performance.now() < end)) continue;
        throw error;
      }
    }
  }

  /** Takes it over from a thread that has ended. */
  #inherit(): boolean {
    const state = Atomics.load(this.words, this.index);
    return this.agent.gone?.(holderOf(state)) === true && this.take(state, CONTENDED);
  }
}

/** For a memory that only one thread can see. */
export const NO_GUARD = { acquire: (): boolean => true, release(): void {} };

import { LockError } from "../errors.ts";
import { Lock } from "./lock.ts";

/** On a browser's main thread, which may not block: so long it tries to get in. What a guard guards takes microseconds. */
const PATIENCE_MS = 2000;

/**
 * A lock for a few microseconds' work that every thread must be able to do, a browser's main thread included: that one spins.
 */
export class Guard extends Lock {
  /** @throws LockError: `ABANDONED`; `BLOCKING` on a browser's main thread that could not get in for two seconds. */
  override acquire(): true {
    try {
      return super.acquire() as true;
    } catch (error) {
      if (!(error instanceof LockError && error.code === "BLOCKING")) throw error;
      const end = performance.now() + PATIENCE_MS;
      while (!super.acquire({ blocking: false })) if (performance.now() > end) throw error;
      return true;
    }
  }
}

/** For a memory that only one thread can see. */
export const NO_GUARD = { acquire(): void {}, release(): void {} };

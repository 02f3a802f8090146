import { LockError } from "../errors.ts";
import { Lock } from "./lock.ts";
import { type AcquireOptions, deadlineFor } from "./lockable.ts";

/**
 * A lock that its holder may take again, as Python's `threading.RLock`: it is free after as many releases as acquires. The
 * holder is a thread: asynchronous functions of one thread do not exclude each other.
 *
 *     word 0, 1  the lock
 *     word 2     how often the holder has it; only the holder writes it
 */
export class RLock extends Lock {
  static override readonly BYTES: number = 12;
  static override readonly KIND: string = "RLock";

  /** As Lock.acquire(); once more, and at once, if this thread holds it. */
  override acquire(options?: AcquireOptions): boolean {
    if (options !== undefined) deadlineFor(options);
    return this.again() || super.acquire(options);
  }

  /** As Lock.acquireAsync(); once more, and at once, if this thread holds it. */
  override async acquireAsync(options?: AcquireOptions): Promise<boolean> {
    if (options !== undefined) deadlineFor(options);
    return this.again() || super.acquireAsync(options);
  }

  /**
   * Gives back one acquire(); the last one frees the lock. Never blocks.
   * @throws LockError (`NOT_OWNER`) if this thread does not hold it; nothing changes.
   */
  override release(): void {
    const depth = this.#depth("release");
    Atomics.store(this.words, this.index + 2, depth - 1);
    if (depth === 1) super.release();
  }

  /** @internal */
  override unwind(): number {
    const depth = this.#depth("wait");
    Atomics.store(this.words, this.index + 2, 0);
    super.release();
    return depth;
  }

  /** @internal */
  override rewind(depth: number): void {
    // Not stored: another asynchronous function of this thread may have some of it already.
    Atomics.add(this.words, this.index + 2, depth - 1);
  }

  /**
   * Counts from 1 in the same step: a promise tells of an acquire some turns after it, and other functions of this thread may
   * acquire and release meanwhile.
   * @internal
   */
  override take(state: number, kind: number): boolean {
    const taken = super.take(state, kind);
    if (taken) Atomics.store(this.words, this.index + 2, 1);
    return taken;
  }

  /** @internal */
  override again(): boolean {
    if (this.holder !== this.agent.id) return false;
    Atomics.add(this.words, this.index + 2, 1);
    return true;
  }

  /** @throws LockError (`NOT_OWNER`) */
  #depth(what: string): number {
    if (this.holder !== this.agent.id) {
      throw new LockError("NOT_OWNER", `${what}: hold the lock first; ${this.holder || "nobody"} holds it.`);
    }
    return Atomics.load(this.words, this.index + 2);
  }
}

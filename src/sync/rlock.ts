import { LockError } from "../errors.ts";
import { type AcquireOptions, deadlineFor, Lock } from "./lock.ts";

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
    return this.#again(options) || (super.acquire(options) && this.#first());
  }

  /** As Lock.acquireAsync(); once more, and at once, if this thread holds it. */
  override async acquireAsync(options?: AcquireOptions): Promise<boolean> {
    return this.#again(options) || ((await super.acquireAsync(options)) && this.#first());
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
    Atomics.store(this.words, this.index + 2, depth);
  }

  /** @throws LockError (`NOT_OWNER`) */
  #depth(what: string): number {
    if (this.holder !== this.agent.id) {
      throw new LockError(
        "NOT_OWNER",
        `${what}: this thread does not hold the RLock; ${this.holder || "nobody"} does.`,
      );
    }
    return Atomics.load(this.words, this.index + 2);
  }

  #again(options: AcquireOptions | undefined): boolean {
    if (options !== undefined) deadlineFor(options);
    if (this.holder !== this.agent.id) return false;
    Atomics.add(this.words, this.index + 2, 1);
    return true;
  }

  #first(): true {
    this.rewind(1);
    return true;
  }
}

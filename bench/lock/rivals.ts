import type { Lock } from "../../src/index.ts";

/** What a rival has in common with our Lock. */
export interface Lockable {
  acquire(): unknown;
  release(): void;
}

// What people write without a library. Both have one word, 0 for free, in the same memory as ours.

/** Tries until it succeeds. */
class Spinlock implements Lockable {
  readonly #words: Int32Array;
  readonly #index: number;

  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
  }

  acquire(): void {
    while (Atomics.compareExchange(this.#words, this.#index, 0, 1) !== 0);
  }

  release(): void {
    Atomics.store(this.#words, this.#index, 0);
  }
}

/** Two states: sleeps when it is held, and wakes one at every release, since it cannot know whether anybody sleeps. */
class WaitNotifyLock implements Lockable {
  readonly #words: Int32Array;
  readonly #index: number;

  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
  }

  acquire(): void {
    while (Atomics.compareExchange(this.#words, this.#index, 0, 1) !== 0) {
      Atomics.wait(this.#words, this.#index, 1);
    }
  }

  release(): void {
    Atomics.store(this.#words, this.#index, 0);
    Atomics.notify(this.#words, this.#index, 1);
  }
}

/** Guards nothing: how long a thread seems to wait that waits for nothing, since the machine does something else. */
class NoLock implements Lockable {
  acquire(): void {}

  release(): void {}
}

/** Ours and the rivals, and no lock at all; each is made in every thread, on the words of a lock of its own. */
export const CONTESTANTS = {
  "blasm Lock": (lock: Lock): Lockable => lock,
  spinlock: ({ words, index }: Lock): Lockable => new Spinlock(words, index),
  "wait/notify": ({ words, index }: Lock): Lockable => new WaitNotifyLock(words, index),
  "no lock": (): Lockable => new NoLock(),
} as const;

export type Contestant = keyof typeof CONTESTANTS;

export const OURS = "blasm Lock";
export const RIVALS = ["spinlock", "wait/notify"] as const;
export const NO_LOCK = "no lock";
export const CONTESTANT_NAMES: readonly Contestant[] = [OURS, ...RIVALS, NO_LOCK];

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

/** Ours and the rivals; each is made in every thread, on the words of a lock of its own. */
export const CONTESTANTS = {
  "blasm Lock": (lock: Lock): Lockable => lock,
  spinlock: ({ words, index }: Lock): Lockable => new Spinlock(words, index),
  "wait/notify": ({ words, index }: Lock): Lockable => new WaitNotifyLock(words, index),
} as const;

export type Contestant = keyof typeof CONTESTANTS;

export const CONTESTANT_NAMES = Object.keys(CONTESTANTS) as Contestant[];

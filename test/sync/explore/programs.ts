import { type AcquireOptions, Lock } from "../../../src/sync/index.ts";
import { holderOf } from "../../../src/sync/lock.ts";
import { type End, must, orCode, type Self } from "./scenario.ts";

/** Makes a thread's handle on the primitive whose words begin at word 0. */
export type Make<T> = (self: Self) => T;

/** What the threads below need of a lock. */
export interface LockLike {
  acquire(options?: AcquireOptions): boolean;
  release(): void;
}

export const LOCK = ["lock", "mode"];

type Thread = (self: Self) => unknown;

/** Takes the lock, is alone, gives it back; again and again. */
export const turns =
  (make: Make<LockLike>, rounds = 1): Thread =>
  (self) => {
    const lock = make(self);
    for (let round = 0; round < rounds; ++round) {
      self.forget(round);
      lock.acquire();
      self.visit();
      lock.release();
    }
  };

/** Tries to take the lock; is alone and gives it back if it got it. @returns whether it did. */
export const attempt =
  (make: Make<LockLike>, options: AcquireOptions): Thread =>
  (self) => {
    const lock = make(self);
    const taken = lock.acquire(options);
    if (taken) {
      self.visit();
      lock.release();
    }
    return taken;
  };

/** As `turns`, of a lock whose holder may die. */
export const survives =
  (make: Make<Lock>, rounds = 1): Thread =>
  (self) => {
    const lock = make(self);
    for (let round = 0; round < rounds; ++round) {
      self.forget(round);
      acquireOrRecover(self, lock);
      self.visit();
      lock.release();
    }
  };

/** Acquires a lock, recovers it first as often as that takes. */
export function acquireOrRecover(self: Self, lock: Lock): void {
  for (;;) {
    const taken = orCode(() => lock.acquire());
    if (taken === true) return;
    must(taken === "ABANDONED", `${taken} is ABANDONED`);
    lock.recover(() => self.bury());
  }
}

/** At the end, nobody who lives holds the lock; if nobody has died, it is free and works. */
export const lockIsFree: End = (words, results) => {
  const holder = holderOf(words[0]!);
  if (results.includes("dead")) {
    must(holder === 0 || results[(holder & 255) - 1] === "dead", "no living thread holds the lock");
    return;
  }
  must(words[0] === 0, "the lock is free");
  const lock = new Lock(words);
  must(lock.acquire({ blocking: false }), "the lock can be taken");
  lock.release();
  must(words[0] === 0 && words[1] === 0, "the lock is as it was at first");
};

import { Gil } from "../../../src/sync/gil.ts";
import { Condition, Event, Lock, Semaphore } from "../../../src/sync/index.ts";
import type { Steps } from "../../../src/sync/wait.ts";
import type { Agent } from "../../../src/sync/words.ts";
import type { LockLike } from "./programs.ts";
import type { Self } from "./scenario.ts";

// Mistakes that have been made, or were easy to make: the explorer must find each. As small as they can be: where src/sync has
// the place for it, a subclass of the real thing.

/** Looks whether it is free, then says that it is not: in between, another does the same. */
export class LooksThenTakes implements LockLike {
  readonly #words: Int32Array;

  constructor({ words }: Self) {
    this.#words = words;
  }

  acquire(): boolean {
    while (Atomics.load(this.#words, 0) !== 0) Atomics.wait(this.#words, 0, 1);
    Atomics.store(this.#words, 0, 1);
    return true;
  }

  release(): void {
    Atomics.store(this.#words, 0, 0);
    Atomics.notify(this.#words, 0, 1);
  }
}

/** Releases without waking who waits. */
export class WakesNobody extends Lock {
  override release(): void {
    Atomics.store(this.words, this.index, 0);
  }
}

/** Who has waited takes it as if nobody else waited ("Futexes are tricky", mutex 1 to 2): the third sleeps on. */
export class ForgetsOtherWaiters extends Lock {
  override take(state: number, _kind: number): boolean {
    return super.take(state, 1);
  }
}

/** The same mistake with a lock that was handed on, only. */
export class TakesPassedAsHeld extends Lock {
  override take(state: number, kind: number): boolean {
    return super.take(state, (state & 3) === 3 ? 1 : kind);
  }
}

/** Who gives up takes away the mark that somebody waits, as if nobody else did. */
export class GivesUpForAll extends Lock {
  override *steps(deadline: number): Steps<boolean> {
    const taken = yield* super.steps(deadline);
    const state = Atomics.load(this.words, this.index);
    if (!taken && (state & 3) === 2) Atomics.compareExchange(this.words, this.index, state, state - 1);
    return taken;
  }
}

/** Who was woken, and finds that its time is over, gives up without a look at the lock: nobody else is woken for it. */
export class GivesUpWhenWoken implements LockLike {
  readonly #words: Int32Array;

  constructor({ words }: Self) {
    this.#words = words;
  }

  acquire({ timeoutMs = Number.POSITIVE_INFINITY } = {}): boolean {
    const deadline = performance.now() + timeoutMs;
    if (Atomics.compareExchange(this.#words, 0, 0, 1) === 0) return true;
    while (Atomics.exchange(this.#words, 0, 2) !== 0) {
      Atomics.wait(this.#words, 0, 2, deadline - performance.now());
      if (performance.now() >= deadline) return false;
    }
    return true;
  }

  release(): void {
    if (Atomics.exchange(this.#words, 0, 0) === 2) Atomics.notify(this.#words, 0, 1);
  }
}

/** Hands nothing on: whoever is fast may have it again and again. */
export class HandsNothingOn extends Lock {
  override release(): void {
    Atomics.store(this.words, this.index + 1, 0);
    super.release();
  }
}

/**
 * Ends the handing on as soon as somebody gets it who has waited for less than a millisecond: our own mistake, which the explorer
 * found. Such a waiter may have gone to sleep before one that starves.
 */
export class EndsHandingOnEarly extends Lock {
  override *steps(deadline: number): Steps<boolean> {
    const start = performance.now();
    const taken = yield* super.steps(deadline);
    if (performance.now() - start < 1) Atomics.store(this.words, this.index + 1, 0);
    return taken;
  }
}

/** Names its holder in a word of its own: who dies between two words holds it for ever, and nobody knows. */
export class NamesHolderLate implements LockLike {
  readonly #words: Int32Array;
  readonly #agent: Agent;

  constructor({ words, agent }: Self) {
    this.#words = words;
    this.#agent = agent;
  }

  acquire(): boolean {
    while (Atomics.compareExchange(this.#words, 0, 0, 1) !== 0) {
      if (this.#agent.gone?.(Atomics.load(this.#words, 1))) return this.#recover();
      Atomics.wait(this.#words, 0, 1, 50);
    }
    Atomics.store(this.#words, 1, this.#agent.id);
    return true;
  }

  release(): void {
    Atomics.store(this.#words, 1, 0);
    Atomics.store(this.#words, 0, 0);
    Atomics.notify(this.#words, 0, 1);
  }

  #recover(): boolean {
    this.release();
    return this.acquire();
  }
}

/** Reads the word after it has given the lock back: a notification in between is lost. */
export class ReadsAfterUnlocking extends Condition {
  override wait(): boolean {
    this.lock.release();
    const seen = Atomics.load(this.words, this.index);
    const woken = Atomics.wait(this.words, this.index, seen, 50);
    this.lock.acquire();
    return woken === "ok";
  }
}

/** Looks for who waits before it raises the value. */
export class LooksForWaitersFirst extends Semaphore {
  override release(): void {
    const waiters = Atomics.load(this.words, this.index + 1);
    Atomics.add(this.words, this.index, 1);
    if (waiters > 0) Atomics.notify(this.words, this.index, 1);
  }
}

/** Wakes first, then sets the flag: who falls asleep in between sleeps on. */
export class WakesThenSets extends Event {
  override set(): void {
    Atomics.notify(this.words, this.index);
    Atomics.add(this.words, this.index, 3);
  }
}

/** Reads the round after it has arrived: the last one may have ended it by then. */
export class ReadsRoundLate {
  readonly #words: Int32Array;
  readonly #parties: number;

  constructor({ words }: Self, parties: number) {
    this.#words = words;
    this.#parties = parties;
  }

  wait(): void {
    if (Atomics.add(this.#words, 0, 1) === this.#parties - 1) {
      Atomics.store(this.#words, 0, 0);
      Atomics.add(this.#words, 1, 1);
      Atomics.notify(this.#words, 1);
      return;
    }
    const round = Atomics.load(this.#words, 1);
    while (Atomics.load(this.#words, 1) === round) Atomics.wait(this.#words, 1, round, 50);
  }
}

/** Its holder waits for a switch as long as that takes: for ever, if the thread that asked for it has died. */
export class WaitsForTheDead extends Gil {
  override checkpoint(): boolean {
    const { words, index } = this;
    if (Atomics.load(words, index + 1) === 0) return false;
    const { switches } = this;
    this.release();
    while (this.switches === switches) Atomics.wait(words, index + 2, switches);
    this.acquire();
    return true;
  }
}

/** Asks for a switch once, then sleeps: our own mistake, which the explorer found. Who takes it clears all requests. */
export class AsksOnce extends Gil {
  override acquire(): void {
    const { words, index, agent } = this;
    for (let asked = false; Atomics.compareExchange(words, index, 0, agent.id) !== 0; ) {
      const holder = Atomics.load(words, index);
      if (holder === 0) continue;
      if (asked) Atomics.store(words, index + 1, agent.id);
      asked = Atomics.wait(words, index, holder, asked ? 50 : this.switchInterval) === "timed-out";
    }
    Atomics.store(words, index + 1, 0);
    Atomics.add(words, index + 2, 1);
    Atomics.notify(words, index + 2);
  }
}

/** An agent that looks for a deadlock, but does not say that it waits: the next one does not see it. */
export function looksOnly(agent: Agent): Agent {
  return {
    ...agent,
    enter(words, index) {
      agent.enter!(words, index)();
      return () => {};
    },
  };
}

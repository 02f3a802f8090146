import { LockError } from "../errors.ts";
import { type AcquireOptions, deadlineFor, Lockable } from "./lockable.ts";
import { block, blockAsync, SLICE_MS, type Steps } from "./wait.ts";
import type { Agent } from "./words.ts";

/*
 * The state word is 0, or a number in its upper 30 bits and one of these in its lower two: Drepper's three states
 * ("Futexes are tricky", 2011, mutex 2), and one more for fairness. The holder's id is in the same word, not in a second
 * one: a thread that died between two writes would be a holder whom nobody can name.
 */
export const FREE = 0;
/** Held, and nobody waits. */
export const HELD = 1;
/** Held, and somebody may wait: the release must wake one. */
export const CONTENDED = 2;
/** Handed on: free, but for threads that have waited. The number is the time of the release. */
const PASSED = 3;

/**
 * Looks at the word before sleeping: 3 µs of them, as long as Rust's and musl's hundred take, which pause in between. Two
 * threads that hold the lock for 2 µs and leave it for 2 µs get 80 % of a spinlock's throughput with 100 of them, 90 % with
 * 300, 93 % with 1000, 50 % with none (bench lock, Node 20); where nothing but the lock is to be done, there is no difference.
 */
const SPINS = 300;

/** A waiter that has waited this long asks for the lock to be handed on: CPython's TIME_TO_BE_FAIR_NS, Go's starvationThresholdNs. */
const FAIR_MS = 1;

/** A lock handed on is taken within microseconds, or by a waiter within a slice; after twice that, by anyone. */
const STALE_MS = 2 * SLICE_MS;

const kindOf = (state: number): number => state & 3;
const millisecond = (): number => Date.now() & 0xfffffff;

/** The thread that a state word names, 0 for none. */
export function holderOf(state: number): number {
  const kind = kindOf(state);
  return kind === HELD || kind === CONTENDED ? state >>> 2 : 0;
}

/**
 * Whether a lock was handed on so long ago that the waiter it was meant for must have died. (Clocks that were set back
 * meanwhile make it seem so, too: that is unfair to that waiter, and harmless.)
 */
const isStale = (state: number): boolean => Math.abs(millisecond() - (state >>> 2)) > STALE_MS;

/**
 * Mutual exclusion, as Python's `threading.Lock`: not reentrant, and any thread may release it.
 *
 *     word 0  state: 0, or holder << 2 | HELD or CONTENDED, or time << 2 | PASSED
 *     word 1  while the lock is handed on at each release: the id of the waiter that asked for it last, else 0
 *
 * Three states after Drepper; starving waiters are served as in Go's sync.Mutex: normally whoever comes first gets the lock
 * ("barging", which is fast), but a waiter that has waited for 1 ms has it handed on from then on, first come, first
 * served (Atomics.notify wakes in the order of waiting), until the last waiter that asked for this has got it.
 *
 * Every operation on the words is a sequentially consistent Atomics call, so what one thread wrote before release() is
 * seen by the next after acquire().
 */
export class Lock extends Lockable {
  /** Bytes of a lock's words. */
  static readonly BYTES: number = 8;
  static readonly KIND: string = "Lock";

  /**
   * Takes the lock; waits until it is free. Blocks: not for a browser's main thread.
   * @returns whether the lock was taken; false only if not blocking, or after the time limit.
   * @throws LockError: `ABANDONED` if its holder has ended (see recover()), `TIMEOUT` for options that make no sense,
   * `BLOCKING` where this thread may not block, `DEADLOCK` (contexts with `debug`).
   */
  acquire(options?: AcquireOptions): boolean {
    const deadline = options === undefined ? Number.POSITIVE_INFINITY : deadlineFor(options);
    if (this.take(FREE, HELD)) return true;
    if (deadline === 0) return this.#barge();
    const { words, index, agent } = this;
    const leave = deadline === Number.POSITIVE_INFINITY ? agent.enter?.(words, index) : undefined;
    try {
      return block(this.steps(deadline), words, index);
    } finally {
      leave?.();
    }
  }

  /** As acquire(), leaving the event loop free. Any thread may call it. */
  async acquireAsync(options?: AcquireOptions): Promise<boolean> {
    const deadline = options === undefined ? Number.POSITIVE_INFINITY : deadlineFor(options);
    return this.take(FREE, HELD) || (deadline === 0 ? this.#barge() : blockAsync(this.steps(deadline)));
  }

  /**
   * Gives the lock back, whoever holds it, and wakes one who waits. Never blocks; any thread may call it.
   * @throws LockError (`UNLOCKED`) if nobody holds it; it stays free.
   */
  release(): void {
    const { words, index } = this;
    // A waiter that begins to starve after this load is served at the next release.
    const next = Atomics.load(words, index + 1) === 0 ? FREE : (millisecond() << 2) | PASSED;
    // One exchange frees the lock and tells what it was: two threads that release at once cannot both see it held.
    const state = Atomics.exchange(words, index, next);
    if (kindOf(state) !== HELD || next !== FREE) this.#wake(state, next);
  }

  /** Whether the lock is held at the moment. Never blocks. */
  locked(): boolean {
    return this.holder !== 0;
  }

  /** Id of the thread that holds the lock, 0 if none does: for diagnostics. Never blocks. */
  get holder(): number {
    return holderOf(Atomics.load(this.words, this.index));
  }

  /**
   * Makes a lock usable again whose holder has ended without releasing it (POSIX: pthread_mutex_consistent). Never blocks.
   *
   * @param repair runs while this thread holds the lock, before anyone else can have it: to put right what the dead
   * thread left half done.
   * @returns whether there was anything to recover, and this call did it: the lock is free then.
   */
  recover(repair?: () => void): boolean {
    const { words, index, agent } = this;
    const state = Atomics.load(words, index);
    if (!agent.gone?.(holderOf(state)) || !this.take(state, CONTENDED)) return false;
    try {
      repair?.();
    } finally {
      this.release();
    }
    return true;
  }

  /** From `state` to held by this thread, if it is still so. @internal */
  take(state: number, kind: number): boolean {
    return Atomics.compareExchange(this.words, this.index, state, (this.agent.id << 2) | kind) === state;
  }

  /** Gives all of it back, for a while; rewind() restores what this returns. @internal */
  unwind(): number {
    this.release();
    return 1;
  }

  /** After the lock was taken again. @internal */
  rewind(_depth: number): void {}

  /** Takes it once more if this thread holds it already, and may. @internal */
  again(): boolean {
    return false;
  }

  /** Takes the lock or gives up at `deadline`. @internal */
  *steps(deadline: number): Steps<boolean> {
    const { words, index, agent } = this;
    for (let spin = 0; spin < SPINS; ++spin) {
      const state = Atomics.load(words, index);
      // Nobody has woken this thread, so it owes nobody a wake-up: HELD is right.
      if (state === FREE && this.take(FREE, HELD)) return true;
      // Others sleep already: so long is the wait.
      if (kindOf(state) > HELD) break;
    }
    const start = performance.now();
    let hasWaited = false;
    for (;;) {
      let state = Atomics.load(words, index);
      const kind = kindOf(state);
      if (state === FREE || (kind === PASSED && (hasWaited || isStale(state)))) {
        // CONTENDED, though perhaps nobody waits: this thread may have used up the only wake-up of the last release, with
        // others asleep. At worst, its own release wakes nobody.
        if (!this.take(state, CONTENDED)) continue;
        this.#served();
        return true;
      }
      if (kind !== PASSED) checkHolder(agent, state);
      if (kind === HELD) {
        // Before giving up, too: a thread that was woken and gives up leaves the mark for those still asleep.
        const marked = state - HELD + CONTENDED;
        if (Atomics.compareExchange(words, index, state, marked) !== state) continue;
        state = marked;
      }
      // An RLock that another asynchronous function of this thread has got meanwhile. It is marked: should this waiter have
      // used up a wake-up, the last release passes it on.
      if (this.again()) return true;
      const now = performance.now();
      if (now >= deadline) {
        this.#served();
        return false;
      }
      const fair = start + FAIR_MS;
      if (now >= fair) Atomics.store(words, index + 1, agent.id);
      // Had the lock been released since `state` was read, the wait would end at once: no wake-up is lost. Asleep on
      // PASSED, this thread is woken by who takes the lock: that is always as CONTENDED.
      const woken = yield [words, index, state, Math.min(now < fair ? fair - now : SLICE_MS, deadline - now)];
      // The first millisecond does not count: the waiter that a lock was passed to may take longer than that to wake up, and
      // whoever came meanwhile would overtake it, again and again.
      if (woken === "ok" || (woken === "timed-out" && now >= fair)) hasWaited = true;
    }
  }

  /**
   * Ends the handing on if this thread was the last that asked for it, or if the last has ended: who asked before went to sleep
   * before, and so was served before. (Where two ask at once and go to sleep in the other order, one is woken by a later
   * release that is not handed on, may find the lock taken, and asks again.)
   *
   * Not as soon as somebody gets the lock who has waited for less than others, as in Go: a waiter that begins to starve goes to
   * sleep anew, behind some that came later. They would end it each time, and it would starve.
   */
  #served(): void {
    const { words, index, agent } = this;
    const last = Atomics.load(words, index + 1);
    if (last === agent.id || agent.gone?.(last)) Atomics.compareExchange(words, index + 1, last, 0);
  }

  /** Not blocking. A lock that was handed on is left to who waits. */
  #barge(): boolean {
    const state = Atomics.load(this.words, this.index);
    if (state === FREE) return this.take(FREE, HELD);
    if (kindOf(state) === PASSED) return isStale(state) && this.take(state, CONTENDED);
    checkHolder(this.agent, state);
    return false;
  }

  /** The rest of release(): the state was `state` and is `next`. */
  #wake(state: number, next: number): void {
    const { words, index } = this;
    if (next === FREE) {
      // Also where it was PASSED (that is the error below): somebody may be about to fall asleep on that, or be asleep.
      if (kindOf(state) > HELD) Atomics.notify(words, index, 1);
    } else if (Atomics.notify(words, index, 1) === 0) {
      // Nobody is asleep, so nobody starves. Who is about to fall asleep on what was handed on must not.
      Atomics.store(words, index + 1, 0);
      if (Atomics.compareExchange(words, index, next, FREE) === next) Atomics.notify(words, index, 1);
    }
    // Whatever the word became above, it is free for those who want it.
    if (holderOf(state) === 0) {
      throw new LockError("UNLOCKED", "release: nobody holds this lock. Release once for each acquire().");
    }
  }
}

/** @throws LockError (`ABANDONED`) if the thread that a state word names has ended. */
function checkHolder(agent: Agent, state: number): void {
  const holder = holderOf(state);
  if (agent.gone?.(holder)) {
    throw new LockError(
      "ABANDONED",
      `Thread ${holder & 255} ended while it held this lock; what it guards may be half done: recover() it.`,
    );
  }
}

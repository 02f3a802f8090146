import { LockError } from "../errors.ts";
import { holderOf } from "./lock.ts";
import { block, blockAsync, deadlineOf, type Steps, type TimeLimit, until } from "./wait.ts";
import type { Agent } from "./words.ts";

/*
 * A thread's id: slot + 1 in its lower 8 bits, above them the slot's generation (20 bits). A slot is used again when its
 * thread has ended; the id is not, for a million threads.
 *
 * A slot's words:
 *
 *     word 0  0 free, 1 taken
 *     word 1  generation of its thread
 *     word 2  generation of the last thread that has ended
 *     word 3  while its thread is blocked without a limit: 1 + the index of the lock's first word
 *     word 4, 5  what is to be given back when its thread has ended: two numbers, the first is not 0
 */
const TAKEN = 0;
const GENERATION = 1;
const ENDED = 2;
const BLOCKED = 3;
const ESTATE = 4;
const SLOT_WORDS = 16;
const GENERATIONS = 2 ** 20;

/** Slots, and so threads at a time: an id has 8 bits for it, and 0 is nobody. */
const THREADS = 255;

const slotOf = (id: number): number => (id & 255) - 1;

/**
 * The threads that use a memory: who is alive, and who is blocked on what. In shared memory, so that a thread sees
 * another's death even if nothing but a lock connects them.
 */
export class ThreadTable {
  /** Bytes of the table: a cache line a thread. */
  static readonly BYTES: number = THREADS * SLOT_WORDS * 4;
  readonly #words: Int32Array;
  readonly #index: number;

  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
  }

  /** A new thread's id. @throws LockError (`VALUE`) if there are 255 already. */
  claim(): number {
    const words = this.#words;
    for (let slot = 0; slot < THREADS; ++slot) {
      const at = this.#at(slot);
      if (Atomics.compareExchange(words, at + TAKEN, 0, 1) !== 0) continue;
      const generation = (Atomics.load(words, at + GENERATION) + 1) % GENERATIONS;
      Atomics.store(words, at + BLOCKED, 0);
      Atomics.store(words, at + ESTATE, 0);
      Atomics.store(words, at + GENERATION, generation);
      return (generation << 8) | (slot + 1);
    }
    throw new LockError("VALUE", `There are ${THREADS} threads on this memory already. join() some.`);
  }

  /** To be called when a thread has ended, or will never touch the memory again; once more does no harm. */
  end(id: number): void {
    const at = this.#at(slotOf(id));
    const ended = Atomics.load(this.#words, at + ENDED);
    // Of two that say so at once, one goes on: the other would free the slot when it may be a new thread's already.
    if (this.gone(id) || Atomics.compareExchange(this.#words, at + ENDED, ended, id >>> 8) !== ended) return;
    Atomics.notify(this.#words, at + ENDED);
    Atomics.store(this.#words, at + TAKEN, 0);
  }

  /** Whether a thread has ended. Nobody (0) has not. */
  gone(id: number): boolean {
    if (id === 0) return false;
    const ended = Atomics.load(this.#words, this.#at(slotOf(id)) + ENDED);
    // The generations go around: what lies less than half of them back has ended.
    return (ended - (id >>> 8) + GENERATIONS) % GENERATIONS < GENERATIONS / 2;
  }

  /** Waits until a thread has ended; false after the time limit. Blocks: not for a browser's main thread. */
  waitEnd(id: number, limit?: TimeLimit): boolean {
    const deadline = deadlineOf(limit);
    return this.gone(id) || block(this.#endSteps(id, deadline), this.#words, this.#index);
  }

  /** As waitEnd() without a limit, leaving the event loop free. */
  async waitEndAsync(id: number): Promise<void> {
    if (!this.gone(id)) await blockAsync(this.#endSteps(id, Number.POSITIVE_INFINITY));
  }

  /** A living thread says what others shall give back when it has ended; 0 for nothing. */
  bequeath(id: number, one: number, other: number): void {
    const at = this.#at(slotOf(id)) + ESTATE;
    Atomics.store(this.#words, at + 1, other);
    Atomics.store(this.#words, at, one);
  }

  /** What a thread, of which end() does not know yet, has left. */
  estate(id: number): [one: number, other: number] {
    const at = this.#at(slotOf(id)) + ESTATE;
    return [Atomics.load(this.#words, at), Atomics.load(this.#words, at + 1)];
  }

  /** How many threads there are now. */
  get count(): number {
    let count = 0;
    for (let slot = 0; slot < THREADS; ++slot) count += Atomics.load(this.#words, this.#at(slot) + TAKEN);
    return count;
  }

  /** The agent of one of the threads; `debug`: it notices deadlocks. */
  agent(id: number, context: number, debug: boolean): Agent {
    const agent = { id, context, gone: (other: number) => this.gone(other) };
    return debug ? { ...agent, enter: (words, index) => this.#enter(id, words, index) } : agent;
  }

  *#endSteps(id: number, deadline: number): Steps<boolean> {
    const at = this.#at(slotOf(id)) + ENDED;
    for (;;) {
      const ended = Atomics.load(this.#words, at);
      if (this.gone(id)) return true;
      if (performance.now() >= deadline) return false;
      yield until(this.#words, at, ended, deadline);
    }
  }

  #at(slot: number): number {
    return this.#index + slot * SLOT_WORDS;
  }

  /**
   * Says that a thread waits for a lock. The last thread of a cycle to say so sees all of it (every access is sequentially
   * consistent), and throws instead of waiting.
   */
  #enter(id: number, words: Int32Array, index: number): () => void {
    const blocked = this.#at(slotOf(id)) + BLOCKED;
    Atomics.store(this.#words, blocked, index + 1);
    const leave = (): void => {
      Atomics.store(this.#words, blocked, 0);
    };
    const cycle = this.#cycle(id, words, index);
    // Once more: each holder was found blocked, and held what the one before waits for, at the same time.
    if (cycle === undefined || String(this.#cycle(id, words, index)) !== String(cycle)) return leave;
    leave();
    const links = cycle.map(([lock, holder]) => `the lock at word ${lock}, held by thread ${holder & 255}`);
    throw new LockError(
      "DEADLOCK",
      `Thread ${id & 255} would wait for ever: it waits for ${links.join(", which waits for ")}. Take locks in one order everywhere.`,
    );
  }

  /** From lock to holder to the lock that it waits for, until it comes back to this thread. */
  #cycle(id: number, words: Int32Array, first: number): [lock: number, holder: number][] | undefined {
    const cycle: [number, number][] = [];
    let lock = first;
    while (cycle.length < THREADS) {
      // A circle without this thread is another's deadlock, or a thread that has just got what it says it waits for.
      if (cycle.some(([seen]) => seen === lock)) return undefined;
      const holder = holderOf(Atomics.load(words, lock));
      cycle.push([lock, holder]);
      if (holder === id) return cycle;
      if (holder === 0 || this.gone(holder)) return undefined;
      const next = Atomics.load(this.#words, this.#at(slotOf(holder)) + BLOCKED);
      if (next === 0) return undefined;
      lock = next - 1;
    }
    return undefined;
  }
}

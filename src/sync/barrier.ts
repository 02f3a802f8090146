import { LockError } from "../errors.ts";
import { block, blockAsync, deadlineOf, type Steps, type TimeLimit, until } from "./wait.ts";
import { type Agent, HERE, Primitive } from "./words.ts";

/*
 * The state word:
 *
 *     31        18 17      12   11    10       0
 *     │ trips     │ resets   │broken│ arrived  │
 *
 * All in one word, so that each of arriving, tripping, breaking and resetting is one compareExchange, and no thread sees half
 * of it. Trips and resets wrap around; a waiter would have to sleep through 2¹⁴ trips that woke it to mistake one for another.
 */
const ARRIVED = 0x7ff;
const BROKEN = 0x800;
const RESET = 0x1000;
const RESETS = 0x3f000;
const TRIP = 0x40000;
const TRIPS = ~0x3ffff;

/** What a barrier is made with. */
export interface BarrierOptions extends TimeLimit {
  /** Called by the last thread to arrive, before any goes on. If it throws, the barrier is broken. */
  action?: () => void;
}

/**
 * So many threads wait for each other, again and again, as Python's `threading.Barrier`.
 *
 *     word 0  the state, see above
 *     word 1  parties
 *     word 2  the thread that runs the action
 */
export class Barrier extends Primitive {
  static readonly BYTES: number = 12;
  static readonly KIND: string = "Barrier";

  /** For this handle: what it does if it is the last to arrive, and the limit of wait() without one. */
  readonly options: BarrierOptions;

  /**
   * A handle on a barrier whose words begin at `words[index]`; nothing is written: init() says for how many.
   * @throws LockError (`WORDS`) if the buffer is not shared or too short.
   */
  constructor(words: Int32Array, index = 0, agent: Agent = HERE, options: BarrierOptions = {}) {
    super(words, index, agent);
    this.options = options;
  }

  /**
   * For how many threads, before any uses it.
   * @throws LockError (`VALUE`) if that is no whole number from 1 to 2047.
   */
  init(parties: number): this {
    if (!(Number.isInteger(parties) && parties >= 1 && parties <= ARRIVED)) {
      throw new LockError("VALUE", `A barrier has parties from 1 to ${ARRIVED}, not ${parties}.`);
    }
    Atomics.store(this.words, this.index + 1, parties);
    return this;
  }

  /** How many threads must arrive. */
  get parties(): number {
    return Atomics.load(this.words, this.index + 1);
  }

  /** How many threads wait at the moment: none if the barrier is broken, whatever is left in its word. Never blocks. */
  get nWaiting(): number {
    return this.broken ? 0 : this.#state & ARRIVED;
  }

  /** Whether the barrier is broken: then wait() throws, until reset(). Never blocks. */
  get broken(): boolean {
    return (this.#state & BROKEN) !== 0;
  }

  get #state(): number {
    return Atomics.load(this.words, this.index);
  }

  /**
   * Waits until all parties have arrived. Blocks: not for a browser's main thread.
   * @returns 0 … parties − 1, a different number in each thread.
   * @throws LockError: `BROKEN` if the barrier is or becomes broken (by a time limit that ends, in any of the threads, by
   * abort(), reset(), or an action that throws, whose error the acting thread gets), `TIMEOUT`, `BLOCKING`.
   */
  wait(limit?: TimeLimit): number {
    return block(this.#steps(deadlineOf(limit, this.options.timeoutMs)), this.words, this.index);
  }

  /** As wait(), leaving the event loop free. */
  async waitAsync(limit?: TimeLimit): Promise<number> {
    return blockAsync(this.#steps(deadlineOf(limit, this.options.timeoutMs)));
  }

  /** Breaks the barrier: all who wait, and all who come, get an error. Never blocks; any thread may call it. */
  abort(): void {
    Atomics.or(this.words, this.index, BROKEN);
    Atomics.notify(this.words, this.index);
  }

  /** Empty and whole again; who waits gets an error. Never blocks; any thread may call it. */
  reset(): void {
    this.#change((state) => (state & TRIPS) | ((state + RESET) & RESETS));
    Atomics.notify(this.words, this.index);
  }

  #change(to: (state: number) => number): void {
    for (;;) {
      const state = this.#state;
      if (this.#replace(state, to(state))) return;
    }
  }

  #replace(state: number, by: number): boolean {
    return Atomics.compareExchange(this.words, this.index, state, by) === state;
  }

  /** All have arrived: `state` is that of their arrival. */
  #trip(state: number): boolean {
    if (!this.#replace(state, ((state & TRIPS) + TRIP) | (state & RESETS))) return false;
    Atomics.notify(this.words, this.index);
    return true;
  }

  *#steps(deadline: number): Steps<number> {
    const { words, index, parties } = this;
    const { action } = this.options;
    if (parties === 0) throw new LockError("VALUE", "init() this barrier first.");
    for (;;) {
      const state = this.#state;
      const arrived = state & ARRIVED;
      if (state & BROKEN) throw broken("it was broken before");
      // One more than the parties, while the action runs: it is for the next round.
      if (arrived === parties) yield* this.#sleep(state, deadline);
      else if (arrived < parties - 1) {
        if (this.#replace(state, state + 1)) return yield* this.#others(state + 1, arrived, deadline);
      } else if (action === undefined) {
        // The last one trips it at once: there is no moment at which its death would leave the others waiting.
        if (this.#trip(state)) return arrived;
      } else {
        // Named first, so that the others know whose death to notice.
        Atomics.store(words, index + 2, this.agent.id);
        if (this.#replace(state, state + 1)) return this.#act(action, state + 1);
      }
    }
  }

  #act(action: () => void, state: number): number {
    try {
      action();
    } catch (error) {
      this.abort();
      throw error;
    }
    if (this.#trip(state)) return (state & ARRIVED) - 1;
    throw broken("it was reset");
  }

  /** Waits for the others; `index` is what this thread will return. */
  *#others(entered: number, index: number, deadline: number): Steps<number> {
    for (;;) {
      const state = this.#state;
      // A reset is told also to those that had not gone on yet when it came (CPython lets those go).
      if ((state ^ entered) & RESETS) throw broken("it was reset");
      if ((state ^ entered) & TRIPS) return index;
      if (state & BROKEN) throw broken("a thread gave up, or called abort()");
      yield* this.#sleep(state, deadline);
    }
  }

  /** One wait; breaks the barrier at the deadline, or if the thread has ended that should call the action. */
  *#sleep(state: number, deadline: number): Steps<void> {
    const { words, index, agent } = this;
    const actor = (state & ARRIVED) === this.parties ? Atomics.load(words, index + 2) : 0;
    if (performance.now() < deadline && !agent.gone?.(actor)) yield until(words, index, state, deadline);
    else if (this.#replace(state, state | BROKEN)) Atomics.notify(words, index);
  }
}

function broken(why: string): LockError {
  return new LockError("BROKEN", `This barrier is broken: ${why}. reset() makes it whole.`);
}

import { LockError } from "../errors.ts";
import type { Lock } from "./lock.ts";
import { DISPOSE, isShared } from "./wait.ts";

/**
 * Who calls: the identity that a primitive writes into its words, and what is known of other threads. One for each
 * thread; a context has one with a table of threads behind it, without a context it is HERE.
 */
export interface Agent {
  /** 1 … 2²⁸ − 1, different in every thread that uses the same words. */
  readonly id: number;
  /**
   * The context that the words belong to, if any: its threads have its memory, and need only the index. If that is not shared, there
   * are no others.
   */
  readonly context?: number;
  /** Whether a thread has ended. Without it, or for threads that nobody knows, no thread ever has. */
  readonly gone?: (id: number) => boolean;
  /**
   * Called before a wait without a limit for what a thread holds; what it returns is called when the wait is over.
   * @throws LockError (`DEADLOCK`) if waiting would close a cycle.
   */
  readonly enter?: (words: Int32Array, index: number) => () => void;
}

/**
 * The agent of a thread that no context knows. Its id is drawn by lot: of a hundred threads, two have the same once in
 * 50,000 programs. Who has numbers of their own passes `{ id }`.
 */
export const HERE: Agent = { id: 1 + Math.floor(Math.random() * (2 ** 28 - 1)) };

/** What postMessage() carries of a primitive: its words are shared, not copied. */
export interface Shared<T extends Primitive = Primitive> {
  readonly blasm: string;
  /** The words; of a context's primitive the context, which is adopted by what else is in it: `la.adopt()`. */
  readonly words: Int32Array | number;
  readonly index: number;
  /** The lock of a condition. */
  readonly lock?: Shared<Lock>;
  /** Only a type: what attach() makes of it. */
  readonly as?: T;
}

/** What every class of primitives says of itself. */
interface Kind {
  /** Its name for share() and attach(), which no minifier changes. */
  readonly KIND: string;
  readonly BYTES: number;
}

/**
 * A synchronization primitive: some words of shared memory, and a handle on them. All state is in the words, so any number
 * of handles in any number of threads are the same primitive. Words that are all 0 are a primitive in its first state.
 */
export class Primitive {
  /** The words; the primitive's first is at `index`. */
  readonly words: Int32Array;
  readonly index: number;
  /** @internal */
  readonly agent: Agent;
  #free: (() => void) | undefined;

  /**
   * A handle on a primitive whose words begin at `words[index]`: nothing is written. Never blocks.
   * @param words an Int32Array over shared memory.
   * @param agent who calls, in a context; else left out.
   * @throws LockError (`WORDS`) if the buffer is not shared (but a context's may be its own) or does not reach that far.
   */
  constructor(words: Int32Array, index = 0, agent: Agent = HERE) {
    if (!(words instanceof Int32Array && (isShared(words.buffer) || agent.context !== undefined))) {
      throw new LockError("WORDS", "The words must be an Int32Array over shared memory.");
    }
    const { KIND, BYTES } = new.target as unknown as Kind;
    const last = words.length - BYTES / 4;
    if (!(Number.isInteger(index) && index >= 0 && index <= last)) {
      throw new LockError(
        "WORDS",
        `Word index ${index} is no whole number from 0 to ${last}: a ${KIND} takes ${BYTES / 4} of ${words.length} words.`,
      );
    }
    this.words = words;
    this.index = index;
    this.agent = agent;
  }

  /** Says what gives the words back. @internal */
  owns(free: () => void): void {
    this.#free = free;
  }

  /**
   * Gives the words back, if this handle is the one that a context has made: when no thread uses them any more. `using` calls
   * it. Once more does no harm.
   */
  [DISPOSE](): void {
    this.#free?.();
    this.#free = undefined;
  }

  /** What to post to another thread, for attach() there. Never blocks; any thread may call it. */
  share(): Shared<this> {
    const { words, index, agent } = this;
    return { blasm: (this.constructor as unknown as Kind).KIND, words: agent.context ?? words, index };
  }
}

import type { LockErrorCode } from "../../../src/errors.ts";
import { LockError } from "../../../src/sync/index.ts";
import { ThreadTable } from "../../../src/sync/threads.ts";
import type { Agent } from "../../../src/sync/words.ts";
import { sharedWords } from "./instruments.ts";
import { ask } from "./script.ts";

/** What some simulated threads do, and what must be true of it. */
export interface Scenario {
  /**
   * One function a thread. Each must be deterministic, and make the primitives that it uses: it is run again and again. What it
   * returns is for `end`; an exception that it throws is a failure.
   */
  readonly threads: readonly ((self: Self) => unknown)[];
  /** Names of the words, for traces. There are at least so many words. */
  readonly names: readonly string[];
  /** Gives the words their first values, which are else 0; runs before the threads, on its own. */
  readonly setup?: (words: Int32Array) => void;
  /** Runs when all threads have ended, on its own; throws if something is wrong then. */
  readonly end?: (words: Int32Array, results: readonly unknown[]) => void;
  /** How many threads may be in a room at once: see Self.enter(). Default 1. */
  readonly capacity?: number;
  /** How often others may enter a room while one thread sleeps that is past a lock's 1 ms. Default: as often as they like. */
  readonly overtaking?: number;
  /** How many of the threads, the last ones, never end by themselves: it is over when they sleep and the others have ended. */
  readonly daemons?: number;
  /** Whether a wait's 50 ms may be over at any time, too, as one more of the bounded time-outs. */
  readonly slices?: boolean;
  /** Threads that may die before any of their operations. All threads then know a ThreadTable, as in a context. */
  readonly mortals?: readonly number[];
  /** When they may; default: always. */
  readonly mayDie?: (words: readonly number[]) => boolean;
  /** Whether the agents notice deadlocks. */
  readonly debug?: boolean;
}

const LEAST_WORDS = 16;
const SLOT_WORDS = 16;

/** The shared memory of a scenario: the words of its primitives, behind them a table of its threads. */
export class Memory {
  readonly words: Int32Array;
  readonly agents: readonly Agent[];
  readonly table: ThreadTable | undefined;

  constructor({ threads, names, mortals, setup, debug = false }: Scenario) {
    const space = Math.max(LEAST_WORDS, names.length);
    const known = mortals !== undefined || debug;
    // Only the first slots of the table are used, so only they need be there; two for who claims another.
    this.words = sharedWords(space + (known ? SLOT_WORDS * (threads.length + 2) : 0));
    setup?.(this.words);
    const table = known ? new ThreadTable(this.words, space) : undefined;
    this.table = table;
    this.agents = threads.map((_, at) => (table ? table.agent(table.claim(), 0, debug) : { id: at + 1 }));
  }
}

/** What a simulated thread has besides Atomics. */
export class Self {
  readonly words: Int32Array;
  readonly agent: Agent;
  readonly #agents: readonly Agent[];
  readonly #table: ThreadTable | undefined;

  constructor({ words, agents, table }: Memory, thread: number) {
    this.words = words;
    this.agent = agents[thread]!;
    this.#agents = agents;
    this.#table = table;
  }

  /** Another thread's id. */
  idOf(thread: number): number {
    return this.#agents[thread]!.id;
  }

  get table(): ThreadTable {
    if (this.#table === undefined) throw new Error("This scenario has no table: give it mortals, or debug.");
    return this.#table;
  }

  /** Goes where only so many may be at once, as Scenario.capacity says: there the world looks. */
  enter(room = 0): void {
    ask("enter", room);
  }

  leave(room = 0): void {
    ask("leave", room);
  }

  /** Enters and leaves. */
  visit(room = 0): void {
    this.enter(room);
    this.leave(room);
  }

  /** Takes who died in a room out of it. */
  bury(room = 0): void {
    ask("bury", room);
  }

  /** Has nothing to do until anything has changed since it last paused: in loops that would else be run through for ever. */
  pause(): void {
    ask("pause");
  }

  /**
   * Promises that these numbers are all that this thread will remember of what was before: its pasts that agree in them are one
   * to the explorer. That makes loops cheap.
   */
  forget(...but: number[]): void {
    ask("forget", -1, ...but);
  }
}

/**
 * A time limit of a simulated thread: a little more than `ms` milliseconds. The world's clock counts whole ones, so no other
 * wait than one with such a limit is for a fraction of them (see world.ts).
 */
export const limit = (ms: number): number => ms + 0.25;

/** What `run` returns, or the code of the LockError that it throws. */
export function orCode<R>(run: () => R): R | LockErrorCode {
  try {
    return run();
  } catch (error) {
    if (error instanceof LockError) return error.code;
    throw error;
  }
}

/** What else must be true when a scenario's threads have ended: see must(). */
export type End = NonNullable<Scenario["end"]>;

/** For simulated threads and ends: throws unless `true`. (vitest's expect() would read clocks.) */
export function must(be: boolean, what: string): void {
  if (!be) throw new Error(`it must be so: ${what}`);
}

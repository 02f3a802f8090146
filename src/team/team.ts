import type { ThreadTable } from "../sync/threads.ts";
import { MEMBERS_MAX, type TicketBoard } from "../sync/ticket.ts";
import { Ledger } from "./ledger.ts";

/** A member that dies at once is not started again at once. */
const RESTART_MS = 100;

/** Who computes together: the calling thread and members, which are threads that wait for tickets on a board. */
export class Team {
  readonly board: TicketBoard;
  readonly ledger: Ledger;
  /** The calling thread. */
  readonly thread: number;
  readonly #table: ThreadTable;
  readonly #start: (member: number) => number;
  /** The last of the asynchronous jobs of this thread: the next one waits for it. */
  queue: Promise<void> = Promise.resolve();
  /** Milliseconds from some fixed start. */
  readonly now: () => number;
  #size: number;
  #failure: string | undefined;
  /** When each member was started last. */
  readonly #started: number[] = [];

  /**
   * @param size how many compute, the caller included.
   * @param start starts a member's thread, returns its id.
   */
  constructor(board: TicketBoard, table: ThreadTable, { thread, size, start, now }: TeamOptions) {
    this.board = board;
    this.thread = thread;
    this.#table = table;
    this.#start = start;
    this.now = now;
    this.ledger = new Ledger(now);
    this.#size = size;
  }

  /** How many compute, the caller included. */
  get size(): number {
    return this.#size;
  }

  set size(size: number) {
    this.#size = size;
  }

  /** Why members could not be started; undefined if they could. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Starts the members that are missing: the first time all, later those that have died. Does not wait for them. */
  prepare(members: number = this.#size - 1): void {
    const wanted = Math.min(members, MEMBERS_MAX);
    if (this.board.limit !== wanted) this.board.limit = wanted;
    for (let member = 0; member < wanted; ++member) {
      const thread = this.board.memberThread(member);
      if (thread !== 0 && !this.#table.gone(thread)) continue;
      if (this.now() - (this.#started[member] ?? Number.NEGATIVE_INFINITY) < RESTART_MS) continue;
      this.#started[member] = this.now();
      try {
        const started = this.#start(member);
        this.board.replaceMember(member, thread, started);
        this.#failure = undefined;
      } catch (error) {
        this.#failure = (error as Error).message;
        return;
      }
    }
  }

  /** Whether any member is there: the first ones take 50 ms to start. */
  get isThere(): boolean {
    for (let member = 0; member < this.board.limit; ++member) {
      if (this.board.hasBegun(member) && !this.#table.gone(this.board.memberThread(member))) return true;
    }
    return false;
  }

  /**
   * Whether tickets are lost: all have been taken, nobody who lives may have one, a member has died, and yet some are not
   * finished. In this order: a member says that it may have one before it takes it, and that it has none after it is finished.
   */
  readonly lost = (): boolean => {
    const { board } = this;
    const threads = Array.from({ length: MEMBERS_MAX }, (_, member) => board.memberThread(member));
    const lives = threads.map((thread) => thread !== 0 && !this.#table.gone(thread));
    // Nobody is there to take them.
    if (!lives.includes(true)) board.withdraw();
    if (board.left > 0 || lives.some((alive, member) => alive && board.isBusy(member))) return false;
    return threads.some((thread, member) => thread !== 0 && !lives[member]) && board.pending > 0;
  };

  /** Has the board for this thread; not if another thread has it, unless that has ended. */
  enter(): boolean {
    const { board, thread } = this;
    if (board.enter(thread)) return true;
    const { owner } = board;
    if (!this.#table.gone(owner) || !board.inherit(owner, thread)) return false;
    // Its job is nobody's: members may still have tickets of it.
    board.withdraw();
    if (board.pending !== 0 && !this.lost()) {
      board.leave();
      return false;
    }
    board.abandon();
    return true;
  }
}

export interface TeamOptions {
  readonly thread: number;
  readonly size: number;
  readonly start: (member: number) => number;
  readonly now: () => number;
}

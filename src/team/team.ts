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

  /**
   * Whether tickets are lost: a member has died, nobody who lives may have a ticket, and yet some are not finished. (A member
   * says that it may have one before it takes it.)
   */
  readonly lost = (): boolean => {
    let died = false;
    for (let member = 0; member < MEMBERS_MAX; ++member) {
      const thread = this.board.memberThread(member);
      if (thread === 0) continue;
      if (this.#table.gone(thread)) died = true;
      else if (this.board.isBusy(member)) return false;
    }
    return died && this.board.pending > 0;
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

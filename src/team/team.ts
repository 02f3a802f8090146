import type { ThreadTable } from "../sync/threads.ts";
import { MEMBERS_MAX, type TicketBoard } from "../sync/ticket.ts";
import { Ledger } from "./ledger.ts";
import { type Perform, workOff } from "./member.ts";

/** A member that dies at once is not started again at once. */
const RESTART_MS = 100;
/** So long is waited for the first members of an asynchronous job: it takes 50 ms to start them, more where cores are taken. */
const START_MS = 1000;
/** How often an asynchronous job looks whether the team is free, and how often it tells its progress. */
const FREE_MS = 1;
const PROGRESS_MS = 30;

/** What the team does at one time. */
export interface Job {
  /** At most 65,535. */
  readonly tickets: number;
  /** Writes for the members what the tickets stand for. */
  publish(): void;
  /** Computes what one stands for, in this thread. */
  readonly perform: Perform;
}

/** How a job went. Times in milliseconds. */
export interface Done {
  /** False: tickets died with their takers, or nobody was there to take them. */
  readonly whole: boolean;
  /** Tickets that the calling thread has worked off, and how long it took. */
  readonly own: number;
  readonly ownMs: number;
  /** How long it took it what it did before. */
  readonly asideMs: number;
  readonly ms: number;
}

/** How an asynchronous job ended: all of it done; a part, or nobody knows what; nothing begun, since nobody was there. */
export type Ending = "whole" | "part" | "nothing";

/** Who may look into an asynchronous job. */
export interface Observer {
  readonly signal: AbortSignal | undefined;
  /** Called now and then. */
  tell(done: number): void;
}

export interface TeamOptions {
  /** The calling thread's id. */
  readonly thread: number;
  /** Whether it may sleep: a browser's main thread may not. */
  readonly mayBlock: boolean;
  /** Starts a member's thread, returns its id. */
  readonly start: (member: number) => number;
  /** Milliseconds from some fixed start. */
  readonly now: () => number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Who computes together: the calling thread and members, which are threads that wait for tickets on a board. */
export class Team {
  readonly board: TicketBoard;
  readonly ledger: Ledger;
  readonly now: () => number;
  readonly #table: ThreadTable;
  readonly #options: TeamOptions;
  #failure: string | undefined;
  /** What this thread has started last for each seat. */
  readonly #started: { readonly thread: number; readonly at: number }[] = [];
  /** Tickets of the current job that nobody was there to take. */
  #dropped = 0;

  constructor(board: TicketBoard, table: ThreadTable, options: TeamOptions) {
    this.board = board;
    this.#table = table;
    this.#options = options;
    this.now = options.now;
    this.ledger = new Ledger(options.now);
  }

  /** How many compute, the caller included; the same for all threads of the context. */
  get size(): number {
    return this.board.size + 1;
  }

  set size(size: number) {
    this.board.size = size - 1;
  }

  /** Why members could not be started; undefined if they could. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Whether any member is there, be it started by another thread. */
  get isThere(): boolean {
    for (let member = 0; member < this.board.size; ++member) if (this.#isSeated(member)) return true;
    return false;
  }

  /**
   * Starts the members that are missing: the first time all, later those that have died. Does not wait for them.
   * @returns whether any is there: the first ones take 50 ms to start.
   */
  prepare(members: number = this.board.size): boolean {
    const wanted = Math.min(members, MEMBERS_MAX);
    let seated = 0;
    for (let member = 0; member < wanted; ++member) {
      if (this.#isSeated(member)) {
        seated += 1;
        continue;
      }
      const last = this.#started[member];
      if (last && (!this.#table.gone(last.thread) || this.now() - last.at < RESTART_MS)) continue;
      try {
        this.#started[member] = { thread: this.#options.start(member), at: this.now() };
        this.#failure = undefined;
      } catch (error) {
        this.#failure = (error as Error).message;
        break;
      }
    }
    return seated > 0;
  }

  /**
   * Does a job with the members: this thread takes tickets like any of them, then waits for the last ones (a thread that may not
   * block spins). Undefined, and nothing done, if another thread has the team.
   *
   * @param aside what this thread does first, while members have begun; once they have, it is done in any case.
   */
  compute(job: Job, aside?: () => void): Done | undefined {
    const { board, now } = this;
    if (!this.#enter()) return undefined;
    try {
      job.publish();
      const start = now();
      board.open(job.tickets, board.size);
      aside?.();
      const asideMs = aside === undefined ? 0 : now() - start;
      const own = workOff(board, job.perform);
      const ownMs = now() - start - asideMs;
      const whole = this.#join(own > 0 ? ownMs / own : 0);
      return { whole, own, ownMs, asideMs, ms: now() - start };
    } catch (error) {
      // Nobody may write into C when the caller knows.
      board.withdraw();
      this.#join(0);
      throw error;
    } finally {
      board.leave();
    }
  }

  /**
   * Does a job with the members alone, one more than for compute(), while this thread's event loop runs; waits until no other
   * thread has the team. It is not whole after the signal, either.
   */
  async computeLater(job: Job, { signal, tell }: Observer): Promise<Ending> {
    const { board } = this;
    while (!this.#enter()) await pause(FREE_MS);
    const withdraw = (): void => void this.#drop();
    const timer = setInterval(() => tell(Math.max(0, job.tickets - board.pending)), PROGRESS_MS);
    try {
      job.publish();
      board.open(job.tickets, this.size);
      signal?.addEventListener("abort", withdraw);
      if (this.#isWhole(await board.joinAsync(this.lost))) return "whole";
      return this.dropped === job.tickets ? "nothing" : "part";
    } finally {
      clearInterval(timer);
      signal?.removeEventListener("abort", withdraw);
      board.leave();
    }
  }

  /**
   * Whether tickets are lost: none is left to take, nobody who lives may have one, and yet some are not finished. In this order: a
   * member says that it may have one before it takes it, and that it has none after it is finished.
   */
  readonly lost = (): boolean => {
    const { board } = this;
    const living = this.#living();
    // Nobody is there to take them, nor on the way.
    if (living.length === 0 && !this.#areStarting()) this.#drop();
    if (board.left > 0) return false;
    // Again: somebody may have sat down, and taken one.
    if (this.#living().some((member) => board.isBusy(member))) return false;
    return board.pending > 0;
  };

  /** Members that live. */
  #living(): number[] {
    const living: number[] = [];
    for (let member = 0; member < this.board.seats; ++member) if (this.#isSeated(member)) living.push(member);
    return living;
  }

  /** Whether members that this thread has started may still sit down. */
  #areStarting(): boolean {
    return this.#started.some(({ thread, at }) => this.now() - at < START_MS && !this.#table.gone(thread));
  }

  #isSeated(member: number): boolean {
    const thread = this.board.memberThread(member);
    return thread !== 0 && !this.#table.gone(thread);
  }

  /** How many tickets of the last job nobody was there to take. */
  get dropped(): number {
    return this.#dropped;
  }

  #drop(): void {
    this.#dropped += this.board.withdraw();
  }

  /** Has the board for this thread; not if another thread has it, unless that has ended. */
  #enter(): boolean {
    const { board } = this;
    const { thread } = this.#options;
    if (!board.enter(thread)) {
      const { owner } = board;
      if (!this.#table.gone(owner) || !board.inherit(owner, thread)) return false;
    }
    if (board.pending !== 0) {
      // The last owner has ended in the midst of a job, of which members may still have tickets.
      board.withdraw();
      if (board.pending !== 0 && !this.lost()) {
        board.leave();
        return false;
      }
      board.abandon();
    }
    this.#dropped = 0;
    return true;
  }

  /** Waits for the tickets that others have; whether all there were are done. */
  #join(ticketMs: number): boolean {
    const { board, lost } = this;
    return this.#isWhole(this.#options.mayBlock ? board.join(lost, ticketMs) : board.joinSpinning(lost));
  }

  #isWhole(ended: boolean): boolean {
    if (!ended) this.board.abandon();
    return ended && this.dropped === 0;
  }
}

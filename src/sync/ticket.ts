import { block, blockAsync, SLICE_MS, type Steps } from "./wait.ts";

/** Words from one field to the next: a cache line, so that who waits for one does not disturb who changes another. */
const LINE = 16;
const TICKETS = 0;
const PENDING = LINE;
const CALL = 2 * LINE;
const OWNER = 3 * LINE;
const ASLEEP = 4 * LINE;
const LIMIT = ASLEEP + 1;
const SIZE = ASLEEP + 2;
const SEATS = ASLEEP + 3;
const MEMBERS = 5 * LINE;
/** Words of a member's line. */
const BUSY = 0;
const THREAD = 1;

/** Members at most, without the caller. */
export const MEMBERS_MAX = 64;

/** Looks at the call word before a member sleeps, 50 µs (Node 26) to 150 (Node 20): about as long as it takes to wake one up. */
export const CALL_SPINS = 20_000;
/**
 * Looks at the pending word before the caller sleeps, for each millisecond that a ticket takes and at least once: about as long.
 * Two threads that sleep in turns look to Linux as if they waited for each other, and are left on one core, with another one idle:
 * 512³ then took as long as on one thread, for seconds. Who goes on running is moved away within some milliseconds.
 */
const TAIL_SPINS = 200_000;

/**
 * Hands out the tickets of one job at a time to whoever asks.
 *
 *     line 0  tickets: number of the job << 16 | how many are left
 *     line 1  how many are not finished
 *     line 2  number of calls: members sleep on it
 *     line 3  the thread that has the board, 0 for none
 *     line 4  members asleep, or about to be; members that may take tickets of this job; how many the team is to have; seats
 *             where anybody ever sat, and all before them
 *     line 5… one a member: 1 while it may have a ticket; the thread that sits there, 0 for none yet
 *
 * A ticket is taken by one compareExchange, and what the job is is read afterwards: a job cannot end before all of its tickets
 * are finished, so what is read belongs to the ticket, however late its taker is.
 */
export class TicketBoard {
  static readonly BYTES: number = 4 * (MEMBERS + MEMBERS_MAX * LINE);
  readonly #words: Int32Array;
  readonly #index: number;
  readonly #spins: number;

  /** @param spins looks of who waits for the last tickets before it sleeps, a millisecond that one takes. */
  constructor(words: Int32Array, index: number, spins: number = TAIL_SPINS) {
    this.#words = words;
    this.#index = index;
    this.#spins = spins;
  }

  /** Has the board for this thread, until leave(); false if another thread has it. */
  enter(thread: number): boolean {
    return Atomics.compareExchange(this.#words, this.#index + OWNER, 0, thread) === 0;
  }

  /** Takes the board from a thread that has ended, whose job nobody waits for. */
  inherit(from: number, thread: number): boolean {
    return Atomics.compareExchange(this.#words, this.#index + OWNER, from, thread) === from;
  }

  get owner(): number {
    return this.#load(OWNER);
  }

  leave(): void {
    Atomics.store(this.#words, this.#index + OWNER, 0);
  }

  /** Lays out so many tickets (at most 65,535) and calls the first `members`. */
  open(tickets: number, members: number): void {
    const words = this.#words;
    const index = this.#index;
    Atomics.store(words, index + LIMIT, members);
    Atomics.store(words, index + PENDING, tickets);
    const job = (this.#load(TICKETS) >>> 16) + 1;
    Atomics.store(words, index + TICKETS, (job << 16) | tickets);
    Atomics.add(words, index + CALL, 1);
    // A member counts itself before it looks at the call word for the last time: one of the two sees the other.
    if (this.#load(ASLEEP) !== 0) Atomics.notify(words, index + CALL);
  }

  /** The next ticket, from the last to 0; -1 if there is none. */
  take(): number {
    const at = this.#index + TICKETS;
    for (let word = Atomics.load(this.#words, at); (word & 0xffff) !== 0; ) {
      const found = Atomics.compareExchange(this.#words, at, word, word - 1);
      if (found === word) return (word & 0xffff) - 1;
      word = found;
    }
    return -1;
  }

  /** No more tickets of this job: those that are left are not handed out. Returns how many those were. */
  withdraw(): number {
    const at = this.#index + TICKETS;
    for (;;) {
      const word = Atomics.load(this.#words, at);
      const left = word & 0xffff;
      if (Atomics.compareExchange(this.#words, at, word, word - left) !== word) continue;
      if (left > 0) this.#finish(left);
      return left;
    }
  }

  /** To be called for each ticket that was taken, when what it stands for is done. */
  finish(): void {
    this.#finish(1);
  }

  #finish(count: number): void {
    const pending = this.#index + PENDING;
    if (Atomics.sub(this.#words, pending, count) === count) Atomics.notify(this.#words, pending);
  }

  /** How many tickets are not taken. */
  get left(): number {
    return this.#load(TICKETS) & 0xffff;
  }

  /** How many tickets are not finished. */
  get pending(): number {
    return this.#load(PENDING);
  }

  /** How many members take part in this job: the first of them. */
  get limit(): number {
    return this.#load(LIMIT);
  }

  /** How many members the team is to have, whoever of its threads calls. */
  get size(): number {
    return this.#load(SIZE);
  }

  set size(members: number) {
    Atomics.store(this.#words, this.#index + SIZE, members);
  }

  /** All members have, or had, one of the first so many seats. */
  get seats(): number {
    return this.#load(SEATS);
  }

  /** The thread that is a member; 0 if there never was one. */
  memberThread(member: number): number {
    return this.#load(MEMBERS + member * LINE + THREAD);
  }

  /**
   * A thread sits down as a member; not where a living one sits. From now on it is called. What its predecessor said of itself
   * is not true of it: in this order, so that a seat is never taken for one that holds no ticket while somebody living does.
   */
  seat(member: number, thread: number, gone: (thread: number) => boolean): boolean {
    const seat = this.#index + MEMBERS + member * LINE;
    const before = Atomics.load(this.#words, seat + THREAD);
    if (before !== 0 && !gone(before)) return false;
    const seats = this.#index + SEATS;
    for (let most = this.seats; most <= member; most = this.seats)
      Atomics.compareExchange(this.#words, seats, most, member + 1);
    if (Atomics.compareExchange(this.#words, seat + THREAD, before, thread) !== before) return false;
    Atomics.store(this.#words, seat + BUSY, 0);
    return true;
  }

  /** A member says whether it may have a ticket. */
  mark(member: number, busy: boolean): void {
    Atomics.store(this.#words, this.#index + MEMBERS + member * LINE + BUSY, busy ? 1 : 0);
  }

  isBusy(member: number): boolean {
    return this.#load(MEMBERS + member * LINE + BUSY) !== 0;
  }

  /** Gives up on tickets that died with their takers. */
  abandon(): void {
    Atomics.store(this.#words, this.#index + PENDING, 0);
  }

  /**
   * Waits until all tickets are finished, or `lost()` says that some never will be, which is asked now and then.
   * @param ticketMs about how long a ticket takes.
   */
  join(lost: () => boolean, ticketMs: number): boolean {
    const spins = this.#spins * Math.max(1, ticketMs);
    for (let spin = 0; spin < spins; ++spin) if (this.pending === 0) return true;
    return block(this.#joinSteps(lost), this.#words, this.#index);
  }

  /** As join(), without sleeping: for a browser's main thread. */
  joinSpinning(lost: () => boolean): boolean {
    for (let spin = 1; this.pending !== 0; ++spin) if (spin % 2 ** 20 === 0 && lost()) return false;
    return true;
  }

  /** As join(), leaving the event loop free. */
  joinAsync(lost: () => boolean): Promise<boolean> {
    return blockAsync(this.#joinSteps(lost));
  }

  *#joinSteps(lost: () => boolean): Steps<boolean> {
    for (;;) {
      const pending = this.pending;
      if (pending === 0) return true;
      const woken = yield [this.#words, this.#index + PENDING, pending, SLICE_MS];
      if (woken === "timed-out" && lost()) return false;
    }
  }

  /** The number of the last call: before a member's first awaitCall(). */
  get call(): number {
    return this.#load(CALL);
  }

  /** A member waits for a call after number `seen`; returns its number. It looks so many times, then sleeps. */
  awaitCall(seen: number, spins: number): number {
    const call = this.#index + CALL;
    for (let spin = 0; spin < spins; ++spin) {
      const now = Atomics.load(this.#words, call);
      if (now !== seen) return now;
    }
    Atomics.add(this.#words, this.#index + ASLEEP, 1);
    while (Atomics.load(this.#words, call) === seen) Atomics.wait(this.#words, call, seen);
    Atomics.sub(this.#words, this.#index + ASLEEP, 1);
    return Atomics.load(this.#words, call);
  }

  #load(field: number): number {
    return Atomics.load(this.#words, this.#index + field);
  }
}

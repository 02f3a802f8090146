import type { Agent } from "./words.ts";

/** What a thread does, as a trace tells it. */
export const ACTIVITIES = ["waiting", "held", "compute", "io", "away"] as const;
export type Activity = (typeof ACTIVITIES)[number];

/** A thread doing one thing for a while; times in milliseconds since the trace began. */
export interface Span {
  readonly thread: number;
  readonly activity: Activity;
  readonly start: number;
  readonly end: number;
}

/*
 * The log, in shared memory behind the GIL's own words:
 *
 *     word 0     1 while recording
 *     word 1     events so far, also those that found no room
 *     word 2     room for so many events
 *     word 3, 4  the start: whole seconds since 1970, microseconds
 *     word 5 …   three words an event: microseconds since the start, thread, activity (an index into ACTIVITIES)
 */
const HEAD = 5;
const EVENT = 3;

/** Milliseconds since 1970 with the resolution of performance.now(): the same clock in all threads. */
const clock = (): number => performance.timeOrigin + performance.now();

/** Writes and reads the log of one GIL. */
export class TraceLog {
  readonly #words: Int32Array;
  readonly #index: number;

  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
  }

  /** Bytes of a log with room for so many events. */
  static bytes(events: number): number {
    return 4 * (HEAD + EVENT * events);
  }

  /** Gives the log its room; before any thread uses it. */
  init(events: number): void {
    Atomics.store(this.#words, this.#index + 2, events);
  }

  /** How many events there is room for. */
  get room(): number {
    return Atomics.load(this.#words, this.#index + 2);
  }

  start(): void {
    const now = clock();
    const seconds = Math.floor(now / 1000);
    // What is left of the last recording must not be read as this one's.
    this.#words.fill(0, this.#index + HEAD, this.#index + HEAD + EVENT * this.room);
    Atomics.store(this.#words, this.#index + 1, 0);
    Atomics.store(this.#words, this.#index + 3, seconds);
    Atomics.store(this.#words, this.#index + 4, Math.round((now - 1000 * seconds) * 1000));
    Atomics.store(this.#words, this.#index, 1);
  }

  stop(): void {
    Atomics.store(this.#words, this.#index, 0);
  }

  /** One event: from now on this thread does this. */
  add({ id }: Agent, activity: Activity): void {
    const words = this.#words;
    const index = this.#index;
    if (Atomics.load(words, index) === 0) return;
    const event = Atomics.add(words, index + 1, 1);
    const time = Math.round(this.#elapsed() * 1000);
    // (After 35 minutes a word cannot hold the time.)
    if (event >= this.room || time >= 2 ** 31) return;
    const at = index + HEAD + EVENT * event;
    Atomics.store(words, at, time);
    Atomics.store(words, at + 1, id);
    // Last: an event whose activity is not there yet is not read.
    Atomics.store(words, at + 2, ACTIVITIES.indexOf(activity) + 1);
  }

  /** How many events found no room. */
  get lost(): number {
    return Math.max(0, Atomics.load(this.#words, this.#index + 1) - this.room);
  }

  /** Everything recorded so far, in order of time; what a thread still does ends now. */
  spans(): Span[] {
    const words = this.#words;
    const events = Math.min(Atomics.load(words, this.#index + 1), this.room);
    const open = new Map<number, { activity: Activity; start: number }>();
    const spans: Span[] = [];
    const read: [time: number, thread: number, activity: Activity | undefined][] = [];
    for (let event = 0; event < events; ++event) {
      const at = this.#index + HEAD + EVENT * event;
      const activity = ACTIVITIES[Atomics.load(words, at + 2) - 1];
      if (activity !== undefined)
        read.push([Atomics.load(words, at) / 1000, Atomics.load(words, at + 1), activity]);
    }
    const end = Atomics.load(words, this.#index) ? this.#elapsed() : (read.at(-1)?.[0] ?? 0);
    for (const [time, thread, activity] of read.sort(([one], [other]) => one - other)) {
      const before = open.get(thread);
      if (before) spans.push({ thread, ...before, end: time });
      open.set(thread, { activity: activity!, start: time });
    }
    for (const [thread, last] of open) spans.push({ thread, ...last, end: Math.max(end, last.start) });
    return spans.filter(({ activity }) => activity !== "away").sort((one, other) => one.start - other.start);
  }

  #elapsed(): number {
    const seconds = Atomics.load(this.#words, this.#index + 3);
    return clock() - 1000 * seconds - Atomics.load(this.#words, this.#index + 4) / 1000;
  }
}

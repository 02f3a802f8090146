/** Words that may be replaced by a longer view of the same memory. */
export interface Words {
  readonly i32: Int32Array;
}

/*
 * A log in shared memory:
 *
 *     word 0     1 while recording
 *     word 1     events so far, also those that found no room
 *     word 2     room for so many events
 *     word 3, 4  the start: whole seconds since 1970, microseconds
 *     word 5 …   the events: a kind (0: not written yet), microseconds since the start, and what else belongs to it
 */
const HEAD = 5;

/** Milliseconds since 1970 with the resolution of performance.now(): the same clock in all threads. */
const clock = (): number => performance.timeOrigin + performance.now();

/** An append-only log that all threads of a memory write to at once, without a lock. */
export class EventLog {
  readonly #words: Words;
  readonly #index: number;
  /** Words of an event. */
  readonly #width: number;

  constructor(words: Words, index: number, width: number) {
    this.#words = words;
    this.#index = index;
    this.#width = width;
  }

  /** Bytes of a log with room for so many events. */
  static bytes(events: number, width: number): number {
    return 4 * (HEAD + width * events);
  }

  /** Gives the log its room; before any thread uses it. */
  init(events: number): void {
    Atomics.store(this.#words.i32, this.#index + 2, events);
  }

  /** How many events there is room for. */
  get room(): number {
    return Atomics.load(this.#words.i32, this.#index + 2);
  }

  get recording(): boolean {
    return Atomics.load(this.#words.i32, this.#index) === 1;
  }

  /** How many events found no room. */
  get lost(): number {
    return Math.max(0, Atomics.load(this.#words.i32, this.#index + 1) - this.room);
  }

  /** Begins anew. */
  start(): void {
    const words = this.#words.i32;
    const now = clock();
    const seconds = Math.floor(now / 1000);
    // What is left of the last recording must not be read as this one's.
    words.fill(0, this.#index + HEAD, this.#index + HEAD + this.#width * this.room);
    Atomics.store(words, this.#index + 1, 0);
    Atomics.store(words, this.#index + 3, seconds);
    Atomics.store(words, this.#index + 4, Math.round((now - 1000 * seconds) * 1000));
    Atomics.store(words, this.#index, 1);
  }

  stop(): void {
    Atomics.store(this.#words.i32, this.#index, 0);
  }

  /** One event, of a kind from 1 on, with width − 2 more words. Nothing where the log is full, or not recording. */
  add(kind: number, ...rest: number[]): void {
    const words = this.#words.i32;
    if (!this.recording) return;
    const time = Math.round(this.elapsed() * 1000);
    const event = Atomics.add(words, this.#index + 1, 1);
    // (After 35 minutes a word cannot hold the time.)
    if (event >= this.room || time >= 2 ** 31) return;
    const at = this.#index + HEAD + this.#width * event;
    words[at + 1] = time;
    for (let i = 0; i < rest.length; ++i) words[at + 2 + i] = rest[i]!;
    // Last: an event whose kind is not there yet is not read.
    Atomics.store(words, at, kind);
  }

  /** Milliseconds since the start. */
  elapsed(): number {
    const words = this.#words.i32;
    const seconds = Atomics.load(words, this.#index + 3);
    return clock() - 1000 * seconds - Atomics.load(words, this.#index + 4) / 1000;
  }

  /**
   * Everything recorded so far, in the order in which it was written, which is the order in which it happened; the words of each
   * event, and its time in milliseconds. Threads' clocks differ by some microseconds, on a busy machine by more: no event is
   * told as earlier than the one before.
   */
  events(): { readonly kind: number; readonly ms: number; readonly words: readonly number[] }[] {
    const words = this.#words.i32;
    const count = Math.min(Atomics.load(words, this.#index + 1), this.room);
    const events = [];
    let ms = 0;
    for (let event = 0; event < count; ++event) {
      const at = this.#index + HEAD + this.#width * event;
      const kind = Atomics.load(words, at);
      if (kind === 0) continue;
      ms = Math.max(ms, words[at + 1]! / 1000);
      events.push({ kind, ms, words: [...words.subarray(at + 2, at + this.#width)] });
    }
    return events;
  }
}

import { LockError } from "../errors.ts";
import { Trace } from "./picture.ts";
import { type Activity, TraceLog } from "./trace.ts";
import { block, blockAsync, finallyDo, SLICE_MS, type Steps } from "./wait.ts";
import { type Agent, HERE, Primitive } from "./words.ts";

/** Word offsets. */
const HOLDER = 0;
const REQUEST = 1;
const SWITCHES = 2;
const LAST = 3;
const INTERVAL = 4;
const HEIR = 5;
const WORDS = 6;

/** Who has waited for so many intervals is the next to have it. */
const PATIENCE = 2;

/** CPython's DEFAULT_INTERVAL, in microseconds. */
const DEFAULT_INTERVAL = 5000;

/**
 * A global interpreter lock, as CPython's (Python/ceval_gil.c, "Notes about the implementation"): one thread at a time
 * runs, others wait; after the switch interval a waiter requests that the holder drops it, and the holder does at its
 * next checkpoint(), then waits until another thread has taken it ("forced switching", so that a fast thread does not win
 * every race). Threads release it while they wait for IO, and while kernels compute.
 *
 *     word 0  holder: a thread's id, 0 for none
 *     word 1  drop request: the id of the thread that requests it, 0 for none
 *     word 2  switches: how often it went from one thread to another
 *     word 3  the thread that held it last
 *     word 4  switch interval in microseconds, 0 for 5000
 *     word 5  heir: the thread that has waited so long that no other may take it before, 0 for none
 *     word 6 … the log of trace()
 */
export class Gil extends Primitive {
  /** Bytes of the words, without room for a trace; see bytes(). */
  static readonly BYTES: number = 4 * WORDS + TraceLog.bytes(0);
  static readonly KIND: string = "Gil";

  readonly #log: TraceLog;

  /**
   * A handle on a GIL whose words begin at `words[index]`. Words of 0 are a free one; nothing is written.
   * @throws LockError (`WORDS`) if the buffer is not shared or too short.
   */
  constructor(words: Int32Array, index = 0, agent: Agent = HERE) {
    super(words, index, agent);
    this.#log = new TraceLog(words, index + WORDS);
  }

  /** Bytes of a GIL's words with room for a trace of so many events. */
  static bytes(events: number): number {
    return 4 * WORDS + TraceLog.bytes(events);
  }

  /** Says how many events there is room for, before any thread uses it. @internal */
  init(events: number): this {
    this.#log.init(events);
    return this;
  }

  /** Whether a thread holds it. Never blocks. */
  locked(): boolean {
    return this.#load(HOLDER) !== 0;
  }

  /** Id of the thread that holds it, 0 for none. Never blocks. */
  get holder(): number {
    return this.#load(HOLDER);
  }

  /** Whether this thread holds it. Never blocks. */
  get held(): boolean {
    return this.#load(HOLDER) === this.agent.id;
  }

  /** How often it went from one thread to another. Never blocks. */
  get switches(): number {
    return this.#load(SWITCHES);
  }

  /** Milliseconds after which a waiter requests a switch: 5 at first. */
  get switchInterval(): number {
    return (this.#load(INTERVAL) || DEFAULT_INTERVAL) / 1000;
  }

  /**
   * Sets the switch interval, for all threads (Python: sys.setswitchinterval, which takes seconds).
   * @throws LockError (`VALUE`) for what is not from 0.001 to 2,000,000 milliseconds.
   */
  setSwitchInterval(ms: number): void {
    const microseconds = Math.round(ms * 1000);
    if (!(microseconds >= 1 && microseconds <= 2e9)) {
      throw new LockError("VALUE", `setSwitchInterval: ${ms} ms is not from 0.001 to 2,000,000.`);
    }
    this.#store(INTERVAL, microseconds);
  }

  /**
   * Takes it. Blocks: not for a browser's main thread.
   * @throws LockError: `DEADLOCK` if this thread holds it already, `ABANDONED` if its holder has ended (see recover()),
   * `BLOCKING`.
   */
  acquire(): void {
    block(this.#take(), this.words, this.index);
  }

  /** As acquire(), leaving the event loop free. */
  async acquireAsync(): Promise<void> {
    await blockAsync(this.#take());
  }

  /** Gives it back. Never blocks. @throws LockError (`NOT_OWNER`) if this thread does not hold it. */
  release(): void {
    this.#drop("away");
  }

  /**
   * Runs `fn` holding it; gives it back when `fn` returns or throws, or when the promise it returns is settled. In a thread that
   * holds it already, just runs `fn` (as PyGILState_Ensure). Blocks and throws as acquire().
   */
  run<R>(fn: () => R): R {
    if (this.held) return fn();
    this.acquire();
    return finallyDo(fn, () => this.release());
  }

  /** As run(), leaving the event loop free while it waits. */
  async runAsync<R>(fn: () => R): Promise<Awaited<R>> {
    if (this.held) return await fn();
    await this.acquireAsync();
    return (await finallyDo(fn, () => this.release())) as Awaited<R>;
  }

  /**
   * To be called now and then by what runs for long while holding it. One atomic load when nobody asks; else lets another
   * thread run first. May block.
   * @returns whether there was a switch.
   * @throws LockError (`NOT_OWNER`) if a thread asks for it and this one does not hold it; and as acquire().
   */
  checkpoint(): boolean {
    if (Atomics.load(this.words, this.index + REQUEST) === 0) return false;
    block(this.#switch(), this.words, this.index);
    return true;
  }

  /** As checkpoint(), leaving the event loop free. */
  async checkpointAsync(): Promise<boolean> {
    if (Atomics.load(this.words, this.index + REQUEST) === 0) return false;
    await blockAsync(this.#switch());
    return true;
  }

  /**
   * Gives it back while `fn` runs, which must touch nothing that it guards, then takes it again (C: Py_BEGIN_ALLOW_THREADS).
   * Blocks and throws as acquire().
   * @param activity what a trace calls it: "compute" or "io".
   */
  allowThreads<R>(fn: () => R, activity: "compute" | "io" = "compute"): R {
    this.#drop(activity);
    try {
      return fn();
    } finally {
      this.acquire();
    }
  }

  /** As allowThreads(), until the promise that `fn` returns is settled; the event loop stays free. */
  async allowThreadsAsync<R>(fn: () => R, activity: "compute" | "io" = "io"): Promise<Awaited<R>> {
    this.#drop(activity);
    try {
      return await fn();
    } finally {
      await this.acquireAsync();
    }
  }

  /**
   * Frees it if its holder has ended. Never blocks.
   * @returns whether there was anything to recover, and this call did it.
   */
  recover(): boolean {
    const holder = this.#load(HOLDER);
    if (!this.agent.gone?.(holder)) return false;
    if (Atomics.compareExchange(this.words, this.index + HOLDER, holder, 0) !== holder) return false;
    Atomics.notify(this.words, this.index + HOLDER, 1);
    return true;
  }

  /**
   * Begins to record who holds it, waits, computes and does IO: in all threads, until stop() of what this returns.
   * @throws LockError (`VALUE`) if it was made without room for events.
   */
  trace(): Trace {
    return new Trace(this.#log);
  }

  #load(word: number): number {
    return Atomics.load(this.words, this.index + word);
  }

  #store(word: number, value: number): void {
    Atomics.store(this.words, this.index + word, value);
  }

  #note(activity: Activity): void {
    this.#log.add(this.agent, activity);
  }

  *#take(): Steps<void> {
    const { words, index, agent } = this;
    const { id } = agent;
    if (this.held)
      throw new LockError("DEADLOCK", "acquire: this thread holds the GIL already; run() nests.");
    if (this.#load(HEIR) !== 0 || Atomics.compareExchange(words, index + HOLDER, 0, id) !== 0) {
      this.#note("waiting");
      const start = performance.now();
      let switches = -1;
      let since = 0;
      for (;;) {
        const holder = this.#load(HOLDER);
        if (holder === 0) {
          const heir = this.#load(HEIR);
          if (heir === 0 || heir === id || agent.gone?.(heir)) {
            if (Atomics.compareExchange(words, index + HOLDER, 0, id) !== 0) continue;
            this.#inherited(heir);
            break;
          }
          // Not on the holder's word: that may be taken and free again before this thread sleeps on it.
          const woken = yield [words, index + HEIR, heir, SLICE_MS];
          // Free for all that time: the heir has died, in a way that nobody was told of.
          if (woken === "timed-out") this.#inherited(heir);
          continue;
        }
        if (agent.gone?.(holder)) {
          this.#inherited(id);
          throw new LockError(
            "ABANDONED",
            `Thread ${holder & 255} ended while it held the GIL. recover() frees it.`,
          );
        }
        const now = performance.now();
        if (switches !== this.#load(SWITCHES)) {
          switches = this.#load(SWITCHES);
          since = now;
        }
        const interval = this.switchInterval;
        const left = since + interval - now;
        // A whole interval, and the same thread all the time: it is asked to make room. And again after each interval: a
        // thread that takes it clears all requests, also one that came after it had taken it, or that was not its own.
        if (left <= 0) this.#store(REQUEST, id);
        // Waking up to ask, this thread has gone to the end of the queue each time: threads that came later would get it first,
        // again and again.
        if (now - start >= PATIENCE * interval) Atomics.compareExchange(words, index + HEIR, 0, id);
        yield [words, index + HOLDER, holder, Math.min(SLICE_MS, left > 0 ? left : interval)];
      }
    }
    this.#store(REQUEST, 0);
    if (this.#load(LAST) !== id) {
      this.#store(LAST, id);
      Atomics.add(words, index + SWITCHES, 1);
      Atomics.notify(words, index + SWITCHES);
    }
    this.#note("held");
  }

  /** Nobody waits for this heir any more. */
  #inherited(heir: number): void {
    const { words, index } = this;
    if (heir === 0 || Atomics.compareExchange(words, index + HEIR, heir, 0) !== heir) return;
    Atomics.notify(words, index + HEIR);
  }

  /** Gives it back and wakes one who waits. */
  #drop(activity: Activity): void {
    const { words, index, agent } = this;
    if (!this.held) {
      throw new LockError("NOT_OWNER", `This thread does not hold the GIL; ${this.holder || "nobody"} does.`);
    }
    this.#note(activity);
    // (A thread that took it and died before it could say so was not the last.)
    this.#store(LAST, agent.id);
    this.#store(HOLDER, 0);
    // All, if only one of them may take it. An heir that names itself after this load finds the word changed, and sleeps not.
    Atomics.notify(words, index + HOLDER, this.#load(HEIR) === 0 ? 1 : Number.POSITIVE_INFINITY);
  }

  /** Lets the thread that asks for it have it, then takes it again. */
  *#switch(): Steps<void> {
    const { words, index, agent } = this;
    const switches = this.#load(SWITCHES);
    this.#drop("waiting");
    while (this.#load(SWITCHES) === switches) {
      const woken = yield [words, index + SWITCHES, switches, SLICE_MS];
      // Free for all that time: who asked has died, or got it otherwise. Held by one who died: acquiring tells.
      const holder = this.#load(HOLDER);
      if (woken === "timed-out" && (holder === 0 || agent.gone?.(holder))) break;
    }
    yield* this.#take();
  }
}

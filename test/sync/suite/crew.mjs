import { equal, PATIENCE_MS, until } from "./expect.mjs";
import { startWorker } from "./host.mjs";
import { List } from "./list.mjs";
import * as sync from "./sync.mjs";

/** @import { Bag, Case, Report } from "./types.ts" */

/** Words of a bunch's counters. */
export const STARTED = 0;
export const FINISHED = 1;

/** How many threads the largest case needs. */
const THREADS = 10;

/** How long the threads of a case that failed may take to come to their end. */
const GRACE_MS = 300;

/** For postMessage(): primitives and lists as what they share. */
function toWire(/** @type {Partial<Bag>} */ bag) {
  const pack = (/** @type {any} */ value) => {
    if (value instanceof List) return { list: value.words };
    return typeof value?.share === "function" ? value.share() : value;
  };
  return Object.fromEntries(Object.entries(bag).map(([name, value]) => [name, pack(value)]));
}

/** The inverse, in the thread. @returns {Bag} */
export function fromWire(/** @type {Record<string, any>} */ bag) {
  const unpack = (/** @type {any} */ value) => {
    if (value?.list) return new List(value.list);
    return value?.blasm ? sync.attach(value) : value;
  };
  return /** @type {any} */ (
    Object.fromEntries(Object.entries(bag).map(([name, value]) => [name, unpack(value)]))
  );
}

/** A thread that runs one task after the other. */
class Thread {
  #worker = startWorker(new URL("./agent.mjs", import.meta.url));
  /** @type {ReturnType<typeof withResolvers> | undefined} */
  #task;

  constructor() {
    this.#worker.listen(({ error, result }) => {
      if (error) this.#task?.reject(new Error(error));
      else this.#task?.resolve(result);
    });
    this.#worker.fail((error) => this.#task?.reject(error));
  }

  /** Until it is ready for tasks. @returns {Promise<unknown>} */
  ready() {
    return this.#promise();
  }

  /** Begins a task; the promise is for what its function returns. @returns {Promise<unknown>} */
  run(/** @type {object} */ task) {
    this.#worker.post(task);
    return this.#promise();
  }

  terminate() {
    return this.#worker.terminate();
  }

  #promise() {
    this.#task = withResolvers();
    return this.#task.promise;
  }
}

/**
 * Promise.withResolvers(), which Node 20 lacks.
 * @returns {{ promise: Promise<any>, resolve(value?: unknown): void, reject(reason: unknown): void }}
 */
function withResolvers() {
  const parts = /** @type {any} */ ({});
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

/** Threads, started once and lent to one case after the other. */
export class Crew {
  /** @type {Thread[]} */
  idle = [];

  static async start() {
    const crew = new Crew();
    await crew.fill();
    return crew;
  }

  /** Starts as many threads as there should be. */
  async fill() {
    const fresh = Array.from({ length: THREADS - this.idle.length }, () => new Thread());
    await Promise.all(fresh.map((thread) => thread.ready()));
    this.idle.push(...fresh);
  }

  async stop() {
    await Promise.all(this.idle.map((thread) => thread.terminate()));
  }

  /** Runs one case of a suite, and puts the crew in order again. @returns {Promise<Report>} */
  async run(/** @type {string} */ suite, /** @type {string} */ name, /** @type {Case} */ test) {
    const tools = new Tools(this, suite, name, test);
    /** @type {unknown[]} */
    const errors = [];
    const run = (async () => test.run(tools))().catch((error) => errors.push(error));
    if (await isLate(run, 2 * PATIENCE_MS)) errors.push(new Error("the case did not come to an end"));
    errors.push(...(await tools.settle(errors.length > 0 ? GRACE_MS : PATIENCE_MS)));
    await this.fill();
    const text = (/** @type {any} */ error) => `${error?.message ?? error}\n${error?.stack ?? ""}`;
    return { name: `${suite}.${name}`, ok: errors.length === 0, message: errors.map(text).join("\n") };
  }
}

/** Threads that do the same: CPython's Bunch. */
class Bunch {
  /** STARTED, FINISHED */
  #counts = new Int32Array(new SharedArrayBuffer(8));
  /** @type {[thread: Thread, result: Promise<unknown>][]} */
  tasks;

  constructor(
    /** @type {Thread[]} */ threads,
    /** @type {{ suite: string, name: string }} */ task,
    /** @type {Partial<Bag>} */ bag,
  ) {
    const counts = this.#counts;
    this.tasks = threads.map((thread, rank) => [
      thread,
      thread.run({ ...task, counts, bag: toWire({ ...bag, rank }) }),
    ]);
  }

  get started() {
    return Atomics.load(this.#counts, STARTED);
  }

  get finished() {
    return Atomics.load(this.#counts, FINISHED);
  }

  /** Blocks until all have begun. */
  waitForStarted() {
    until(() => this.started === this.tasks.length, "all threads had begun");
  }

  /** Blocks until all are done. */
  waitForFinished() {
    until(() => this.finished === this.tasks.length, "all threads were done");
  }

  /** What they returned. @returns {Promise<any[]>} rejected with the first error of one of them. */
  results() {
    return Promise.all(this.tasks.map(([, result]) => result));
  }
}

/** What a case works with. */
export class Tools {
  #crew;
  #task;
  #test;
  /** @type {Bunch[]} */
  #bunches = [];

  constructor(
    /** @type {Crew} */ crew,
    /** @type {string} */ suite,
    /** @type {string} */ name,
    /** @type {Case} */ test,
  ) {
    this.#crew = crew;
    this.#task = { suite, name };
    this.#test = test;
  }

  /** Begins the case's thread function in `n` threads. */
  bunch(/** @type {number} */ n, /** @type {Partial<Bag>} */ bag) {
    const threads = this.#crew.idle.splice(0, n);
    equal(threads.length, n, "threads at hand");
    const bunch = new Bunch(threads, this.#task, bag);
    for (const [thread, result] of bunch.tasks) {
      const back = () => this.#crew.idle.push(thread);
      // Errors are for settle(), also if the case never asks for the results.
      result.then(back, back);
    }
    this.#bunches.push(bunch);
    return bunch;
  }

  /** Runs the case's thread function in this thread, too. */
  join(/** @type {Partial<Bag>} */ bag) {
    return this.#test.thread?.(/** @type {Bag} */ ({ rank: -1, ...bag }));
  }

  /** Waits for the threads, stops those that do not come to an end. @returns {Promise<unknown[]>} what went wrong. */
  async settle(/** @type {number} */ ms) {
    /** @type {unknown[]} */
    const errors = [];
    let stuck = 0;
    for (const [thread, result] of this.#bunches.flatMap(({ tasks }) => tasks)) {
      const over = result.catch((error) => errors.push(error));
      if (!(await isLate(over, ms))) continue;
      stuck += 1;
      await thread.terminate();
    }
    if (stuck > 0) errors.push(new Error(`${stuck} of the threads did not come to an end`));
    return errors;
  }

  /** Shared words, all 0. */
  words(/** @type {number} */ count) {
    return new Int32Array(new SharedArrayBuffer(4 * count));
  }

  // The primitives begin at word 3: that one begins at `index` is tested in passing.

  lock() {
    return new sync.Lock(this.words(8), 3);
  }

  rlock() {
    return new sync.RLock(this.words(8), 3);
  }

  condition(/** @type {import("../../../src/sync/index.ts").Lock} */ lock = this.rlock()) {
    return new sync.Condition(this.words(8), 3, lock);
  }

  semaphore(/** @type {number} */ value) {
    return new sync.Semaphore(this.words(8), 3).init(value);
  }

  bounded(/** @type {number} */ value) {
    return new sync.BoundedSemaphore(this.words(8), 3).init(value);
  }

  event() {
    return new sync.Event(this.words(8), 3);
  }

  barrier(
    /** @type {number} */ parties,
    /** @type {import("../../../src/sync/index.ts").BarrierOptions} */ options = {},
  ) {
    return new sync.Barrier(this.words(8), 3, undefined, options).init(parties);
  }

  list() {
    return new List();
  }
}

/** Whether a promise, which must not reject, takes longer than that. */
async function isLate(/** @type {Promise<unknown>} */ promise, /** @type {number} */ ms) {
  const { promise: late, resolve } = withResolvers();
  const timer = setTimeout(() => resolve(true), ms);
  const result = await Promise.race([promise.then(() => false), late]);
  clearTimeout(timer);
  return result;
}

import type { Barrier, Context, Gil, Lock, NDArray } from "../../index.ts";
import { TraceLog } from "../../sync/trace.ts";

/** When a thread did what it was to do: milliseconds since 1970, on the clock that all threads share. */
export interface Stint<R> {
  readonly begin: number;
  readonly end: number;
  readonly result: R;
}

/** One read-compute-write of the counter: what was read, and when it was read and written back. */
export interface Update {
  readonly value: number;
  readonly read: number;
  readonly write: number;
}

const now = (): number => performance.timeOrigin + performance.now();

/**
 * Does `work` when all threads are warm, and what they do is recorded: the gate opens twice, and recording
 * begins in between.
 */
async function whenAllAreReady<R>(gate: Barrier, work: () => R | Promise<R>): Promise<Stint<R>> {
  gate.wait();
  gate.wait();
  const begin = now();
  const result = await work();
  return { begin, end: now(), result };
}

/** value + 1, the slow way: stands for what a program computes between reading a variable and writing it. */
function successor(value: number, steps: number): number {
  let sum = value;
  for (let step = 0; step < steps; ++step) sum += 1 / steps;
  return Math.round(sum);
}

/** A trace log in an array's elements. */
export const logIn = ({ data }: NDArray): TraceLog =>
  new TraceLog(new Int32Array(data.buffer as SharedArrayBuffer), data.byteOffset / 4);

interface CountOptions {
  readonly counter: NDArray;
  /** Without it, nothing keeps two threads from updating the counter at once. */
  readonly lock: Lock | undefined;
  readonly times: number;
  /** Of successor(): how long an update takes. */
  readonly steps: number;
  /** Where to record; see logIn(). */
  readonly log: NDArray;
}

/** Adds 1 to a shared counter, again and again. */
function count(la: Context, gate: Barrier, options: CountOptions): Promise<Stint<Update[]>> {
  const { counter, lock, times, steps } = options;
  const log = logIn(options.log);
  const me = { id: la.threadId };
  const update = (array: NDArray, effort: number): Update => {
    const read = now();
    const value = array.at(0);
    array.set(successor(value, effort), 0);
    return { value, read, write: now() };
  };
  const repeat = (array: NDArray, effort: number, count: number): Update[] => {
    const updates: Update[] = [];
    for (let i = 0; i < count; ++i) {
      if (lock === undefined) log.add(me, "compute");
      else {
        log.add(me, "waiting");
        lock.acquire();
        log.add(me, "held");
      }
      updates.push(update(array, effort));
      // Said before the release: else the next holder might say first that it holds the lock.
      log.add(me, "away");
      lock?.release();
    }
    return updates;
  };
  repeat(la.zeros([1]), steps / 100, 2000);
  return whenAllAreReady(gate, () => repeat(counter, steps, times));
}

/** How often the counting of primes looks up: after so many numbers, some microseconds. */
const LOOK_UP = 64;

/** How many primes there are below a limit; looks up now and then, as an interpreter's loop does. */
function primesBelow(limit: number, lookUp: () => unknown): number {
  let primes = 0;
  for (let number = 2; number < limit; ++number) {
    let divisor = 2;
    while (divisor * divisor <= number && number % divisor !== 0) ++divisor;
    if (divisor * divisor > number) ++primes;
    if (number % LOOK_UP === 0) lookUp();
  }
  return primes;
}

export interface PrimesOptions {
  readonly gil: Gil | undefined;
  readonly limit: number;
  readonly times: number;
}

/** Counts primes, holding the GIL if there is one. */
function primes(_la: Context, gate: Barrier, options: PrimesOptions): Promise<Stint<number>> {
  const { gil, limit, times } = options;
  const lookUp = gil === undefined ? () => false : () => gil.checkpoint();
  const work = (): number => {
    let found = 0;
    for (let i = 0; i < times; ++i) found = primesBelow(limit, lookUp);
    return found;
  };
  primesBelow(limit / 4, lookUp);
  return whenAllAreReady(gate, () => (gil === undefined ? work() : gil.run(work)));
}

interface RequestsOptions {
  readonly gil: Gil;
  /** Whether the GIL is released while waiting. */
  readonly release: boolean;
  readonly times: number;
  readonly computeMs: number;
  readonly ioMs: number;
}

/** Waits for IO (a timer) and computes a little with what came, in turn. */
function requests(_la: Context, gate: Barrier, options: RequestsOptions): Promise<Stint<void>> {
  const { gil, release, times, computeMs, ioMs } = options;
  const io = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, ioMs));
  const compute = (): void => {
    const end = performance.now() + computeMs;
    while (performance.now() < end);
  };
  return whenAllAreReady(gate, () =>
    gil.runAsync(async () => {
      for (let i = 0; i < times; ++i) {
        await gil.checkpointAsync();
        await (release ? gil.allowThreadsAsync(io, "io") : io());
        compute();
      }
    }),
  );
}

interface ProductsOptions {
  readonly gil: Gil;
  /** Whether products are computed without the GIL. */
  readonly release: boolean;
  readonly n: number;
  readonly times: number;
}

/** Multiplies matrices, and adds up the elements of each product in JavaScript. */
function products(la: Context, gate: Barrier, options: ProductsOptions): Promise<Stint<number>> {
  const { gil, release, n, times } = options;
  const a = la.random([n, n], { seed: 1 });
  const b = la.random([n, n], { seed: 2 });
  const out = la.zeros([n, n]);
  const sum = (): number => {
    let total = 0;
    for (const element of out.data) total += element;
    return total;
  };
  // The first products choose the micro-kernel, and the engine compiles it.
  for (const end = performance.now() + 100; performance.now() < end; sum()) la.matmul(a, b, { out });
  la.useGil(release ? gil : undefined);
  return whenAllAreReady(gate, () =>
    gil.run(() => {
      let total = 0;
      for (let i = 0; i < times; ++i) {
        gil.checkpoint();
        la.matmul(a, b, { out });
        total += sum();
      }
      return total;
    }),
  );
}

/** What the threads of the demos run, by name. */
export const DEMO_TASKS = {
  "demo-count": count,
  "demo-primes": primes,
  "demo-requests": requests,
  "demo-products": products,
};

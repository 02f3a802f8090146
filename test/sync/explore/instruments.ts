import { ask, isPlaying } from "./script.ts";

/** The words of all simulated threads: their code holds this array, the world holds what is in it. */
export function sharedWords(count: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * count));
}

const KINDS = [
  "load",
  "store",
  "add",
  "sub",
  "and",
  "or",
  "xor",
  "exchange",
  "compareExchange",
  "wait",
  "notify",
] as const;

/** Atomics as simulated threads see it; all other code sees it as it is. */
function atomicsFor(shared: Int32Array): object {
  const operation = (kind: (typeof KINDS)[number]) => {
    const real = Atomics[kind] as (words: Int32Array, index: number, ...args: number[]) => unknown;
    return (words: Int32Array, index: number, ...args: number[]): unknown => {
      if (!isPlaying()) return real(words, index, ...args);
      if (words !== shared) throw new Error(`Atomics.${kind} on words that are not the scenario's`);
      if (!(index in words)) throw new RangeError(`Atomics.${kind} on word ${index} of ${words.length}`);
      // No limit.
      if (kind === "wait" && args.length === 1) args.push(Number.POSITIVE_INFINITY);
      return ask(kind, index, ...args);
    };
  };
  return Object.fromEntries(KINDS.map((kind) => [kind, operation(kind)]));
}

/** Runs `explore` with Atomics and the clocks replaced for simulated threads. Nothing else can run meanwhile. */
export function instrumented<R>(shared: Int32Array, explore: () => R): R {
  const { stackTraceLimit } = Error;
  const clock = (real: () => number) => () => (isPlaying() ? ask("now") : real());
  const restore = [
    replace(globalThis, "Atomics", atomicsFor(shared)),
    replace(performance, "now", clock(performance.now.bind(performance))),
    replace(Date, "now", clock(Date.now)),
  ];
  // Thousands of expected errors are thrown, and nobody reads where from.
  Error.stackTraceLimit = 0;
  try {
    return explore();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    for (const undo of restore) undo();
  }
}

/** Replaces a property; returns how to undo that. */
function replace(owner: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(owner, name);
    else Object.defineProperty(owner, name, before);
  };
}

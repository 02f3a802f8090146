import type { Context } from "../../src/index.ts";
import { sampled } from "../common/rows.ts";
import { interleave, type Subject, timedAsyncLoop, timedLoop } from "../common/sample.ts";
import type { HeapGauge, Loop } from "../host/host.ts";
import type { Bench } from "./bench.ts";

/** Something that a thread does while no other thread is there, a loop of its own: see timedLoop(). */
interface Entry {
  readonly who: "blasm" | "bare Atomics";
  readonly label: string;
  readonly what: string;
  readonly loop: Loop;
  readonly subject: Subject;
}

function entry(label: string, what: string, loop: (calls: number) => void): Entry {
  return { who: "blasm", label, what, loop, subject: timedLoop(loop) };
}

/** What ours stand beside, and cannot be faster than. */
const PAIR = "compareExchange + exchange";
const LOAD = "load";

const IS_SET = "isSet";
const CHECKPOINT = "checkpoint, nobody asks";

/** The bare Atomics that a call stands beside. */
export const bareOf = (what: string): string => ([IS_SET, CHECKPOINT].includes(what) ? LOAD : PAIR);

/** On the words of a lock. */
function bareEntries(la: Context): Entry[] {
  const { words, index } = la.lock();
  const bare = (what: string, loop: (calls: number) => void): Entry => ({
    ...entry("Atomics", what, loop),
    who: "bare Atomics",
  });
  return [
    bare(PAIR, (calls) => {
      for (let i = 0; i < calls; ++i) {
        Atomics.compareExchange(words, index, 0, 1);
        Atomics.exchange(words, index, 0);
      }
    }),
    bare(LOAD, (calls) => {
      for (let i = 0; i < calls; ++i) Atomics.load(words, index);
    }),
  ];
}

const nothing = (): void => {};

function lockEntries(la: Context): Entry[] {
  const lock = la.lock();
  const asynchronous = async (calls: number): Promise<void> => {
    for (let i = 0; i < calls; ++i) {
      await lock.acquireAsync();
      lock.release();
    }
  };
  return [
    entry("Lock", "acquire + release", (calls) => {
      for (let i = 0; i < calls; ++i) {
        lock.acquire();
        lock.release();
      }
    }),
    // What `using held = lock.hold()` calls; what else it does is the compiler's.
    entry("Lock", "hold + dispose", (calls) => {
      for (let i = 0; i < calls; ++i) lock.hold()[Symbol.dispose]();
    }),
    entry("Lock", "withLock", (calls) => {
      for (let i = 0; i < calls; ++i) lock.withLock(nothing);
    }),
    {
      who: "blasm",
      label: "Lock",
      what: "await acquireAsync + release",
      loop: asynchronous,
      subject: timedAsyncLoop(asynchronous),
    },
  ];
}

function otherEntries(la: Context): Entry[] {
  const rlock = la.rlock();
  const held = la.rlock();
  held.acquire();
  const semaphore = la.semaphore(1);
  const condition = la.condition();
  condition.lock.acquire();
  const event = la.event();
  const gil = la.gil({ traceEvents: 0 });
  const taken = la.gil({ traceEvents: 0 });
  taken.acquire();
  return [
    entry("RLock", "acquire + release", (calls) => {
      for (let i = 0; i < calls; ++i) {
        rlock.acquire();
        rlock.release();
      }
    }),
    entry("RLock", "once more", (calls) => {
      for (let i = 0; i < calls; ++i) {
        held.acquire();
        held.release();
      }
    }),
    entry("Semaphore", "acquire + release", (calls) => {
      for (let i = 0; i < calls; ++i) {
        semaphore.acquire();
        semaphore.release();
      }
    }),
    entry("Condition", "notify, nobody waits", (calls) => {
      for (let i = 0; i < calls; ++i) condition.notify();
    }),
    entry("Event", IS_SET, (calls) => {
      for (let i = 0; i < calls; ++i) event.isSet();
    }),
    entry("Gil", "run", (calls) => {
      for (let i = 0; i < calls; ++i) gil.run(nothing);
    }),
    entry("Gil", CHECKPOINT, (calls) => {
      for (let i = 0; i < calls; ++i) taken.checkpoint();
    }),
  ];
}

/** What the primitives cost and allocate while no other thread uses them, beside bare Atomics. */
export async function uncontended(bench: Bench): Promise<void> {
  const { la, say, host, notes } = bench;
  const entries = [...bareEntries(la), ...lockEntries(la), ...otherEntries(la)];
  say("uncontended");
  await time(bench, entries);
  if (host.heap === undefined) {
    notes.push("bytes that calls allocate: this host does not tell the size of its heap");
    return;
  }
  say("bytes allocated");
  await weigh(bench, entries, host.heap());
}

async function time({ settings, rows }: Bench, entries: readonly Entry[]): Promise<void> {
  const subjects = entries.map(({ subject }) => subject);
  const samples = await interleave(subjects, settings);
  for (const [i, sample] of samples.entries()) {
    const { label, who, what } = entries[i]!;
    const measured = sampled(sample, (seconds) => seconds * 1e9);
    rows.push({ section: "uncontended", label, who, what, unit: "ns", ...measured });
  }
}

/** What reading the heap's size allocates itself: finer than that nothing can be told. */
const READING = { label: "nothing", who: "V8", what: "reading the heap's size", loop: nothing } as const;

async function weigh({ settings, rows }: Bench, entries: readonly Entry[], gauge: HeapGauge): Promise<void> {
  const all = [READING, ...entries].map((entry) => ({ ...entry, values: [] as number[] }));
  for (let round = 0; round < settings.rounds; ++round) {
    for (const { loop, values } of all) if (!settings.stopped()) values.push(await gauge.bytesPerCall(loop));
  }
  gauge.close();
  for (const { label, who, what, values } of all) {
    rows.push({ section: "uncontended", label, who, what, unit: "bytes", values });
  }
}

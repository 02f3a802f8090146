import type { Context, Lock, NDArray, Semaphore } from "../../src/index.ts";
import { inRounds, type Place } from "../common/crew.ts";

/** How one of two threads sleeps and is woken by the other, through two primitives: one for each to sleep on. */
interface Rope {
  sleep(): void;
  sleepAsync(): Promise<void>;
  /** Wakes the other. */
  pull(): void;
}

/** The primitives of a rope, in the first thread's order. */
export type Ends = readonly [Lock, Lock] | readonly [Semaphore, Semaphore];

export const ROPES = {
  /** Locks that are held at first: any thread may release them. */
  Lock: (mine: Lock, theirs: Lock): Rope => ({
    sleep: () => void mine.acquire(),
    sleepAsync: async () => void (await mine.acquireAsync()),
    pull: () => theirs.release(),
  }),
  Semaphore: (mine: Semaphore, theirs: Semaphore): Rope => ({
    sleep: () => void mine.acquire(),
    sleepAsync: async () => void (await mine.acquireAsync()),
    pull: () => theirs.release(),
  }),
  /** One word that is 1 when it is time to wake up; on words of a lock, as the rivals'. */
  "bare Atomics": ({ words, index }: Lock, theirs: Lock): Rope => ({
    sleep() {
      while (Atomics.load(words, index) === 0) Atomics.wait(words, index, 0);
      Atomics.store(words, index, 0);
    },
    async sleepAsync() {
      while (Atomics.load(words, index) === 0) {
        const { async, value } = Atomics.waitAsync(words, index, 0);
        if (async) await value;
      }
      Atomics.store(words, index, 0);
    },
    pull() {
      Atomics.store(theirs.words, theirs.index, 1);
      Atomics.notify(theirs.words, theirs.index, 1);
    },
  }),
} as const;

export type RopeName = keyof typeof ROPES;

/** A turn of one rope; asynchronous: the second thread does not block, and only its wake-ups count. */
export const TURNS = (Object.keys(ROPES) as RopeName[]).flatMap((rope) =>
  [false, true].map((isAsync) => ({ rope, isAsync })),
);

export interface PingPongPlan extends Place {
  readonly ends: Readonly<Record<RopeName, Ends>>;
  /** One element: when the other was woken. */
  readonly stamp: NDArray;
  /** Of the main thread. */
  readonly timeOrigin: number;
  /** Wake-ups each way in a round. */
  readonly wakeUps: number;
}

/** So long the woken thread stays awake before it wakes the other: until that one is fast asleep. */
const AWAKE_MS = 0.03;

/** A task of two threads that wake each other. Returns microseconds from wake to awake, in turns, a turn a round. */
export async function pingPong(_la: Context, plan: PingPongPlan): Promise<number[][]> {
  const { ends, thread, barrier, wakeUps } = plan;
  const stamp = plan.stamp.data;
  // Where the clocks of threads don't begin at one time (in Node they do).
  const shift = performance.timeOrigin - plan.timeOrigin;
  const clock = (): number => performance.now() + shift;
  const ropes = TURNS.map(({ rope }) => {
    const [one, other] = ends[rope] as readonly [never, never];
    return thread === 0 ? ROPES[rope](one, other) : ROPES[rope](other, one);
  });
  const results: number[][] = [];
  await inRounds(plan, async (round) => {
    const turn = round % TURNS.length;
    const rope = ropes[turn]!;
    const isAsync = TURNS[turn]!.isAsync && thread === 1;
    const latencies: number[] = [];
    const wake = (): void => {
      for (const until = clock() + AWAKE_MS; clock() < until; );
      stamp[0] = clock();
      rope.pull();
    };
    if (thread === 0) wake();
    for (let i = 0; i < wakeUps; ++i) {
      if (isAsync) await rope.sleepAsync();
      else rope.sleep();
      latencies.push(1000 * (clock() - stamp[0]!));
      if (thread === 1 || i < wakeUps - 1) wake();
    }
    barrier.wait();
    results.push(TURNS[turn]!.isAsync && thread === 0 ? [] : latencies);
  });
  return results;
}

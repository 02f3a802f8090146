import type { Context, Lock, NDArray } from "../../src/index.ts";
import { inRounds, type Place } from "../common/crew.ts";
import { CONTESTANT_NAMES, CONTESTANTS, type Lockable, NO_LOCK } from "./rivals.ts";
import { stepsFor, work } from "./work.ts";

/** A turn of one contestant: either its throughput is measured, or its waits. */
interface Turn {
  readonly lock: Lockable;
  /** Whether every wait is timed. That takes longer than an uncontended acquire, so throughput has turns of its own. */
  readonly clocked: boolean;
}

/** The turns of a round, in order. What is done without a lock is no throughput. */
export const TURNS = CONTESTANT_NAMES.flatMap((contestant) =>
  (contestant === NO_LOCK ? [true] : [false, true]).map((clocked) => ({ contestant, clocked })),
);

export interface HammerPlan extends Place {
  /** A lock of its own for each contestant. */
  readonly locks: readonly Lock[];
  /** One element: what the locks guard. It is added to without atomic operations. */
  readonly counter: NDArray;
  readonly ms: number;
  /** Microseconds of work while holding the lock, and as many between. */
  readonly us: number;
}

/** What one thread did in one turn. */
export interface Hammered {
  readonly acquires: number;
  readonly ms: number;
  /** Milliseconds; 0 where waits were not timed. */
  readonly longest: number;
  /** The counter when all were done; told by one of the threads. */
  readonly counted: number | undefined;
}

/** Acquires between two looks at the clock, which takes as long as some of them. */
const CLOCK_EVERY = 16;

/** A task: takes and releases the contestants' locks as fast as it can, in turns, a turn a round. */
export async function hammer(_la: Context, plan: HammerPlan): Promise<Hammered[]> {
  const { locks, counter, thread, barrier, us, ms } = plan;
  const steps = stepsFor(us);
  const turns = TURNS.map(({ contestant, clocked }): Turn => {
    const lock = locks[CONTESTANT_NAMES.indexOf(contestant)]!;
    return { lock: CONTESTANTS[contestant](lock), clocked };
  });
  const count = counter.data;
  const results: Hammered[] = [];
  await inRounds(plan, (round) => {
    const { lock, clocked } = turns[round % turns.length]!;
    const done = clocked ? timed(lock, count, steps, ms) : untimed(lock, count, steps, ms);
    barrier.wait();
    // Nobody touches it before all meet at the next round's start.
    results.push({ ...done, counted: thread === 0 ? count[0] : undefined });
    if (thread === 0) count[0] = 0;
  });
  return results;
}

type Done = Omit<Hammered, "counted">;

function untimed(lock: Lockable, count: NDArray["data"], steps: number, limit: number): Done {
  const start = performance.now();
  let ms = 0;
  let acquires = 0;
  while (ms < limit) {
    strike(lock, count, steps);
    acquires += CLOCK_EVERY;
    ms = performance.now() - start;
  }
  return { acquires, ms, longest: 0 };
}

function timed(lock: Lockable, count: NDArray["data"], steps: number, limit: number): Done {
  const start = performance.now();
  let now = start;
  let acquires = 0;
  let longest = 0;
  while (now - start < limit) {
    const asked = performance.now();
    const got = strikeOnce(lock, count, steps);
    longest = Math.max(longest, got - asked);
    acquires += 1;
    now = got;
  }
  return { acquires, ms: now - start, longest };
}

// What is measured, in functions of their own that are called again and again: engines optimise those sooner, and better,
// than the inside of a loop that runs for long.

function strike(lock: Lockable, count: NDArray["data"], steps: number): void {
  for (let i = 0; i < CLOCK_EVERY; ++i) {
    lock.acquire();
    count[0]! += 1;
    work(steps);
    lock.release();
    work(steps);
  }
}

/** Returns when it got the lock. */
function strikeOnce(lock: Lockable, count: NDArray["data"], steps: number): number {
  lock.acquire();
  const got = performance.now();
  count[0]! += 1;
  work(steps);
  lock.release();
  work(steps);
  return got;
}

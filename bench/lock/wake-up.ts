import { inThreads } from "../common/crew.ts";
import { quantile } from "../common/sample.ts";
import type { Bench } from "./bench.ts";
import { type RopeName, TURNS } from "./ping-pong.ts";
import type { Row } from "./rows.ts";

/** Latency of waking a thread that sleeps in a primitive, beside bare Atomics. */
export async function wakeUp(bench: Bench): Promise<void> {
  const { la, selection, say, rows } = bench;
  say("waking up");
  const locks = [la.lock(), la.lock(), la.lock(), la.lock()] as const;
  const semaphores = [la.semaphore(0), la.semaphore(0)] as const;
  const stamp = la.zeros([1]);
  const ends: Record<RopeName, unknown> = {
    Lock: [locks[0], locks[1]],
    Semaphore: semaphores,
    "bare Atomics": [locks[2], locks[3]],
  };
  for (const lock of locks.slice(0, 2)) lock.acquire();
  // One round more than asked for: the first one warms up.
  const turns = (selection.rounds + 1) * TURNS.length;
  const args = { ends, stamp, timeOrigin: performance.timeOrigin, wakeUps: selection.wakeUps };
  rows.push(...rowsOf(await inThreads<number[][]>(bench, "pingPong", 2, turns, args)));
  stamp.release();
  for (const primitive of [...locks, ...semaphores]) primitive[Symbol.dispose]();
}

/** The rows of all turns, from the latencies that each of the two threads found in each. */
export function rowsOf(results: readonly (readonly number[])[][]): Row[] {
  const count = Math.min(...results.map(({ length }) => length));
  return TURNS.flatMap(({ rope, isAsync }, at) => {
    const mine: number[][] = [];
    for (let turn = at + TURNS.length; turn < count; turn += TURNS.length) {
      mine.push(results.flatMap((thread) => thread[turn]!));
    }
    const row = (what: string, q: number): Row => ({
      section: "wake-up",
      label: isAsync ? "asynchronous" : "blocking",
      who: rope,
      what,
      unit: "µs",
      values: mine.map((latencies) => quantile(latencies, q)),
    });
    return [row("median", 0.5), row("99th percentile", 0.99)];
  });
}

import { inThreads } from "../common/crew.ts";
import type { Bench } from "./bench.ts";
import type { Row, Unit } from "./rows.ts";
import type { Ran } from "./share-gil.ts";

const THREADS = 2;

/** Microseconds between two checkpoints. */
const PIECE_US = 5;

/** Two threads that compute under one GIL: what share each gets, and how often it changes hands. */
export async function gil(bench: Bench): Promise<void> {
  const { la, selection, say, rows } = bench;
  say("two threads under the GIL");
  const lock = la.gil({ traceEvents: 0 });
  const { gilMs: ms } = selection;
  const args = { gil: lock, ms, us: PIECE_US };
  // One round more than asked for: the first one warms up.
  const results = await inThreads<Ran[]>(bench, "shareGil", THREADS, selection.rounds + 1, args);
  rows.push(...rowsOf(ms, lock.switchInterval, results));
  lock[Symbol.dispose]();
}

/** The rows, from what each thread did in each round. */
export function rowsOf(ms: number, interval: number, results: readonly (readonly Ran[])[]): Row[] {
  const rounds = Math.min(...results.map(({ length }) => length));
  const measured = Array.from({ length: rounds }, (_, round) => results.map((thread) => thread[round]!));
  const row = (what: string, unit: Unit, value: (threads: readonly Ran[]) => number): Row => ({
    section: "gil",
    label: `${results.length} threads, ${interval} ms interval`,
    who: "blasm Gil",
    what,
    unit,
    values: measured.slice(1).map(value),
  });
  const share = (threads: readonly Ran[], thread: number): number =>
    threads[thread]!.pieces / threads.reduce((sum, { pieces }) => sum + pieces, 0);
  return [
    ...results.map((_, thread) =>
      row(`share of thread ${thread + 1}`, "share", (threads) => share(threads, thread)),
    ),
    row("switches", "1/s", (threads) => (1000 * Math.max(...threads.map(({ switches }) => switches))) / ms),
  ];
}

import { inThreads } from "../common/crew.ts";
import type { Bench } from "./bench.ts";
import { type Hammered, TURNS } from "./hammer.ts";
import { CONTESTANT_NAMES, NO_LOCK } from "./rivals.ts";
import type { Row, Unit } from "./rows.ts";

/** Microseconds of work inside and outside of the lock. */
const WORKS = [0, 2];

/** Rounds before those that count: in the first one the engine sees all the locks, then it compiles anew. */
export const WARM_UP = 2;

/**
 * Rounds for each that was asked for. Many short ones: a machine that stands still for some milliseconds, some times a second,
 * spoils few of them.
 */
const TIMES = 2;

const labelOf = (threads: number, us: number): string =>
  `${threads} threads, ${us === 0 ? "nothing else to do" : `${us} µs inside and outside`}`;

/** Threads that hammer one lock: ours, and what people write without a library. */
export async function contended(bench: Bench): Promise<void> {
  for (const threads of bench.selection.crowds) {
    for (const us of WORKS) if (!bench.settings.stopped()) await crowd(bench, threads, us);
  }
}

async function crowd(bench: Bench, threads: number, us: number): Promise<void> {
  const { la, selection, say, rows } = bench;
  const label = labelOf(threads, us);
  say(label);
  const locks = CONTESTANT_NAMES.map(() => la.lock());
  const counter = la.zeros([1]);
  const turns = (WARM_UP + TIMES * selection.rounds) * TURNS.length;
  const args = { locks, counter, ms: selection.hammerMs, us };
  const results = await inThreads<Hammered[]>(bench, "hammer", threads, turns, args);
  rows.push(...rowsOf(label, results));
  counter.release();
  for (const lock of locks) lock[Symbol.dispose]();
}

/** The rows of one crowd, from what each thread did in each turn. */
export function rowsOf(label: string, results: readonly (readonly Hammered[])[]): Row[] {
  const count = Math.min(...results.map(({ length }) => length));
  const turns = Array.from({ length: count }, (_, turn) => ({
    ...TURNS[turn % TURNS.length]!,
    threads: results.map((thread) => thread[turn]!),
  }));
  return CONTESTANT_NAMES.flatMap((who) => {
    const mine = turns.filter(({ contestant }) => contestant === who);
    const wrong = who !== NO_LOCK && !mine.every(({ threads }) => isExact(threads));
    const row = (what: string, unit: Unit, clocked: boolean, value: (threads: Threads) => number): Row => {
      const measured = mine.filter((turn) => turn.clocked === clocked).slice(WARM_UP);
      const values = wrong ? [] : measured.map(({ threads }) => value(threads));
      return { section: "contended", label, who, what, unit, values, wrong };
    };
    const wait = row("longest wait", "ms", true, longestWait);
    if (who === NO_LOCK) return [wait];
    return [
      row("throughput", "1/s", false, throughput),
      { ...row("least share", "share", false, leastShare), better: "higher" },
      wait,
    ];
  });
}

/** What the threads of a crowd did in one turn. */
type Threads = readonly Hammered[];

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Whether the counter says what the threads say. */
const isExact = (threads: Threads): boolean =>
  threads.some(({ counted }) => counted === sum(threads.map(({ acquires }) => acquires)));

const throughput = (threads: Threads): number =>
  sum(threads.map(({ acquires, ms }) => (1000 * acquires) / ms));

const longestWait = (threads: Threads): number => Math.max(...threads.map(({ longest }) => longest));

/** Of all acquires, the part of the thread that had the fewest. */
function leastShare(threads: Threads): number {
  const acquires = threads.map((thread) => thread.acquires);
  return Math.min(...acquires) / sum(acquires);
}

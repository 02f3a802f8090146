import { inThreads } from "../common/crew.ts";
import type { Bench } from "./bench.ts";
import { TURNS } from "./churn.ts";
import type { Row } from "./rows.ts";

const THREADS = 2;

export const ALONE = "one alone";
export const TOGETHER = "both at once";

/** Two threads that allocate and release in one arena at once. */
export async function threads(bench: Bench): Promise<void> {
  const { init, selection, say, rows } = bench;
  const label = `${THREADS} threads`;
  say(label);
  const la = await init({ threads: 1 });
  try {
    const before = la.arena.stats().blocks;
    // One round more than asked for: the first one warms up.
    const rounds = (selection.rounds + 1) * TURNS.length;
    const args = { ms: selection.churnMs };
    const results = await inThreads<number[]>({ ...bench, la }, "churn", THREADS, rounds, args);
    const wrong = la.arena.stats().blocks !== before || la.arena.check().problems.length > 0;
    rows.push(...rowsOf(label, results, wrong));
  } finally {
    la.close();
  }
}

/** The rows, from each thread's rate in each turn. */
export function rowsOf(label: string, results: readonly (readonly number[])[], wrong: boolean): Row[] {
  const count = Math.min(...results.map(({ length }) => length));
  return TURNS.map(({ who, alone }, at) => {
    const values: number[] = [];
    for (let turn = at + TURNS.length; turn < count; turn += TURNS.length) {
      values.push(results.reduce((sum, rates) => sum + rates[turn]!, 0));
    }
    const what = alone ? ALONE : TOGETHER;
    return { section: "threads", label, who, what, unit: "1/s", values: wrong ? [] : values, wrong };
  });
}

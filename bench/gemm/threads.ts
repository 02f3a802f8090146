import type { Build, Context } from "../../src/index.ts";
import type { SampleSettings, Subject } from "../common/sample.ts";
import { settle } from "../common/settle.ts";
import { type Bench, type Contestant, contest } from "./bench.ts";
import { square } from "./cases.ts";
import { gemmEntry, nativeEntry } from "./products.ts";
import { prepare } from "./validate.ts";

/**
 * A team finds out while it runs which sizes pay, in trials of a millisecond, some twenty milliseconds apart; and members that have
 * slept may be woken on the caller's core, where Linux leaves them for ten or twenty. Warm-ups and samples are long beside that.
 */
const WARM_UPS = 4;
export const SAMPLE_MS = 200;

/** Settings for products of teams. */
export const patient = (settings: SampleSettings): SampleSettings => ({
  ...settings,
  warmUpMs: WARM_UPS * settings.warmUpMs,
  sampleMs: Math.max(SAMPLE_MS, settings.sampleMs),
});

/** What a row of so many threads is called. */
export const threadsName = (threads: number): string => `${threads} ${threads === 1 ? "thread" : "threads"}`;

/** OpenBLAS's threads go on looking for work for 100 ms (seen in /proc), on the cores that who is next needs. */
const REST_MS = 150;

function restful(subject: Subject): Subject {
  return {
    async sample(calls) {
      const timing = await subject.sample(calls);
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
      return timing;
    },
  };
}

/** Numbers of threads that can be had. */
function countsOf({ selection, contestants }: Bench): readonly number[] {
  const { shared } = contestants[0]!.la.config().memory;
  return shared ? selection.threads : [1];
}

/** A context of a build for each number of threads, its members started. */
async function teamsOf(bench: Bench, build: Build): Promise<Map<number, Context>> {
  const teams = new Map<number, Context>();
  for (const threads of countsOf(bench)) {
    const la = await bench.init({ build, threads, prewarm: true });
    for (const dtype of bench.selection.dtypes) settle(la, dtype);
    teams.set(threads, la);
  }
  return teams;
}

/** Square products on different numbers of threads, in turns; beside native BLAS on the most. */
export async function threads(bench: Bench): Promise<void> {
  const { selection } = bench;
  const { shared, reason } = bench.contestants[0]!.la.config().memory;
  if (!shared) bench.notes.push(`more threads: they share no memory here (${reason})`);
  const teams: [contestant: Contestant, contexts: Map<number, Context>][] = [];
  for (const contestant of bench.contestants) {
    teams.push([contestant, await teamsOf(bench, contestant.build)]);
  }
  const most = Math.max(...selection.threads);
  const settings = patient(bench.settings);
  const native = await bench.startNative(most);
  try {
    for (const dtype of selection.dtypes) {
      for (const n of selection.threadSizes) {
        if (bench.settings.stopped()) return;
        const one = square(dtype, n);
        const problem = prepare(one);
        const entries = teams.flatMap(([contestant, contexts]) =>
          Array.from(contexts, ([count, la]) => ({
            ...gemmEntry({ ...contestant, la }, one, problem, threadsName(count)),
            threads: count,
          })),
        );
        const natives = await nativeEntry(native, one, problem, threadsName(most));
        entries.push(
          ...natives.map((entry) => ({ ...entry, threads: most, subject: restful(entry.subject) })),
        );
        await contest({ ...bench, settings }, "threads", dtype, String(n), entries);
      }
    }
  } finally {
    native?.close();
    for (const [, contexts] of teams) for (const la of contexts.values()) la.close();
  }
}

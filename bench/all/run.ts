import type { SectionRow } from "../common/rows.ts";
import type { Result, RunOptions } from "../common/run.ts";
import type { BenchName, Results } from "../results-file/format.ts";
import { merge, resultsOf } from "../results-file/from-rows.ts";

/** How much of each bench is measured. */
export type Length = "full" | "quick";

/** A bench, and its time. */
export interface Scheduled {
  readonly name: BenchName;
  /** That it may take: a slow machine has less measured, not more time. */
  readonly seconds: Readonly<Record<Length, number>>;
  readonly run: (length: Length, given: Given) => Promise<Results>;
}

/** A bench with what of it is measured in its time. */
export interface Part extends Scheduled {
  readonly selections: Readonly<Record<Length, object>>;
  /** The same bench with some of its selections otherwise. */
  readonly adjusted: (wish: object) => Part;
}

/** What benches are given beside what they are to measure. */
export type Given = Omit<RunOptions<never>, "selection">;

/** A bench by what runs it, and its selections. */
export const part = <Selection extends object, Row extends SectionRow<string, string>>(
  name: BenchName,
  run: (options: RunOptions<Selection>) => Promise<Result<Selection, Row>>,
  seconds: Scheduled["seconds"],
  selections: Readonly<Record<Length, Selection>>,
): Part => ({
  name,
  seconds,
  selections,
  adjusted: (wish) =>
    part(name, run, seconds, {
      full: { ...selections.full, ...wish },
      quick: { ...selections.quick, ...wish },
    }),
  run: async (length, given) => resultsOf(name, await run({ ...given, selection: selections[length] })),
});

/** What the caller of several benches wants. */
export interface AllOptions extends Omit<Given, "say" | "measured" | "failed"> {
  readonly length: Length;
  /** Says what is being measured, and how many seconds of all are done. */
  readonly say: (text: string, done: number) => void;
  /** Called where a bench, or a section of it, failed; the next bench is run all the same. */
  readonly failed: (name: BenchName, error: unknown) => void;
  /** Gets what there is, each time that something else begins, and after each bench. */
  readonly measured?: (results: Results) => void;
  /** Milliseconds from some fixed start. */
  readonly now?: () => number;
}

/** How long some benches may take together, in seconds. */
export const secondsOf = (parts: readonly Scheduled[], length: Length): number =>
  parts.reduce((sum, { seconds }) => sum + seconds[length], 0);

/**
 * Runs benches one after the other. Each may take its share of the time that is left: what one leaves, and what one was over its
 * time, all that follow have a part in.
 * @returns undefined if nothing was measured: all have failed, or it was stopped before.
 */
export async function runAll(
  parts: readonly Scheduled[],
  { length, say, failed, measured, now = () => performance.now(), ...given }: AllOptions,
): Promise<Results | undefined> {
  const start = now();
  const total = secondsOf(parts, length);
  const done: Results[] = [];
  for (const [i, one] of parts.entries()) {
    if (given.stopped()) break;
    const seconds = one.seconds[length];
    const begun = now();
    const before = secondsOf(parts.slice(0, i), length);
    const left = Math.max(0, start + 1000 * total - begun);
    const end = begun + (left * seconds) / (total - before);
    const tell = (text: string): void =>
      say(`${one.name}: ${text}`, before + Math.min(seconds, (now() - begun) / 1000));
    tell("starting");
    try {
      const results = await one.run(length, {
        ...given,
        ...(measured && { measured: (result) => measured(merge([...done, resultsOf(one.name, result)])) }),
        say: tell,
        failed: (_section, error) => failed(one.name, error),
        stopped: () => given.stopped() || now() > end,
      });
      done.push(given.stopped() ? results : onTime(results, seconds));
      measured?.(merge(done));
    } catch (error) {
      failed(one.name, error);
    }
  }
  return done.length > 0 ? merge(done) : undefined;
}

/** What was left out for want of time was not interrupted by anybody: a note says what became of it. */
function onTime(results: Results, seconds: number): Results {
  const note = `cut: not all was measured in its ${seconds} s`;
  const runs = results.runs.map((run) =>
    run.interrupted ? { ...run, interrupted: false, notes: [...run.notes, note] } : run,
  );
  return { ...results, runs };
}

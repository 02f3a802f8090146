import type { Command } from "commander";
import type { Reports } from "../../bench/common/report.ts";
import { breathe } from "../../bench/common/sample.ts";
import type { Results } from "../../bench/results-file/format.ts";
import { textOf } from "../../bench/results-file/from-rows.ts";
import { CommandError, EXIT, InterruptedError, messageOf } from "./fail.ts";
import { checkTargets, type ForceOption, withForce, writeText } from "./files.ts";
import { type Progress, progress, type Terminal } from "./terminal.ts";

/** Where a bench's results go. */
export interface ResultOptions extends ForceOption {
  readonly details?: boolean;
  readonly json?: string;
  readonly markdown?: string;
}

/** What a running bench may call. */
export interface Hooks {
  /** Says what is being measured, and what share of the whole is done. */
  readonly say: (text: string, share?: number) => void;
  /** Whether to stop now, with what there is. */
  readonly stopped: () => boolean;
  /** Calls what keeps the event loop from turning for many seconds: Ctrl-C ends the process meanwhile. */
  readonly blocking: <T>(work: () => T) => T;
  /** Told what of it failed: what else was measured is written all the same. */
  readonly failed: (what: string, error: unknown) => void;
}

/** A bench and its reports. */
export interface Measurement<R> extends Reports<R> {
  run(hooks: Hooks): Promise<R>;
  asResults(result: R): Results;
}

/** Adds the options of every bench. */
export const withResultOptions = (command: Command): Command =>
  withForce(
    command
      .option("--details", "print every row with its spread")
      .option("--json <file>", "write a file of results; - for standard output instead of the tables")
      .option("--markdown <file>", "write the tables as Markdown"),
  );

/** Runs `body` so that Ctrl-C ends it with what there is; once more, at once. */
async function interruptible<T>(
  terminal: Terminal,
  bar: Progress,
  body: (hooks: Pick<Hooks, "stopped" | "blocking">) => Promise<T>,
): Promise<{ result: T; interrupted: boolean }> {
  let stop = false;
  const onInterrupt = (): void => {
    if (stop) process.exit(EXIT.interrupted);
    stop = true;
    terminal.err.write("\nblasm: stopping; once more to stop at once\n");
  };
  const listen = (): void => void process.on("SIGINT", onInterrupt);
  const leave = (): void => void process.off("SIGINT", onInterrupt);
  const blocking: Hooks["blocking"] = (work) => {
    leave();
    try {
      return work();
    } finally {
      listen();
    }
  };
  listen();
  try {
    const result = await body({ stopped: () => stop, blocking }).finally(() => bar.stop());
    // A signal that came during the last computation is heard now.
    await breathe();
    return { result, interrupted: stop };
  } catch (error) {
    await breathe();
    if (!stop) throw error;
    terminal.err.write(`blasm: ${messageOf(error)}\n`);
    throw new InterruptedError();
  } finally {
    leave();
  }
}

/** Runs a bench and writes what it found. */
export async function measure<R>(
  bench: Measurement<R>,
  options: ResultOptions,
  terminal: Terminal,
): Promise<void> {
  const { details = false, json, markdown } = options;
  await checkTargets([json, markdown], options);
  const bar = progress(terminal, 1);
  const failures: string[] = [];
  const { result, interrupted } = await interruptible(terminal, bar, (hooks) =>
    bench.run({
      say: (text, share = 0) => bar.update(share, text),
      ...hooks,
      failed: (what, error) => void failures.push(`${what} failed: ${messageOf(error)}`),
    }),
  );
  const results = bench.asResults(result);
  if (json === "-") terminal.out.write(textOf(results));
  else {
    terminal.out.write(`${bench.asText(result, details)}\n`);
    if (json !== undefined) await writeText(json, textOf(results), options);
  }
  if (markdown !== undefined) await writeText(markdown, bench.asMarkdown(result), options);
  const problems = [...failures, ...wrongResults(results)].join("; ");
  if (interrupted) {
    if (problems !== "") terminal.err.write(`blasm: ${problems}\n`);
    throw new InterruptedError();
  }
  if (problems !== "") throw new CommandError(problems);
}

/** A line, if a result is wrong. */
function wrongResults({ measurements }: Results): string[] {
  const wrong = measurements.filter((one) => one.wrong).length;
  return wrong > 0 ? [`${wrong} results are wrong; they are marked in the tables.`] : [];
}

import type { Command } from "commander";
import type { Results } from "../../bench/results-file/format.ts";
import { textOf } from "../../bench/results-file/from-rows.ts";
import { CommandError, EXIT, InterruptedError } from "./fail.ts";
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
}

/** A bench and its reports. */
export interface Measurement<R> {
  run(hooks: Hooks): Promise<R>;
  asText(result: R, details: boolean): string;
  asMarkdown(result: R): string;
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
  body: (stopped: Hooks["stopped"]) => Promise<T>,
): Promise<{ result: T; interrupted: boolean }> {
  let stop = false;
  const onInterrupt = (): void => {
    if (stop) process.exit(EXIT.interrupted);
    stop = true;
    terminal.err.write("\nblasm: stopping; once more to stop at once\n");
  };
  process.on("SIGINT", onInterrupt);
  try {
    const result = await body(() => stop).finally(() => bar.stop());
    return { result, interrupted: stop };
  } finally {
    process.off("SIGINT", onInterrupt);
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
  const { result, interrupted } = await interruptible(terminal, bar, (stopped) =>
    bench.run({ say: (text, share = 0) => bar.update(share, text), stopped }),
  );
  const results = bench.asResults(result);
  if (json === "-") terminal.out.write(textOf(results));
  else {
    terminal.out.write(`${bench.asText(result, details)}\n`);
    if (json !== undefined) await writeText(json, textOf(results), options);
  }
  if (markdown !== undefined) await writeText(markdown, bench.asMarkdown(result), options);
  refuseWrong(results);
  if (interrupted) throw new InterruptedError();
}

/** @throws CommandError if a result is wrong. */
function refuseWrong({ measurements }: Results): void {
  const wrong = measurements.filter((one) => one.wrong).length;
  if (wrong > 0) throw new CommandError(`${wrong} results are wrong; they are marked in the tables.`);
}

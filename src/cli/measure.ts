import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { about, CommandError, EXIT, InterruptedError } from "./fail.ts";
import { progress, type Terminal } from "./terminal.ts";

/** Where a bench's results go. */
export interface ResultOptions {
  readonly details?: boolean;
  readonly json?: string;
  readonly markdown?: string;
}

/** What a running bench may call. */
export interface Hooks {
  /** Says what is being measured. */
  readonly say: (text: string) => void;
  /** Whether to stop now, with what there is. */
  readonly stopped: () => boolean;
}

/** A bench and its reports. */
export interface Measurement<R> {
  run(hooks: Hooks): Promise<R>;
  asText(result: R, details: boolean): string;
  asJson(result: R): string;
  asMarkdown(result: R): string;
  /** How many results are wrong. */
  wrong(result: R): number;
}

/** Adds the options of every bench. */
export const withResultOptions = (command: Command): Command =>
  command
    .option("--details", "print every row with its spread")
    .option("--json <file>", "write everything as JSON; - for standard output instead of the tables")
    .option("--markdown <file>", "write the tables as Markdown");

/** Runs a bench and writes what it found. Ctrl-C ends it with what there is; once more, at once. */
export async function measure<R>(
  bench: Measurement<R>,
  { details = false, json, markdown }: ResultOptions,
  terminal: Terminal,
): Promise<void> {
  let stop = false;
  const onInterrupt = (): void => {
    if (stop) process.exit(EXIT.interrupted);
    stop = true;
    terminal.err.write("\nblasm: stopping; once more to stop at once\n");
  };
  process.on("SIGINT", onInterrupt);
  const bar = progress(terminal, undefined);
  try {
    const hooks = { say: (text: string) => bar.update(0, text), stopped: () => stop };
    const result = await bench.run(hooks).finally(() => bar.stop());
    if (json === "-") terminal.out.write(bench.asJson(result));
    else {
      terminal.out.write(`${bench.asText(result, details)}\n`);
      if (json !== undefined) await about(json, () => writeFile(json, bench.asJson(result)));
    }
    if (markdown !== undefined) await about(markdown, () => writeFile(markdown, bench.asMarkdown(result)));
    const wrong = bench.wrong(result);
    if (wrong > 0) throw new CommandError(`${wrong} results are wrong; they are marked in the tables.`);
    if (stop) throw new InterruptedError();
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}

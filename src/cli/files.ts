import { access, constants, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Command } from "commander";
import type { Results } from "../../bench/results-file/format.ts";
import { about, CommandError } from "./fail.ts";

/** Of every command that writes files. */
export interface ForceOption {
  readonly force?: true;
}

export const withForce = (command: Command): Command =>
  command.option("--force", "replace files that are there already");

const existing = (file: string): CommandError =>
  new CommandError(`${file}: is already there; --force replaces it.`);

/** A file that a command may be told to write; "-" is standard output. */
type Target = string | undefined;

const filesOf = (targets: readonly Target[]): string[] =>
  targets.flatMap((target) => (target === undefined || target === "-" ? [] : [target]));

/** @throws CommandError for the first file that is there and must not be replaced. */
export async function refuseExisting(targets: readonly Target[], { force }: ForceOption): Promise<void> {
  if (force) return;
  for (const file of filesOf(targets)) {
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (isThere) throw existing(file);
  }
}

/**
 * Before a long run, not after it.
 * @throws CommandError for the first file that has no folder to be written in, is there and must not be replaced, or is named twice.
 */
export async function checkTargets(targets: readonly Target[], options: ForceOption): Promise<void> {
  const files = filesOf(targets);
  const twice = files.find((file, i) => files.indexOf(file) < i);
  if (twice !== undefined) throw new CommandError(`${twice}: is to be written twice.`);
  for (const file of files) await about(file, () => access(dirname(file), constants.W_OK));
  await refuseExisting(files, options);
}

/** Writes a whole file. @throws CommandError if it is there and must not be replaced, or cannot be written. */
export const writeText = (file: string, text: string, { force }: ForceOption): Promise<void> =>
  about(file, async () => {
    try {
      await writeFile(file, text, { flag: force ? "w" : "wx" });
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === "EEXIST" ? existing(file) : error;
    }
  });

/** A file of results. @throws CommandError naming the file, and what is wrong with it. */
export const readResultsFile = (file: string): Promise<Results> =>
  about(file, async () => {
    const text = await readFile(file, "utf8");
    // Its validator is large: most commands do without.
    const { readResults } = await import("../../bench/results-file/read.ts");
    return readResults(text);
  });

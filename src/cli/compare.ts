import { basename } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import {
  type Comparison,
  compare,
  type Named,
  regressions,
  shareLeft,
} from "../../bench/results-file/compare.ts";
import { asMarkdown, asText } from "../../bench/results-file/compare-report.ts";
import { about, CommandError } from "./fail.ts";
import { checkTargets, type ForceOption, readResultsFile, withForce, writeText } from "./files.ts";
import type { Terminal } from "./terminal.ts";

interface Options extends ForceOption {
  readonly failAbove?: number;
  readonly changed?: true;
  readonly json?: true;
  readonly markdown?: true;
  readonly output?: string;
}

/** A number from 0 to 100. @throws InvalidArgumentError */
function percentage(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value <= 100) return value;
  throw new InvalidArgumentError(`"${text}" is no percentage from 0 to 100.`);
}

/** Adds `blasm compare`. */
export function addCompare(program: Command, { out }: Terminal): void {
  const command = program
    .command("compare")
    .description("compare files of results with the first: ratios, how sure they are, and what is only noise")
    .argument("<baseline.json>", "what `blasm bench --json` or the page wrote")
    .argument("<others.json...>", "what is compared with it")
    .option("--fail-above <percent>", "end with status 1 if anything is worse by more, or wrong", percentage)
    .option("--changed", "show only what changed")
    .option("--json", "print it as JSON")
    .option("--markdown", "print it as Markdown")
    .option("-o, --output <file>", "write it to a file");
  withForce(command).action(async (baseline: string, others: string[], options: Options) => {
    const { output, changed = false, failAbove } = options;
    await checkTargets([output], options);
    const files: [string, ...string[]] = [baseline, ...others];
    const comparison = await about("compare", async () => compare(await readAll(files)));
    const text = options.json
      ? `${JSON.stringify({ schema: "blasm-comparison/1", ...comparison }, null, 1)}\n`
      : options.markdown
        ? asMarkdown(comparison, changed)
        : `${asText(comparison, changed)}\n`;
    if (output === undefined) out.write(text);
    else await writeText(output, text, options);
    if (failAbove !== undefined) refuseRegressions(comparison, failAbove);
  });
}

/** Called by their names, or by their paths if two have one name. */
async function readAll(files: readonly [string, ...string[]]): Promise<[Named, ...Named[]]> {
  const names = files.map((file) => basename(file));
  const short = new Set(names).size === names.length;
  const named: Named[] = [];
  for (const [i, file] of files.entries())
    named.push({ name: short ? names[i]! : file, results: await readResultsFile(file) });
  return named as [Named, ...Named[]];
}

/** @throws CommandError naming the worst. */
function refuseRegressions(comparison: Comparison, percent: number): void {
  const found = regressions(comparison, percent / 100);
  if (found.length === 0) return;
  const left = ({ others }: (typeof found)[number]): number =>
    Math.min(...others.map((other) => (other ? shareLeft(other) : 1)));
  const worst = found.reduce((one, other) => (left(other) < left(one) ? other : one));
  const { bench, section, dtype, label, who, what, unit } = worst.quantity;
  const name = [bench, section, dtype, label, who, what].filter(Boolean).join(" ");
  const share = left(worst);
  const how =
    share < 0
      ? "is wrong"
      : share > 0
        ? `has ${(100 * share).toFixed(1)} % of the baseline's`
        : `is no longer ${worst.baseline} ${unit}`;
  const count = found.length === 1 ? "1 quantity is" : `${found.length} quantities are`;
  throw new CommandError(`${count} worse by more than ${percent} %; the worst, ${name}, ${how}.`);
}

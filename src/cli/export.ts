import type { Command } from "commander";
import type { Results } from "../../bench/results-file/format.ts";
import { asCsv } from "../../bench/results-file/formats/csv.ts";
import { asGoogleBenchmark } from "../../bench/results-file/formats/google-benchmark.ts";
import { asHpl } from "../../bench/results-file/formats/hpl.ts";
import { asMarkdown } from "../../bench/results-file/formats/markdown.ts";
import { about } from "./fail.ts";
import { checkTargets, type ForceOption, readResultsFile, withForce, writeText } from "./files.ts";
import { oneOf } from "./numbers.ts";
import type { Terminal } from "./terminal.ts";

const FORMATS: Readonly<Record<string, (results: Results) => string>> = {
  csv: asCsv,
  markdown: asMarkdown,
  hpl: asHpl,
  "google-benchmark": asGoogleBenchmark,
};
const NAMES = Object.keys(FORMATS);

interface Options extends ForceOption {
  readonly to: string;
  readonly output?: string;
}

/** Adds `blasm export`. */
export function addExport(program: Command, { out }: Terminal): void {
  const command = program
    .command("export")
    .description("turn a file of results into another format, on standard output or into a file")
    .argument("<results.json>", "what `blasm bench --json` or the page wrote")
    .requiredOption("--to <format>", `one of ${NAMES.join(", ")}`, (text) => oneOf(text, NAMES))
    .option("-o, --output <file>", "write it to a file")
    .addHelpText(
      "after",
      [
        "",
        "csv               a line for each value, for spreadsheets and data frames",
        "markdown          a line for each measurement, a table for each bench",
        "hpl               what HPL prints, of `blasm bench linpack`",
        "google-benchmark  its JSON, times and rates, as its compare.py and CI actions read it",
      ].join("\n"),
    );
  withForce(command).action(async (file: string, options: Options) => {
    const { to, output } = options;
    await checkTargets([output], options);
    const results = await readResultsFile(file);
    const text = await about(file, async () => FORMATS[to]!(results));
    if (output === undefined) out.write(text);
    else await writeText(output, text, options);
  });
}

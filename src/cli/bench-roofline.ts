import type { Command } from "commander";
import { textTable } from "../../bench/common/report.ts";
import type { Results } from "../../bench/results-file/format.ts";
import { asMarkdown } from "../../bench/results-file/formats/markdown.ts";
import { summaryOf } from "../../bench/results-file/summary.ts";
import { PARTS } from "../../bench/roofline/parts.ts";
import { rooflineSheet } from "../../bench/roofline/place.ts";
import { type Measurement, measure, type ResultOptions, withResultOptions } from "./measure.ts";
import { several } from "./several-benches.ts";
import type { Terminal } from "./terminal.ts";

interface Options extends ResultOptions {
  readonly quick?: true;
}

/** Adds `blasm bench roofline`. */
export function addBenchRoofline(bench: Command, terminal: Terminal): void {
  const command = bench
    .command("roofline")
    .description("peak and stream, and how close to them some kernels are; blasm plot draws it")
    .option("--quick", "less of everything, in about 20 seconds");
  withResultOptions(command).action((options: Options) => measure(roofline(options), options, terminal));
}

const roofline = ({ quick }: Options): Measurement<Results> => ({
  ...several({ parts: PARTS, length: quick ? "quick" : "full", python: undefined }),
  asText(results, details) {
    const sheet = rooflineSheet(results);
    const roof = sheet.body.length > 0 ? textTable(sheet) : "";
    return `${details ? asMarkdown(results) : summaryOf(results)}\n${roof}`;
  },
});

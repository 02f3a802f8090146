import type { Command } from "commander";
import { PARTS } from "../../bench/all/parts.ts";
import type { BenchName, Results } from "../../bench/results-file/format.ts";
import { asMarkdown } from "../../bench/results-file/formats/markdown.ts";
import { summaryOf } from "../../bench/results-file/summary.ts";
import { type Measurement, measure, type ResultOptions, withResultOptions } from "./measure.ts";
import { listOf, oneOf } from "./numbers.ts";
import { several } from "./several-benches.ts";
import type { Terminal } from "./terminal.ts";

const NAMES = PARTS.map(({ name }) => name);

interface Options extends ResultOptions {
  readonly quick?: true;
  readonly only?: BenchName[];
  readonly native: boolean;
  readonly python: string;
}

/** Adds `blasm bench all`. */
export function addBenchAll(bench: Command, terminal: Terminal): void {
  const command = bench
    .command("all")
    .description(`some of each bench, in three minutes at the most: ${NAMES.join(", ")}`)
    .option("--quick", "less of everything, in 20 seconds at the most")
    .option("--only <benches>", `some of ${NAMES.join(",")}`, (text) =>
      listOf(text, (item) => oneOf(item, NAMES)),
    )
    .option("--no-native", "leave native BLAS out")
    .option("--python <path>", "where to look for NumPy", "python3");
  withResultOptions(command).action((options: Options) => measure(allBenches(options), options, terminal));
}

function allBenches(options: Options): Measurement<Results> {
  const { quick, only = NAMES, native, python } = options;
  const parts = PARTS.filter(({ name }) => only.includes(name));
  return {
    ...several({ parts, length: quick ? "quick" : "full", python: native ? python : undefined }),
    asText: (results, details) => (details ? asMarkdown(results) : summaryOf(results)),
  };
}

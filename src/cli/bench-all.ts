import type { Command } from "commander";
import { PARTS } from "../../bench/all/parts.ts";
import { type Length, runAll, secondsOf } from "../../bench/all/run.ts";
import type { BenchName, Results } from "../../bench/results-file/format.ts";
import { asMarkdown } from "../../bench/results-file/formats/markdown.ts";
import { summaryOf } from "../../bench/results-file/summary.ts";
import { init } from "../index.ts";
import { benchHost } from "./bench-host.ts";
import { CommandError, messageOf } from "./fail.ts";
import { type Measurement, measure, type ResultOptions, withResultOptions } from "./measure.ts";
import { listOf, oneOf } from "./numbers.ts";
import type { Terminal } from "./terminal.ts";
import { threadModule } from "./thread.ts";

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
  withResultOptions(command).action(async (options: Options) => {
    const failures: string[] = [];
    await measure(allBenches(options, failures), options, terminal);
    if (failures.length > 0) throw new CommandError(failures.join("; "));
  });
}

function allBenches(options: Options, failures: string[]): Measurement<Results> {
  const { quick, only = NAMES, native, python } = options;
  const length: Length = quick ? "quick" : "full";
  const parts = PARTS.filter(({ name }) => only.includes(name));
  const total = secondsOf(parts, length);
  return {
    async run(hooks) {
      const results = await runAll(parts, {
        stopped: hooks.stopped,
        say: (text, done) => hooks.say(text, done / total),
        length,
        init,
        threadModule: threadModule(),
        host: benchHost(native ? python : undefined),
        failed: (name, error) => void failures.push(`${name} failed: ${messageOf(error)}`),
      });
      if (results !== undefined) return results;
      throw new CommandError(failures.join("; ") || "stopped before anything was measured.");
    },
    asText: (results, details) => (details ? asMarkdown(results) : summaryOf(results)),
    asMarkdown,
    asResults: (results) => results,
  };
}

import type { Command } from "commander";
import { type Length, runAll, secondsOf } from "../../bench/all/run.ts";
import { textTable } from "../../bench/common/report.ts";
import type { Results } from "../../bench/results-file/format.ts";
import { asMarkdown } from "../../bench/results-file/formats/markdown.ts";
import { summaryOf } from "../../bench/results-file/summary.ts";
import { PARTS } from "../../bench/roofline/parts.ts";
import { rooflineSheet } from "../../bench/roofline/place.ts";
import { init } from "../index.ts";
import { benchHost } from "./bench-host.ts";
import { CommandError, messageOf } from "./fail.ts";
import { type Measurement, measure, type ResultOptions, withResultOptions } from "./measure.ts";
import type { Terminal } from "./terminal.ts";
import { threadModule } from "./thread.ts";

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

function roofline({ quick }: Options): Measurement<Results> {
  const length: Length = quick ? "quick" : "full";
  const total = secondsOf(PARTS, length);
  return {
    async run(hooks) {
      const failures: string[] = [];
      const results = await runAll(PARTS, {
        stopped: hooks.stopped,
        say: (text, done) => hooks.say(text, done / total),
        length,
        init,
        threadModule: threadModule(),
        host: benchHost(undefined),
        failed: (name, error) => void failures.push(`${name} failed: ${messageOf(error)}`),
      });
      // A roof without one of its sides is none.
      if (failures.length > 0) throw new CommandError(failures.join("; "));
      if (results !== undefined) return results;
      throw new CommandError("stopped before anything was measured.");
    },
    asText: (results, details) => `${details ? asMarkdown(results) : summaryOf(results)}\n${roofOf(results)}`,
    asMarkdown,
    asResults: (results) => results,
  };
}

function roofOf(results: Results): string {
  const sheet = rooflineSheet(results);
  return sheet.body.length > 0 ? textTable(sheet) : "";
}

import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { FULL, QUICK, SECTIONS, type Section } from "../../bench/team/cases.ts";
import { asJson, asMarkdown, asText } from "../../bench/team/report.ts";
import { type Result, run } from "../../bench/team/run.ts";
import { init } from "../index.ts";
import { type Measurement, measure, type ResultOptions, withResultOptions } from "./measure.ts";
import { listOf, oneOf, wholeNumber } from "./numbers.ts";
import type { Terminal } from "./terminal.ts";
import { threadModule } from "./thread.ts";

interface Options extends ResultOptions {
  readonly quick?: true;
  readonly only?: Section[];
  readonly rounds?: number;
}

/** Adds `blasm bench team`. */
export function addBenchTeam(bench: Command, terminal: Terminal): void {
  const command = bench
    .command("team")
    .description(
      "products on several threads: calling members, how products are cut, a core that is taken, memory",
    )
    .option("--quick", "less of everything, in about 10 seconds")
    .option("--only <sections>", `some of ${SECTIONS.join(",")}`, (text) =>
      listOf(text, (item) => oneOf(item, SECTIONS)),
    )
    .option("--rounds <count>", "samples of each", (text) => wholeNumber(text, 1, 1000));
  withResultOptions(command).action((options: Options) => measure(teamBench(options), options, terminal));
}

function teamBench({ quick, only, rounds }: Options): Measurement<Result> {
  const base = quick ? QUICK : FULL;
  const selection = { ...base, sections: only ?? base.sections, rounds: rounds ?? base.rounds };
  return {
    run: (hooks) =>
      run({
        ...hooks,
        selection,
        init,
        threadModule: threadModule(),
        file: fileURLToPath(import.meta.url),
      }),
    asText,
    asJson,
    asMarkdown,
    wrong: ({ rows }) => rows.filter((row) => row.wrong).length,
  };
}

import type { Command } from "commander";
import type { SectionRow } from "../../bench/common/rows.ts";
import type { Result, RunOptions, Sections } from "../../bench/common/run.ts";
import type { BenchName } from "../../bench/results-file/format.ts";
import { resultsOf } from "../../bench/results-file/from-rows.ts";
import { init } from "../index.ts";
import { benchHost } from "./bench-host.ts";
import { type Measurement, measure, type ResultOptions, withResultOptions } from "./measure.ts";
import { listOf, oneOf, wholeNumber } from "./numbers.ts";
import type { Terminal } from "./terminal.ts";
import { threadModule } from "./thread.ts";

/** A bench that runs in sections: its command, what it measures, how it reports. */
interface SectionBench<Section extends string, Selection extends Sections<Section>, Row> {
  readonly name: BenchName;
  readonly description: string;
  /** What is said of --quick. */
  readonly quick: string;
  readonly SECTIONS: readonly Section[];
  readonly FULL: Selection;
  readonly QUICK: Selection;
  readonly run: (options: RunOptions<Selection>) => Promise<Result<Selection, Row>>;
  readonly reports: Pick<Measurement<Result<Selection, Row>>, "asText" | "asMarkdown">;
}

interface Options<Section> extends ResultOptions {
  readonly quick?: true;
  readonly only?: Section[];
  readonly rounds?: number;
}

/** Adds its command. */
export function addSectionBench<
  Section extends string,
  Selection extends Sections<Section>,
  Row extends SectionRow<string, string>,
>(parent: Command, terminal: Terminal, bench: SectionBench<Section, Selection, Row>): void {
  const { SECTIONS, FULL, QUICK, run } = bench;
  const command = parent
    .command(bench.name)
    .description(bench.description)
    .option("--quick", `less of everything, ${bench.quick}`)
    .option("--only <sections>", `some of ${SECTIONS.join(",")}`, (text) =>
      listOf(text, (item) => oneOf(item, SECTIONS)),
    )
    .option("--rounds <count>", "samples of each", (text) => wholeNumber(text, 1, 1000));
  withResultOptions(command).action(async (options: Options<Section>) => {
    const base = options.quick ? QUICK : FULL;
    const selection = {
      ...base,
      sections: options.only ?? base.sections,
      rounds: options.rounds ?? base.rounds,
    };
    const given = { selection, init, threadModule: threadModule(), host: benchHost(undefined) };
    const measurement: Measurement<Result<Selection, Row>> = {
      ...bench.reports,
      run: (hooks) => run({ ...hooks, ...given }),
      asResults: (result) => resultsOf(bench.name, result),
    };
    await measure(measurement, options, terminal);
  });
}

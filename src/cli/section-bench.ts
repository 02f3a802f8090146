import type { Command, OptionValues } from "commander";
import type { Reports } from "../../bench/common/report.ts";
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
  readonly reports: Reports<Result<Selection, Row>>;
  /** Options beside those that all have, and what they make of the selection. */
  readonly own?: {
    add(command: Command): Command;
    choose(selection: Selection, options: OptionValues): Selection;
  };
  /** Whether it has rows of native BLAS. */
  readonly native?: boolean;
}

interface Options<Section> extends ResultOptions {
  readonly quick?: true;
  readonly only?: Section[];
  readonly rounds?: number;
  readonly native?: boolean;
  readonly python?: string;
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
  if (bench.native) {
    command
      .option("--no-native", "leave native BLAS out")
      .option("--python <path>", "where to look for NumPy", "python3");
  }
  bench.own?.add(command);
  withResultOptions(command).action(async (options: Options<Section>) => {
    const base = options.quick ? QUICK : FULL;
    const common = {
      ...base,
      sections: options.only ?? base.sections,
      rounds: options.rounds ?? base.rounds,
    };
    const selection = bench.own?.choose(common, options) ?? common;
    const python = options.native ? options.python : undefined;
    const given = { selection, init, threadModule: threadModule(), host: benchHost(python) };
    const measurement: Measurement<Result<Selection, Row>> = {
      ...bench.reports,
      run: (hooks) => run({ ...hooks, ...given }),
      asResults: (result) => resultsOf(bench.name, result),
    };
    await measure(measurement, options, terminal);
  });
}

import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Command, InvalidArgumentError } from "commander";
import {
  FULL,
  QUICK,
  SECTIONS,
  type Section,
  type Selection,
  type Shape,
  TRANSPOSES,
  type TransposePair,
} from "../../bench/gemm/cases.ts";
import { asJson, asMarkdown, asText } from "../../bench/gemm/report.ts";
import { run } from "../../bench/gemm/run.ts";
import { type Build, type DType, init } from "../index.ts";
import { BUILDS } from "../kernels/builds.ts";
import { about, CommandError, EXIT, InterruptedError } from "./fail.ts";
import { listOf, oneOf, wholeNumber } from "./numbers.ts";
import { progress, type Terminal } from "./terminal.ts";

/** The largest extent: a float64 square of it is half a GiB. */
const LARGEST = 8192;

interface Options {
  readonly quick?: true;
  readonly only?: Section[];
  readonly sizes?: number[];
  readonly shapes?: Shape[];
  readonly dtypes?: DType[];
  readonly builds?: Build[];
  readonly trans?: TransposePair[];
  readonly callSizes?: number[];
  readonly rounds?: number;
  readonly warmUp?: number;
  readonly native: boolean;
  readonly python: string;
  readonly details?: true;
  readonly json?: string;
  readonly markdown?: string;
}

const extent = (text: string): number => wholeNumber(text, 1, LARGEST);

/** "4096x64x512" */
function parseShape(text: string): Shape {
  const [m, n, k, ...rest] = text.split(/[x×*]/).map(extent);
  if (m === undefined || n === undefined || k === undefined || rest.length > 0) {
    throw new InvalidArgumentError(`"${text}" is no m×n×k, as 4096x64x512.`);
  }
  return [m, n, k];
}

/** Adds `blasm bench gemm`. */
export function addBench(program: Command, terminal: Terminal): void {
  const bench = program.command("bench").description("measure this machine");
  bench
    .command("gemm", { isDefault: true })
    .description("matrix products in GFLOP/s, each result checked first")
    .option("--quick", "less of everything, in about 20 seconds")
    .option("--only <sections>", `some of ${SECTIONS.join(",")}`, (text) =>
      listOf(text, (item) => oneOf(item, SECTIONS)),
    )
    .option("--sizes <n,…>", `sides of the squares, 1 to ${LARGEST}`, (text) => listOf(text, extent))
    .option("--shapes <mxnxk,…>", "other shapes", (text) => listOf(text, parseShape))
    .option("--dtypes <names>", "float32,float64", (text) => listOf(text, (item) => oneOf(item, FULL.dtypes)))
    .option("--builds <names>", BUILDS.join(","), (text) => listOf(text, (item) => oneOf(item, BUILDS)))
    .option("--trans <pairs>", TRANSPOSES.join(","), (text) =>
      listOf(text, (item) => oneOf(item, TRANSPOSES)),
    )
    .option("--call-sizes <n,…>", "squares whose cost of a call is measured", (text) => listOf(text, extent))
    .option("--rounds <count>", "samples of each", (text) => wholeNumber(text, 1, 1000))
    .option("--warm-up <ms>", "milliseconds of warming up, at least", (text) => wholeNumber(text, 1, 10_000))
    .option("--no-native", "leave native BLAS out")
    .option("--python <path>", "where to look for NumPy", "python3")
    .option("--details", "print every row with best, spread and error")
    .option("--json <file>", "write everything as JSON; - for standard output instead of the tables")
    .option("--markdown <file>", "write the tables as Markdown")
    .action((options: Options) => benchGemm(options, terminal));
}

/** What the options leave of the full or the quick selection. */
function selectionOf(options: Omit<Options, "native" | "python">): Selection {
  const base = options.quick ? QUICK : FULL;
  return {
    ...base,
    sections: options.only ?? base.sections,
    builds: options.builds ?? base.builds,
    dtypes: options.dtypes ?? base.dtypes,
    sizes: options.sizes ?? base.sizes,
    shapes: options.shapes ?? base.shapes,
    transposes: options.trans ?? base.transposes,
    callSizes: options.callSizes ?? base.callSizes,
    rounds: options.rounds ?? base.rounds,
    warmUpMs: options.warmUp ?? base.warmUpMs,
  };
}

/** The built command line and, beside it, the package's entry; undefined when run from source. */
function built(): { cli: string; entry: string } | undefined {
  const cli = fileURLToPath(import.meta.url);
  if (!cli.endsWith(".js")) return undefined;
  return { cli, entry: fileURLToPath(new URL("./index.js", import.meta.url)) };
}

async function benchGemm(options: Options, terminal: Terminal): Promise<void> {
  let stop = false;
  const onInterrupt = (): void => {
    if (stop) process.exit(EXIT.interrupted);
    stop = true;
    terminal.err.write("\nblasm: stopping; once more to stop at once\n");
  };
  process.on("SIGINT", onInterrupt);
  const bar = progress(terminal, undefined);
  try {
    const result = await run({
      selection: selectionOf(options),
      init,
      python: options.native ? options.python : undefined,
      built: built(),
      file: fileURLToPath(import.meta.url),
      say: (text) => bar.update(0, text),
      stopped: () => stop,
    }).finally(() => bar.stop());
    const { json, markdown } = options;
    if (json === "-") terminal.out.write(asJson(result));
    else {
      terminal.out.write(`${asText(result, options.details ?? false)}\n`);
      if (json !== undefined) await about(json, () => writeFile(json, asJson(result)));
    }
    if (markdown !== undefined) await about(markdown, () => writeFile(markdown, asMarkdown(result)));
    const wrong = result.rows.filter((row) => row.wrong).length;
    if (wrong > 0) throw new CommandError(`${wrong} results are wrong; they are marked in the tables.`);
    if (stop) throw new InterruptedError();
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}

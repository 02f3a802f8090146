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
import { asMarkdown, asText } from "../../bench/gemm/report.ts";
import { type Result, run } from "../../bench/gemm/run.ts";
import { resultsOf } from "../../bench/results-file/from-rows.ts";
import { type Build, type DType, init } from "../index.ts";
import { BUILDS } from "../kernels/builds.ts";
import { addBenchAll } from "./bench-all.ts";
import { addBenchArena } from "./bench-arena.ts";
import { benchHost } from "./bench-host.ts";
import { addBenchLatency } from "./bench-latency.ts";
import { addBenchLinpack } from "./bench-linpack.ts";
import { addBenchLock } from "./bench-lock.ts";
import { addBenchPeak } from "./bench-peak.ts";
import { addBenchRoofline } from "./bench-roofline.ts";
import { addBenchStart } from "./bench-start.ts";
import { addBenchStream } from "./bench-stream.ts";
import { addBenchTeam } from "./bench-team.ts";
import { addBenchThreads } from "./bench-threads.ts";
import { type Measurement, measure, type ResultOptions, withResultOptions } from "./measure.ts";
import { listOf, oneOf, wholeNumber } from "./numbers.ts";
import type { Terminal } from "./terminal.ts";

/** The largest extent: a float64 square of it is half a GiB. */
const LARGEST = 8192;

interface Options extends ResultOptions {
  readonly quick?: true;
  readonly only?: Section[];
  readonly sizes?: number[];
  readonly shapes?: Shape[];
  readonly dtypes?: DType[];
  readonly builds?: Build[];
  readonly trans?: TransposePair[];
  readonly callSizes?: number[];
  readonly threads?: number[];
  readonly rounds?: number;
  readonly warmUp?: number;
  readonly native: boolean;
  readonly python: string;
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

/** Adds `blasm bench` with its benches. */
export function addBench(program: Command, terminal: Terminal): void {
  const bench = program.command("bench").description("measure this machine");
  const gemm = bench
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
    .option(
      "--threads <n,…>",
      "compare numbers of threads, and nothing else if --only does not say so",
      (text) => listOf(text, (item) => wholeNumber(item, 1, 65)),
    )
    .option("--call-sizes <n,…>", "squares whose cost of a call is measured", (text) => listOf(text, extent))
    .option("--rounds <count>", "samples of each", (text) => wholeNumber(text, 1, 1000))
    .option("--warm-up <ms>", "milliseconds of warming up, at least", (text) => wholeNumber(text, 1, 10_000))
    .option("--no-native", "leave native BLAS out")
    .option("--python <path>", "where to look for NumPy", "python3");
  withResultOptions(gemm).action((options: Options) => measure(gemmBench(options), options, terminal));
  addBenchAll(bench, terminal);
  addBenchLock(bench, terminal);
  addBenchArena(bench, terminal);
  addBenchTeam(bench, terminal);
  addBenchPeak(bench, terminal);
  addBenchStream(bench, terminal);
  addBenchRoofline(bench, terminal);
  addBenchLinpack(bench, terminal);
  addBenchThreads(bench, terminal);
  addBenchLatency(bench, terminal);
  addBenchStart(bench, terminal);
}

/** What the options leave of the full or the quick selection. */
function selectionOf(options: Omit<Options, "native" | "python">): Selection {
  const base = options.quick ? QUICK : FULL;
  return {
    ...base,
    sections: options.only ?? (options.threads ? ["threads"] : base.sections),
    // Speed-up is over one thread.
    threads: options.threads ? [...new Set([1, ...options.threads])] : base.threads,
    threadSizes: options.sizes ?? base.threadSizes,
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

function gemmBench(options: Options): Measurement<Result> {
  return {
    run: (hooks) =>
      run({
        ...hooks,
        selection: selectionOf(options),
        init,
        host: benchHost(options.native ? options.python : undefined),
      }),
    asText,
    asMarkdown,
    asResults: (result) => resultsOf("gemm", result),
  };
}

import { type Command, InvalidArgumentError } from "commander";
import {
  FULL,
  type Order,
  QUICK,
  SECTIONS,
  type Section,
  type Selection,
} from "../../bench/linpack/cases.ts";
import { asMarkdown, asText } from "../../bench/linpack/report.ts";
import { run } from "../../bench/linpack/run.ts";
import type { Build, DType } from "../index.ts";
import { BUILDS } from "../kernels/builds.ts";
import { CommandError } from "./fail.ts";
import { listOf, oneOf, wholeNumber } from "./numbers.ts";
import { addSectionBench } from "./section-bench.ts";
import type { Terminal } from "./terminal.ts";

const DTYPES = ["float32", "float64"] as const;

/** No float32 matrix of this order fits a WebAssembly memory: what does is told when it is known. */
const LARGEST = 32768;

interface Options {
  readonly only?: Section[];
  readonly n?: Order[];
  readonly dtype?: DType[];
  readonly threads?: number;
  readonly build?: Build[];
}

function order(text: string): Order {
  if (text === "max" || text === "auto") return text;
  try {
    return wholeNumber(text, 1, LARGEST);
  } catch (error) {
    const words = '"max" is the largest that fits, "auto" one that takes seconds.';
    throw new InvalidArgumentError(`${(error as Error).message} ${words}`);
  }
}

/** Adds `blasm bench linpack`. */
export function addBenchLinpack(bench: Command, terminal: Terminal): void {
  addSectionBench(bench, terminal, {
    name: "linpack",
    description:
      "a system of equations as HPL solves and reports it; LU beside the product, and native LAPACK",
    quick: "in about 15 seconds",
    ...{ SECTIONS, FULL, QUICK, run },
    reports: { asMarkdown, asText },
    native: true,
    own: {
      add: (command) =>
        command
          .option("--n <N,…>", 'orders, "auto" or "max"; no parts if --only does not say so', (text) =>
            listOf(text, order),
          )
          .option("--dtype <names>", "float32,float64", (text) => listOf(text, (item) => oneOf(item, DTYPES)))
          .option("--threads <count>", "threads; one a core if not given", (text) => wholeNumber(text, 1, 65))
          .option("--build <names>", BUILDS.join(","), (text) => listOf(text, (item) => oneOf(item, BUILDS))),
      choose,
    },
  });
}

/** What the options leave of a selection. @throws CommandError for an order that nothing would have. */
function choose(selection: Selection, { only, n, dtype, threads, build }: Options): Selection {
  if (n !== undefined && only !== undefined && !only.includes("hpl"))
    throw new CommandError(
      "--n is the order of hpl's systems, which --only leaves out: --only hpl,parts measures both.",
    );
  return {
    ...selection,
    sections: only ?? (n === undefined ? selection.sections : ["hpl"]),
    orders: n ?? selection.orders,
    dtypes: dtype ?? selection.dtypes,
    threads,
    builds: build ?? selection.builds,
    partsBuilds: build ?? selection.partsBuilds,
  };
}

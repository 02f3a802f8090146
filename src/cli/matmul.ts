import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Command } from "commander";
import { type Build, type Context, type DType, init, type NDArray } from "../index.ts";
import { BUILDS } from "../kernels/builds.ts";
import { type Comparison, compare } from "./check-product.ts";
import { about, CommandError } from "./fail.ts";
import { oneOf, wholeNumber } from "./numbers.ts";
import { type Progress, progress, type Terminal } from "./terminal.ts";

interface Options {
  readonly output: string;
  readonly build?: Build;
  readonly threads?: number;
  readonly dtype?: DType;
  readonly check?: string;
  readonly json?: true;
}

/** What `--json` prints. */
interface Report {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly c: readonly number[];
  readonly dtype: DType;
  readonly build: Build;
  readonly threads: number;
  readonly seconds: number;
  readonly gflops: number;
  readonly output: string;
  readonly check?: Comparison;
}

/** Adds `blasm matmul`. */
export function addMatmul(program: Command, terminal: Terminal): void {
  program
    .command("matmul")
    .description("multiply two .npy files as np.matmul does: matrices, vectors, and stacks of matrices")
    .argument("<A.npy>", "the left operand")
    .argument("<B.npy>", "the right operand")
    .requiredOption("-o, --output <C.npy>", "where the product goes; an existing file is replaced")
    .option("--build <name>", `one of ${BUILDS.join(", ")}`, (text) => oneOf(text, BUILDS))
    .option("--threads <count>", "how many compute; one a core if not given", (text) =>
      wholeNumber(text, 1, 65),
    )
    .option("--dtype <name>", "convert both operands first: float32 or float64", (text) =>
      oneOf(text, ["float32", "float64"]),
    )
    .option(
      "--check <REF.npy>",
      "compare with this product; the exit status is 1 if an element is too far off",
    )
    .option("--json", "print what was done as JSON")
    .action((a: string, b: string, options: Options) => matmul(a, b, options, terminal));
}

async function matmul(aPath: string, bPath: string, options: Options, terminal: Terminal): Promise<void> {
  const { output, check } = options;
  await about(output, () => access(dirname(output), constants.W_OK));
  const inputs = check === undefined ? [aPath, bPath] : [aPath, bPath, check];
  const sizes = await Promise.all(inputs.map((path) => about(path, async () => (await stat(path)).size)));
  const { build, threads } = options;
  // The threads start while the files are read.
  const la = await init({ ...(build && { build }), ...(threads && { threads }), prewarm: true });
  const { asked, chosen, reason } = la.config().build;
  if (asked !== "default" && asked !== chosen) terminal.err.write(`blasm: build: ${chosen} (${reason})\n`);

  const bar = progress(terminal, sizes[0]! + sizes[1]!);
  let report: Report;
  try {
    const a = await load(la, aPath, options.dtype, bar, 0);
    const b = await load(la, bPath, options.dtype, bar, sizes[0]!);
    bar.update(sizes[0]! + sizes[1]!, "multiplying");
    await bar.shown();
    const start = performance.now();
    const c = await la.matmulAsync(a, b, {
      onProgress: (done, tickets) =>
        bar.update(sizes[0]! + sizes[1]!, `multiplying, ${Math.round((100 * done) / tickets)} %`),
    });
    const seconds = (performance.now() - start) / 1000;
    bar.update(sizes[0]! + sizes[1]!, `writing ${output}`);
    await about(output, () => la.saveNpy(c, output));
    report = {
      a: a.shape,
      b: b.shape,
      c: c.shape,
      dtype: c.dtype,
      build: chosen,
      threads: la.config().threads.used,
      seconds,
      gflops: (2 * c.size * (a.shape.at(-1) ?? 0)) / seconds / 1e9,
      output,
      ...(check === undefined ? {} : { check: await about(check, () => checked(la, a, b, c, check)) }),
    };
  } finally {
    bar.stop();
    la.close();
  }
  say(report, options, terminal);
}

/** Reads an operand, converted if asked to. */
async function load(
  la: Context,
  path: string,
  dtype: DType | undefined,
  bar: Progress,
  before: number,
): Promise<NDArray> {
  return about(path, async () => {
    const array = await la.loadNpy(path, {
      convert: dtype !== undefined,
      onProgress: (done) => bar.update(before + done, `reading ${path}`),
    });
    if (dtype === undefined || array.dtype === dtype) return array;
    const converted = la.array(array, { dtype });
    array.release();
    return converted;
  });
}

async function checked(la: Context, a: NDArray, b: NDArray, c: NDArray, path: string): Promise<Comparison> {
  const reference = await la.loadNpy(path, { convert: true });
  return compare(la, a, b, c, reference);
}

function say(report: Report, { json, check }: Options, { out, err }: Terminal): void {
  const shape = (extents: readonly number[]): string => (extents.length > 0 ? extents.join("×") : "scalar");
  if (json) out.write(`${JSON.stringify(report, null, 2)}\n`);
  else {
    err.write(
      `${report.output}: ${shape(report.a)} · ${shape(report.b)} = ${shape(report.c)} ${report.dtype}, ` +
        `${report.seconds.toPrecision(3)} s, ${report.gflops.toPrecision(3)} GFLOP/s, ${report.build} build, ${report.threads} ${report.threads === 1 ? "thread" : "threads"}\n`,
    );
  }
  const comparison = report.check;
  if (comparison === undefined) return;
  const { maxError, atIndex, ofBound, wrong } = comparison;
  const where = atIndex.length > 0 ? ` at [${atIndex.join(", ")}]` : "";
  const text = `max error ${maxError.toPrecision(3)}${where}, ${ofBound.toPrecision(3)} of the bound (k + 1)·ε·|A||B|`;
  if (wrong > 0) throw new CommandError(`${check}: ${wrong} elements differ by more than rounding: ${text}`);
  if (!json) err.write(`${check}: agrees; ${text}\n`);
}

import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Command } from "commander";
import { KINDS, type Kind, NEEDS } from "../../bench/plot/kinds.ts";
import type { Source } from "../../bench/plot/source.ts";
import type { Picture } from "../../bench/plot/standalone.ts";
import { about, CommandError } from "./fail.ts";
import { type ForceOption, readResultsFile, refuseExisting, withForce, writeText } from "./files.ts";
import { listOf, oneOf } from "./numbers.ts";
import type { Terminal } from "./terminal.ts";

interface Options extends ForceOption {
  readonly output: string;
  readonly kind?: Kind[];
}

/** Adds `blasm plot`. */
export function addPlot(program: Command, terminal: Terminal): void {
  const command = program
    .command("plot")
    .description("draw results files as SVG images; several in the same axes")
    .argument("<results...>", "files that `blasm bench` or the page has written")
    .option("-o, --output <path>", "a folder; or, for one image, a file that ends in .svg", ".")
    .option("--kind <kinds>", `some of ${KINDS.join(",")}; all that there is data for if left out`, (text) =>
      listOf(text, (item) => oneOf(item, KINDS)),
    );
  withForce(command).action((paths: string[], options: Options) => plot(paths, options, terminal));
}

async function plot(paths: readonly string[], options: Options, { out }: Terminal): Promise<void> {
  const { kind: kinds = KINDS, output } = options;
  const sources = await Promise.all(paths.map((path) => sourceOf(path, paths)));
  // Loaded here: no other command draws, and this is larger than all of them.
  const { standalone } = await import("../../bench/plot/standalone.ts");
  const pictures = standalone(sources, kinds);
  const missing = options.kind?.filter((wanted) => !pictures.some(({ kind }) => kind === wanted)) ?? [];
  if (missing.length > 0 || pictures.length === 0) throw nothingFor(paths, options.kind ? missing : KINDS);
  const targets = targetsOf(pictures, output, paths);
  if (!isImage(output)) await about(output, () => mkdir(output, { recursive: true }));
  await refuseExisting(
    targets.map(({ path }) => path),
    options,
  );
  for (const { path, svg } of targets) {
    await writeText(path, svg, options);
    out.write(`${path}\n`);
  }
}

const stemOf = (path: string): string => basename(path).replace(/\.json$/, "");

/** Files of one name in several folders are told apart by their paths. */
async function sourceOf(path: string, paths: readonly string[]): Promise<Source> {
  const results = await readResultsFile(path);
  const alone = paths.filter((other) => stemOf(other) === stemOf(path)).length === 1;
  return { name: alone ? stemOf(path) : path, results };
}

const isImage = (output: string): boolean => output.endsWith(".svg");

interface Target {
  readonly path: string;
  readonly svg: string;
}

/** Where each picture goes. */
function targetsOf(pictures: readonly Picture[], output: string, paths: readonly string[]): Target[] {
  const [first] = pictures;
  if (!isImage(output)) {
    const stem = paths.length === 1 ? stemOf(paths[0]!) : "compared";
    return pictures.map(({ kind, svg }) => ({ path: join(output, `${stem}-${kind}.svg`), svg }));
  }
  if (first === undefined || pictures.length > 1) {
    const drawn = pictures.map(({ kind }) => kind).join(", ");
    throw new CommandError(
      `${output} would be ${pictures.length} images (${drawn}): choose one with --kind, or give -o a folder.`,
    );
  }
  return [{ path: output, svg: first.svg }];
}

function nothingFor(paths: readonly string[], kinds: readonly Kind[]): CommandError {
  const needs = kinds.map((kind) => `${kind} takes measurements of ${NEEDS[kind]}`);
  return new CommandError(`${paths.join(", ")}: nothing to plot: ${needs.join("; ")}.`);
}

#!/usr/bin/env node
/** @import { DType } from "./lib/contract.mjs" */
/** @import { Row } from "./lib/measure.mjs" */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import { Command, InvalidArgumentError } from "commander";
import { Contest } from "./lib/measure.mjs";
import { writeReadme } from "./lib/readme.mjs";
import { asMarkdown, asText, sheets } from "./lib/report.mjs";

const PEERS = [
  "blasm-strict",
  "blasm-relaxed",
  "blasm-tuned",
  "tfjs-wasm",
  "onnxruntime-web",
  "numpy-ts",
  "jax-js",
  "eigen-wasm",
  "numpy-openblas",
  "plain-loop",
  "ml-matrix",
  "mathjs",
  "stdlib",
];

/** @param {string[]} known @returns {(text: string) => string[]} */
const oneOf = (known) => (text) => {
  const asked = text.split(",");
  const strange = asked.filter((x) => !known.includes(x));
  if (strange.length) throw new InvalidArgumentError(`${strange.join(", ")}: known are ${known.join(", ")}`);
  return asked;
};

/** @param {string} text */
function positive(text) {
  const x = Number(text);
  if (!Number.isInteger(x) || x < 1) throw new InvalidArgumentError("not a positive integer");
  return x;
}

const program = new Command("bench")
  .description("Square products of blasm against the libraries people would pick instead, one thread each.")
  .option("--sizes <n,n,…>", "sizes", (text) => text.split(",").map(positive))
  .option("--dtypes <f32,f64>", "element types", oneOf(["f32", "f64"]), ["f32", "f64"])
  .option("--peers <a,b,…>", "which peers", oneOf(PEERS), PEERS)
  .option("--rounds <count>", "samples a peer and size", positive)
  .option("--sample-ms <ms>", "shortest sample", positive, 20)
  .option("--seed <number>", "of the inputs", positive, 1)
  .option("--node <binary>", "the Node that runs the peers", process.execPath)
  .option(
    "--node-arg <flag…>",
    "a flag for that Node, as in --node-arg=--no-liftoff; repeatable",
    collect,
    [],
  )
  .option("--python <binary>", "the Python that runs native NumPy", "python3")
  .option("--limit <seconds>", "longest wait for one answer of a peer", positive, 120)
  .option("--quick", "sizes 64, 256, 512 and 5 rounds")
  .option("--json <file>", "everything measured, raw samples too")
  .option("--markdown <file>", "the tables, as Markdown")
  .option("--readme <file>", "the medians, between the marks of a Markdown file")
  .parse();

/** @param {string} flag @param {string[]} flags */
function collect(flag, flags) {
  return [...flags, flag];
}

const options = program.opts();
options.sizes ??= options.quick ? [64, 256, 512] : [16, 32, 64, 128, 256, 512, 1024, 2048];
options.rounds ??= options.quick ? 5 : 9;

/** @param {string} file @param {string[]} args @returns {string} */
const ask = (file, args) => execFileSync(file, args, { encoding: "utf8" }).trim();

function commit() {
  const cwd = import.meta.dirname;
  const git = (/** @type {string[]} */ args) => ask("git", ["-C", cwd, ...args]);
  try {
    return git(["rev-parse", "--short=12", "HEAD"]) + (git(["status", "--porcelain"]) ? " + changes" : "");
  } catch {
    return "unknown";
  }
}

/** The versions that package.json pins. @returns {Record<string, string>} */
const pinned = () => JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")).dependencies;

const load = () =>
  os
    .loadavg()
    .map((x) => x.toFixed(2))
    .join(" ");

const versions = JSON.parse(ask(options.node, ["-p", "JSON.stringify(process.versions)"]));
const header = {
  date: new Date().toISOString(),
  commit: commit(),
  cpu: os.cpus()[0]?.model.trim() ?? "unknown",
  cores: os.availableParallelism(),
  os: `${os.type()} ${os.release()} ${os.arch()}`,
  node: versions.node,
  v8: versions.v8,
  nodeArgs: options.nodeArg.join(" ") || "none",
  loadBefore: load(),
  loadAfter: "",
  rounds: options.rounds,
  sampleMs: options.sampleMs,
  seed: options.seed,
};

/** @param {string} text */
const say = (text) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
};

/** @type {Row[]} */
const rows = [];
for (const dtype of /** @type {DType[]} */ (options.dtypes)) {
  const contest = new Contest(
    {
      peers: options.peers,
      dtypes: options.dtypes,
      sizes: options.sizes,
      rounds: options.rounds,
      sampleMs: options.sampleMs,
      seed: options.seed,
      node: options.node,
      nodeArgs: options.nodeArg,
      python: options.python,
      limitMs: 1000 * options.limit,
    },
    dtype,
    say,
  );
  for (const n of options.sizes) rows.push(...(await contest.run(n)));
}
header.loadAfter = load();
say("");

const tables = sheets(rows, options.dtypes);
const facts = Object.entries(header).map(([key, value]) => `${key}: ${value}`);
const legend = "* = see the note in the details. – = not measured, reasons below.";
process.stdout.write(`${facts.join("\n")}\n${legend}\n\n${tables.map(asText).join("\n")}`);
if (options.markdown) {
  const head = ["# blasm and its peers", "", ...facts.map((fact) => `- ${fact}`), "", legend, ""];
  writeFileSync(options.markdown, [...head, ...tables.map(asMarkdown)].join("\n"));
}
if (options.readme) {
  const caption =
    `One thread, square products, operands in each library's own storage, median GFLOP/s of ${header.rounds} interleaved rounds, ` +
    `on ${header.cpu}, Node ${header.node}, ${header.date.slice(0, 10)}, commit ${header.commit}.`;
  writeReadme(options.readme, caption, rows, options.dtypes);
}
if (options.json) {
  const document = { schema: "blasm-peers/1", header, peers: pinned(), rows };
  writeFileSync(options.json, `${JSON.stringify(document, null, 1)}\n`);
}
if (rows.some((row) => row.status === "WRONG")) process.exitCode = 1;

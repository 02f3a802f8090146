import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { type Context, init } from "../../index.ts";
import { about } from "../fail.ts";
import type { Terminal } from "../terminal.ts";
import { asSVG } from "./figure.ts";
import { demoGilCpu } from "./gil-cpu.ts";
import { demoGilIo } from "./gil-io.ts";
import { demoGilKernel } from "./gil-kernel.ts";
import { demoLock } from "./lock.ts";
import { addRefcount } from "./refcount.ts";
import type { Report } from "./report.ts";

interface Options {
  readonly svg?: string;
  readonly json?: true;
}

const DEMOS: readonly [name: string, what: string, run: (la: Context) => Promise<Report>][] = [
  ["lock", "two threads update a counter, without and with a lock", demoLock],
  ["gil-cpu", "two threads that compute pass the GIL on to each other", demoGilCpu],
  ["gil-io", "threads release the GIL while they wait for IO", demoGilIo],
  ["gil-kernel", "threads release the GIL while kernels compute", demoGilKernel],
];

/** Adds `blasm demo`. */
export function addDemo(program: Command, terminal: Terminal): void {
  const demo = program
    .command("demo")
    .description("real threads, a lock, and a global interpreter lock at work");
  for (const [name, what, run] of DEMOS) {
    demo
      .command(name)
      .description(what)
      .option("-o, --svg <file>", "write the pictures as an SVG image; an existing file is replaced")
      .option("--json", "print the figures and what was recorded as JSON instead")
      .action((options: Options) => show(name, run, options, terminal));
  }
  addRefcount(demo, terminal);
}

async function show(
  name: string,
  run: (la: Context) => Promise<Report>,
  { svg, json }: Options,
  { out, err }: Terminal,
): Promise<void> {
  const la = await init();
  let report: Report;
  try {
    report = await run(la);
  } finally {
    la.close();
  }
  const { text, pictures, data } = report;
  const { cores } = la.config().host;
  out.write(json ? `${JSON.stringify({ demo: name, cores, ...data, pictures }, null, 2)}\n` : `${text}\n`);
  if (svg === undefined) return;
  await about(svg, () => writeFile(svg, asSVG(pictures)));
  err.write(`${svg}: the pictures\n`);
}

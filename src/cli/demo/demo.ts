import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { type Context, init } from "../../index.ts";
import { about } from "../fail.ts";
import type { Terminal } from "../terminal.ts";
import { asSVG, type Picture } from "./figure.ts";
import { demoLock } from "./lock.ts";

/** What a demo shows. */
export interface Report {
  readonly text: string;
  readonly pictures: readonly Picture[];
  /** What --json prints. */
  readonly data: Readonly<Record<string, unknown>>;
}

interface Options {
  readonly svg?: string;
  readonly json?: true;
}

const DEMOS: readonly [name: string, what: string, run: (la: Context) => Promise<Report>][] = [
  ["lock", "two threads update a counter, without and with a lock", demoLock],
];

/** Adds `blasm demo`. */
export function addDemo(program: Command, terminal: Terminal): void {
  const demo = program.command("demo").description("real threads, a lock, and a global interpreter lock at work");
  for (const [name, what, run] of DEMOS) {
    demo
      .command(name)
      .description(what)
      .option("-o, --svg <file>", "write the pictures as an SVG image; an existing file is replaced")
      .option("--json", "print the figures and what was recorded as JSON instead")
      .action((options: Options) => show(name, run, options, terminal));
  }
}

async function show(name: string, run: (la: Context) => Promise<Report>, { svg, json }: Options, { out }: Terminal) {
  const la = await init();
  let report: Report;
  try {
    report = await run(la);
  } finally {
    la.close();
  }
  out.write(json ? `${JSON.stringify({ demo: name, ...report.data }, null, 2)}\n` : `${report.text}\n`);
  if (svg !== undefined) await about(svg, () => writeFile(svg, asSVG(report.pictures)));
}

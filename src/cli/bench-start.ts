import type { Command } from "commander";
import { FULL, QUICK, SECTIONS } from "../../bench/start/cases.ts";
import { asMarkdown, asText } from "../../bench/start/report.ts";
import { run } from "../../bench/start/run.ts";
import { addSectionBench } from "./section-bench.ts";
import type { Terminal } from "./terminal.ts";

/** Adds `blasm bench start`. */
export function addBenchStart(bench: Command, terminal: Terminal): void {
  addSectionBench(bench, terminal, {
    name: "start",
    description: "cold starts in fresh processes: import, init(), the first product, the end",
    quick: "in about 10 seconds",
    ...{ SECTIONS, FULL, QUICK, run },
    reports: { asMarkdown, asText },
  });
}

import type { Command } from "commander";
import { FULL, QUICK, SECTIONS } from "../../bench/peak/cases.ts";
import { asMarkdown, asText } from "../../bench/peak/report.ts";
import { run } from "../../bench/peak/run.ts";
import { addSectionBench } from "./section-bench.ts";
import type { Terminal } from "./terminal.ts";

/** Adds `blasm bench peak`. */
export function addBenchPeak(bench: Command, terminal: Terminal): void {
  addSectionBench(bench, terminal, {
    name: "peak",
    description: "what this engine can compute at the most: multiply-adds in registers, and the core's clock",
    quick: "in about 5 seconds",
    ...{ SECTIONS, FULL, QUICK, run },
    reports: { asMarkdown, asText },
  });
}

import type { Command } from "commander";
import { FULL, QUICK, SECTIONS } from "../../bench/threads/cases.ts";
import { asMarkdown, asText } from "../../bench/threads/report.ts";
import { run } from "../../bench/threads/run.ts";
import { addSectionBench } from "./section-bench.ts";
import type { Terminal } from "./terminal.ts";

/** Adds `blasm bench threads`. */
export function addBenchThreads(bench: Command, terminal: Terminal): void {
  addSectionBench(bench, terminal, {
    name: "threads",
    description: "strong and weak scaling: products on 1, 2, … threads, up to one a core",
    quick: "in about 15 seconds",
    ...{ SECTIONS, FULL, QUICK, run },
    reports: { asMarkdown, asText },
  });
}

import type { Command } from "commander";
import { FULL, QUICK, SECTIONS } from "../../bench/arena/cases.ts";
import { asMarkdown, asText } from "../../bench/arena/report.ts";
import { run } from "../../bench/arena/run.ts";
import { addSectionBench } from "./section-bench.ts";
import type { Terminal } from "./terminal.ts";

/** Adds `blasm bench arena`. */
export function addBenchArena(bench: Command, terminal: Terminal): void {
  addSectionBench(bench, terminal, {
    name: "arena",
    description:
      "memory: small blocks, views, two threads, fragmentation, beside AssemblyScript's TLSF and the collector",
    quick: "in less than 10 seconds",
    ...{ SECTIONS, FULL, QUICK, run },
    reports: { asMarkdown, asText },
  });
}

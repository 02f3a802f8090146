import type { Command } from "commander";
import { FULL, QUICK, SECTIONS } from "../../bench/lock/cases.ts";
import { asMarkdown, asText } from "../../bench/lock/report.ts";
import { run } from "../../bench/lock/run.ts";
import { addSectionBench } from "./section-bench.ts";
import type { Terminal } from "./terminal.ts";

/** Adds `blasm bench lock`. */
export function addBenchLock(bench: Command, terminal: Terminal): void {
  addSectionBench(bench, terminal, {
    name: "lock",
    description: "locks: uncontended, contended, waking up, and the GIL, beside bare Atomics and naive locks",
    quick: "in less than 10 seconds",
    ...{ SECTIONS, FULL, QUICK, run },
    reports: { asMarkdown, asText },
  });
}

import type { Command } from "commander";
import { FULL, QUICK, SECTIONS } from "../../bench/stream/cases.ts";
import { asMarkdown, asText } from "../../bench/stream/report.ts";
import { run } from "../../bench/stream/run.ts";
import { addSectionBench } from "./section-bench.ts";
import type { Terminal } from "./terminal.ts";

/** Adds `blasm bench stream`. */
export function addBenchStream(bench: Command, terminal: Terminal): void {
  addSectionBench(bench, terminal, {
    name: "stream",
    description: "memory bandwidth: STREAM's copy, scale, add and triad, beside C where a compiler is found",
    quick: "in about 10 seconds",
    ...{ SECTIONS, FULL, QUICK, run },
    reports: { asMarkdown, asText },
  });
}

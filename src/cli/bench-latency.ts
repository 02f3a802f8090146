import type { Command } from "commander";
import { FULL, QUICK, SECTIONS } from "../../bench/latency/cases.ts";
import { asMarkdown, asText } from "../../bench/latency/report.ts";
import { run } from "../../bench/latency/run.ts";
import { addSectionBench } from "./section-bench.ts";
import type { Terminal } from "./terminal.ts";

/** Adds `blasm bench latency`. */
export function addBenchLatency(bench: Command, terminal: Terminal): void {
  addSectionBench(bench, terminal, {
    name: "latency",
    description: "what a call costs: small products beside the plain loop, and calling the team",
    quick: "in about 10 seconds",
    ...{ SECTIONS, FULL, QUICK, run },
    reports: { asMarkdown, asText },
  });
}

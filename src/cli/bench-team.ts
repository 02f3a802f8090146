import type { Command } from "commander";
import { FULL, QUICK, SECTIONS } from "../../bench/team/cases.ts";
import { asMarkdown, asText } from "../../bench/team/report.ts";
import { run } from "../../bench/team/run.ts";
import { addSectionBench } from "./section-bench.ts";
import type { Terminal } from "./terminal.ts";

/** Adds `blasm bench team`. */
export function addBenchTeam(bench: Command, terminal: Terminal): void {
  addSectionBench(bench, terminal, {
    name: "team",
    description:
      "products on several threads: calling members, how products are cut, a core that is taken, memory",
    quick: "in about 10 seconds",
    ...{ SECTIONS, FULL, QUICK, run },
    reports: { asMarkdown, asText },
  });
}

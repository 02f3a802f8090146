import type { BenchName } from "../results-file/format.ts";

/** What the page calls each bench. */
export const TITLES: Readonly<Record<BenchName, string>> = {
  gemm: "Matrix products",
  linpack: "LINPACK",
  stream: "Memory (STREAM)",
  peak: "Peak",
  threads: "Threads",
  latency: "Cost of a call",
  arena: "Arena",
  lock: "Locks",
  team: "Team",
  start: "Start",
};

/** Those that have nothing to measure where threads share no memory. */
export const OF_THREADS: readonly BenchName[] = ["lock", "team"];

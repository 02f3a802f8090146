import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Header } from "../../bench/common/run.ts";
import type { Environment } from "../../bench/results-file/format.ts";
import { rowOf } from "../../bench/results-file/from-rows.ts";
import { readResults } from "../../bench/results-file/read.ts";

const cli = join(import.meta.dirname, "../../dist/cli.js");

/** Whether there is a command line to run. */
export const isBuilt = existsSync(cli);

/** Where nothing was measured. */
export const ENVIRONMENT: Environment = {
  date: "2026-01-02T03:04:05.000Z",
  version: "0.1.0",
  commit: "abc",
  cpu: "a CPU",
  cores: 2,
  memoryBytes: 2 ** 33,
  os: "Linux",
  runtime: "node 26.0.0",
  engine: "V8 14.6.202.34-node.34",
  flags: [],
  isolated: true,
  builds: [
    {
      build: "tuned",
      reason: "256-bit registers",
      microKernels: { float32: "micro-6x4", float64: "micro-6x4" },
    },
  ],
  timerMs: 0.001,
  load: { before: [0, 0, 0], after: [1, 0, 0] },
  power: null,
  visibility: null,
};

/** The header of a bench that was interrupted. */
export const INTERRUPTED = {
  environment: ENVIRONMENT,
  sampleMs: 10,
  interrupted: true,
  notes: [],
} satisfies Omit<Header<never>, "selection">;

/** What a bench has printed as a file of results, of one bench: the rows as it had them. */
export function reportOf<Row>(out: string): { environment: Environment; interrupted: boolean; rows: Row[] } {
  const { environment, runs, measurements } = readResults(out);
  if (runs.length !== 1) throw new Error(`${runs.length} runs`);
  return { environment, interrupted: runs[0]!.interrupted, rows: measurements.map(rowOf) as Row[] };
}

/** Runs a bench in a process of its own; `interruptAfterMs`: with a Ctrl-C. */
export function runBench(
  name: string,
  args: readonly string[],
  interruptAfterMs?: number,
): Promise<{ status: number | null; out: string }> {
  const child = spawn(process.execPath, [cli, "bench", name, ...args]);
  let out = "";
  child.stdout.on("data", (piece) => {
    out += piece;
  });
  if (interruptAfterMs !== undefined) setTimeout(() => child.kill("SIGINT"), interruptAfterMs);
  return new Promise((resolve) => child.on("close", (status) => resolve({ status, out })));
}

/** One round of a bench's --quick, as JSON, and as Markdown too. */
export async function runQuickly(
  name: string,
): Promise<{ status: number | null; out: string; markdown: string }> {
  const folder = mkdtempSync(join(tmpdir(), "blasm-bench-"));
  const file = join(folder, "result.md");
  try {
    const ended = await runBench(name, ["--quick", "--rounds", "1", "--json", "-", "--markdown", file]);
    return { ...ended, markdown: readFileSync(file, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

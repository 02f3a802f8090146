import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Header } from "../../bench/common/header.ts";

const cli = join(import.meta.dirname, "../../dist/cli.js");

/** Whether there is a command line to run. */
export const isBuilt = existsSync(cli);

/** The header of a bench that was interrupted. */
export const INTERRUPTED: Header = {
  date: "2026-01-02T03:04:05.000Z",
  version: "0.1.0",
  commit: "abc",
  cpu: "a CPU",
  cores: 2,
  os: "Linux",
  runtime: "node 26.0.0",
  engine: "V8 14.6.202.34-node.34",
  flags: "none",
  loadBefore: "0.00 0.00 0.00",
  loadAfter: "1.00 0.00 0.00",
  timerMs: 0.001,
  interrupted: true,
};

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

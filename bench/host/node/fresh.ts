import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import type { Build } from "../../../src/index.ts";
import type { FreshProcesses } from "../host.ts";

/** A process that is silent for so long is given up. */
const PATIENCE_MS = 120_000;

/** Imports the package and prints how many milliseconds init() took. */
const program = (entry: string, build: Build): string => `
  const { init } = await import(${JSON.stringify(pathToFileURL(entry).href)});
  const start = performance.now();
  await init({ build: ${JSON.stringify(build)} });
  console.log(performance.now() - start);
  process.exit();`;

/** Runs Node as this process was run; what it prints, and the error if it failed. */
function run(args: readonly string[]): Promise<{ stdout: string; error: Error | null }> {
  return new Promise((resolve) => {
    const options = { maxBuffer: 2 ** 26, timeout: PATIENCE_MS };
    execFile(process.execPath, [...process.execArgv, ...args], options, (error, stdout) =>
      resolve({ stdout, error }),
    );
  });
}

/** Of the built package. */
export const freshProcesses = ({ cli, entry }: { cli: string; entry: string }): FreshProcesses => ({
  async initMs(build) {
    const { stdout, error } = await run(["--input-type=module", "--eval", program(entry, build)]);
    const ms = Number.parseFloat(stdout);
    if (Number.isFinite(ms)) return ms;
    throw error ?? new Error(`init() in a fresh process printed ${JSON.stringify(stdout)}`);
  },
  async bench(args) {
    const { stdout, error } = await run([cli, "bench", ...args]);
    if (error !== null && stdout === "") throw error;
    return stdout;
  },
  packageBytes: async () => gzipSync(await readFile(entry), { level: 9 }).length,
});

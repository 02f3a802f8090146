import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import type { Build } from "../../src/index.ts";
import type { Bench } from "./bench.ts";

const PROCESSES = 5;

/** Imports the package in a fresh process and prints how many milliseconds init() took. */
const program = (entry: string, build: Build): string => `
  const { init } = await import(${JSON.stringify(pathToFileURL(entry).href)});
  const start = performance.now();
  await init({ build: ${JSON.stringify(build)} });
  console.log(performance.now() - start);
  process.exit();`;

function initOnce(entry: string, build: Build): Promise<number> {
  const args = [...process.execArgv, "--input-type=module", "--eval", program(entry, build)];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { timeout: 60_000 }, (error, stdout) => {
      const ms = Number.parseFloat(stdout);
      if (Number.isFinite(ms)) resolve(ms);
      else reject(error ?? new Error(`init() in a fresh process printed ${JSON.stringify(stdout)}`));
    });
  });
}

/** Milliseconds of init() in fresh processes. */
export async function startup(bench: Bench): Promise<void> {
  const { built, contestants, settings, rows } = bench;
  if (built === undefined) return;
  bench.say("init() in fresh processes");
  const values = contestants.map((): number[] => []);
  for (let round = 0; round < PROCESSES; ++round) {
    for (const [i, { build }] of contestants.entries()) {
      if (!settings.stopped()) values[i]!.push(await initOnce(built.entry, build));
    }
  }
  for (const [i, { build: who }] of contestants.entries()) {
    const common = {
      section: "startup",
      dtype: undefined,
      label: "",
      residual: undefined,
      wrong: false,
      disturbed: 0,
      notes: [],
    } as const;
    rows.push({ ...common, who, what: "init()", unit: "ms", values: values[i]! });
  }
}

/** Bytes of the package's entry, wasm included, after gzip. */
export async function gzippedSize(entry: string): Promise<number> {
  return gzipSync(await readFile(entry), { level: 9 }).length;
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import type { Build } from "../../../src/index.ts";
import { type ColdReport, coldStartOf, now, reportStart } from "../cold-start.ts";
import type { ColdStart } from "../host.ts";

/** A process that is silent for so long is given up. */
const PATIENCE_MS = 60_000;

const program = (entry: string, build: Build, n: number): string => `
  const report = await (${reportStart})(() => import(${JSON.stringify(pathToFileURL(entry).href)}), "${build}", ${n});
  console.log(JSON.stringify(report));`;

/** Starts processes of the built package; as this one was started. */
export const coldStarter =
  (entry: string) =>
  async (build: Build, n: number): Promise<ColdStart> => {
    const started = now();
    const child = spawn(
      process.execPath,
      [...process.execArgv, "--input-type=module", "--eval", program(entry, build, n)],
      { stdio: ["ignore", "pipe", "ignore"], timeout: PATIENCE_MS },
    );
    let output = "";
    child.stdout.on("data", (piece) => {
      output += piece;
    });
    await once(child, "close");
    const ended = now();
    if (output === "") throw new Error(`a fresh process printed nothing and ended with ${child.exitCode}`);
    return coldStartOf(JSON.parse(output) as ColdReport, started, ended);
  };

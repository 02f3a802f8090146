import { execFileSync } from "node:child_process";
import os from "node:os";
import { dirname } from "node:path";
import type { Config } from "../../src/index.ts";

/** Where and how the numbers of a bench came about. */
export interface Header {
  readonly date: string;
  readonly version: string;
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
  readonly os: string;
  readonly runtime: string;
  readonly engine: string;
  readonly flags: string;
  /** Averages over 1, 5 and 15 minutes. */
  readonly loadBefore: string;
  loadAfter: string;
  /** Steps of the clock. */
  readonly timerMs: number;
  /** Whether this is what had been measured before Ctrl-C. */
  interrupted: boolean;
}

/** The commit of the checkout that a file lies in, with a word if files differ from it. */
function commitOf(file: string): string {
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", dirname(file), ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    const commit = git("rev-parse", "--short=12", "HEAD");
    return git("status", "--porcelain", "--untracked-files=no") ? `${commit} and changes` : commit;
  } catch {
    return "not in a git checkout";
  }
}

export const loadAverage = (): string =>
  os
    .loadavg()
    .map((load) => load.toFixed(2))
    .join(" ");

/** Asks the machine and one context's configuration. */
export function describeRun(
  { host, version }: Config,
  file: string,
  given: Pick<Header, "loadBefore" | "timerMs">,
): Header {
  return {
    date: new Date().toISOString(),
    version,
    commit: commitOf(file),
    cpu: host.cpu ?? "unknown",
    cores: host.cores,
    os: `${os.type()} ${os.release()} ${os.arch()}`,
    runtime: `${host.runtime} ${host.version}`,
    engine: host.v8 ? `V8 ${host.v8}` : host.engine,
    flags: [...process.execArgv, process.env.NODE_OPTIONS].filter(Boolean).join(" ") || "none",
    loadAfter: "",
    interrupted: false,
    ...given,
  };
}

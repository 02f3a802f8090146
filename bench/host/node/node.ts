import { readFileSync } from "node:fs";
import os from "node:os";
import type { BenchHost } from "../host.ts";
import { lastCacheBytes } from "./caches.ts";
import { coldStarter } from "./cold-start.ts";
import { commitOf } from "./commit.ts";
import { freshProcesses } from "./fresh.ts";
import { NodeHeapGauge } from "./heap.ts";
import { occupy } from "./occupy.ts";
import { powerState } from "./power.ts";

/** What the command line tells. */
export interface NodeFacts {
  /** A file of the checkout, to find its commit. */
  readonly file: string;
  /** The built command line and the package's entry; undefined when run from source. */
  readonly built: { readonly cli: string; readonly entry: string } | undefined;
  /** The Python to look for NumPy in; undefined for no native rows. */
  readonly python: string | undefined;
}

/** For Node. */
export function nodeHost({ file, built, python }: NodeFacts): BenchHost {
  return {
    cpuMs() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    loadAverage: () => os.loadavg(),
    machine: async () => ({
      commit: commitOf(file),
      memoryBytes: os.totalmem(),
      os: `${os.type()} ${os.release()} ${os.arch()}`,
      flags: [...process.execArgv, ...(process.env.NODE_OPTIONS?.split(/\s+/) ?? [])].filter(Boolean),
      power: powerState("/sys/class/power_supply", (path) => readFileSync(path, "utf8").trim()),
    }),
    visibility: () => null,
    residentBytes: () => process.memoryUsage.rss(),
    heap: () => new NodeHeapGauge(),
    occupy,
    // Loaded when asked for: a bundler must be told how to load the Python program.
    native:
      python === undefined
        ? undefined
        : async (threads) => (await import("./native.ts")).Native.start(python, threads),
    cacheBytes: lastCacheBytes(),
    compileStream: async () => (await import("./stream.ts")).compileStream(["cc", "gcc", "clang"]),
    coldStart: built && coldStarter(built.entry),
    fresh: built && freshProcesses(built),
  };
}

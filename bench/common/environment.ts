import type { Config } from "../../src/index.ts";
import type { BenchHost, Machine } from "../host/host.ts";
import type { Environment } from "../results-file/format.ts";

/** What a run knows of where it is, before it begins. */
export interface Surroundings {
  readonly date: string;
  readonly load: readonly number[] | undefined;
  /** Steps of the clock. */
  readonly timerMs: number;
  readonly machine: Machine;
}

/** Asks first of all: what is measured then is a load of its own. */
export async function lookAround(host: BenchHost, timerMs: number): Promise<Surroundings> {
  const load = host.loadAverage?.();
  return { date: new Date().toISOString(), load, timerMs, machine: await host.machine() };
}

export type BuildFacts = Environment["builds"][number];

/** What a context runs. */
export function buildOf({ build, microKernels }: Config): BuildFacts {
  const { float32, float64 } = microKernels;
  return {
    build: build.chosen,
    reason: build.reason,
    microKernels: { float32: float32.chosen, float64: float64.chosen },
  };
}

/** Where the numbers of a run came about, told at its end. */
export function environmentOf(
  { date, load: before, timerMs, machine }: Surroundings,
  host: BenchHost,
  config: Config,
  builds: readonly BuildFacts[],
): Environment {
  const distinct = new Map(builds.map((one) => [one.build, one]));
  const after = host.loadAverage?.();
  return {
    date,
    version: config.version,
    commit: machine.commit,
    cpu: config.host.cpu ?? null,
    cores: config.host.cores,
    memoryBytes: machine.memoryBytes,
    os: machine.os,
    runtime: runtimeName(config.host),
    engine: config.host.v8 ? `V8 ${config.host.v8}` : config.host.engine,
    flags: machine.flags,
    isolated: config.memory.shared,
    builds: [...distinct.values()],
    timerMs,
    load: before && after ? { before, after } : null,
    power: machine.power,
    visibility: host.visibility(),
  };
}

/** What browsers call themselves, most telling first: all say they are Mozilla, most that they are Safari. */
const BROWSERS: readonly [pattern: RegExp, name: string][] = [
  [/Firefox\/(\d+)/, "Firefox"],
  [/Edg\/(\d+)/, "Edge"],
  [/Chrom(?:e|ium)\/(\d+)/, "Chromium"],
  [/Version\/([\d.]+).*Safari/, "Safari"],
];

/** "node 26.1.0", "Chromium 142" */
export function runtimeName({ runtime, version }: Config["host"]): string {
  if (runtime !== "browser") return `${runtime} ${version}`;
  for (const [pattern, name] of BROWSERS) {
    const number = pattern.exec(version)?.[1];
    if (number !== undefined) return `${name} ${number}`;
  }
  return version;
}

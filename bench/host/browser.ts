import type { Build } from "../../src/index.ts";
import { type ColdReport, coldStartOf, now } from "./cold-start.ts";
import type { BenchHost, ColdStart } from "./host.ts";

/** What a page tells the benches that it runs, perhaps in a worker, which cannot see it. */
export interface PageFacts {
  readonly commit?: string;
  readonly power?: string | null;
  /** Asked at the end of a run. */
  readonly visibility?: () => string | null;
  /** URL of a worker's program that answers { build, n } with what reportStart() says. */
  readonly startProgram?: string;
}

interface Battery {
  readonly charging: boolean;
  readonly level: number;
}

/** For pages and their workers. */
export function browserHost({ commit, power, visibility, startProgram }: PageFacts = {}): BenchHost {
  return {
    cpuMs: undefined,
    loadAverage: undefined,
    machine: async () => ({
      commit: commit ?? null,
      // navigator.deviceMemory is rounded to powers of two, and said to be 8 GiB where there is more.
      memoryBytes: null,
      os: systemOf(navigator.userAgent),
      flags: [],
      power: power === undefined ? await powerState() : power,
    }),
    visibility: visibility ?? (() => null),
    residentBytes: undefined,
    heap: undefined,
    occupy: undefined,
    native: undefined,
    cacheBytes: undefined,
    compileStream: undefined,
    coldStart: startProgram === undefined ? undefined : (build, n) => coldStart(startProgram, build, n),
    fresh: undefined,
  };
}

/** A worker of its own, started anew. */
async function coldStart(program: string, build: Build, n: number): Promise<ColdStart> {
  const started = now();
  const worker = new Worker(program);
  try {
    const report = await new Promise<ColdReport>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message || "a fresh worker did not start"));
      worker.postMessage({ build, n });
    });
    return coldStartOf(report, started, now());
  } finally {
    worker.terminate();
  }
}

/** What a browser says of its system: "X11; Linux x86_64". */
const systemOf = (userAgent: string): string | null =>
  /\(([^)]*?)(?:; rv:[\d.]+)?\)/.exec(userAgent)?.[1] ?? null;

/** By the Battery Status API: pages of Chromium have it, not their workers. @public */
export async function powerState(): Promise<string | null> {
  const { getBattery } = navigator as { getBattery?: () => Promise<Battery> };
  if (getBattery === undefined) return null;
  const { charging, level } = await getBattery.call(navigator);
  return charging ? "mains" : `battery ${Math.round(100 * level)} %`;
}

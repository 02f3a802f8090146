import type { BenchHost } from "./host.ts";

/** What a page tells the benches that it runs, perhaps in a worker, which cannot see it. */
export interface PageFacts {
  readonly commit?: string;
  readonly power?: string | null;
  /** Asked at the end of a run. */
  readonly visibility?: () => string | null;
}

interface Battery {
  readonly charging: boolean;
  readonly level: number;
}

/** For pages and their workers. */
export function browserHost({ commit, power, visibility }: PageFacts = {}): BenchHost {
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
    coldStart: undefined,
    fresh: undefined,
  };
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

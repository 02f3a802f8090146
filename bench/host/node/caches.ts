import { readdirSync, readFileSync } from "node:fs";

/** Where Linux describes the caches of the first core. */
const LINUX = "/sys/devices/system/cpu/cpu0/cache";

const UNITS: Record<string, number> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** Bytes of the largest cache that a core sees; undefined where the system does not tell. */
export function lastCacheBytes(folder = LINUX): number | undefined {
  try {
    const sizes = readdirSync(folder)
      .filter((name) => name.startsWith("index"))
      .map((name) => /^(\d+)([KMG])$/.exec(readFileSync(`${folder}/${name}/size`, "utf8").trim()))
      .map((match) => (match ? Number(match[1]) * UNITS[match[2]!]! : 0));
    return Math.max(...sizes) || undefined;
  } catch {
    return undefined;
  }
}

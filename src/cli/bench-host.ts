import { fileURLToPath } from "node:url";
import type { BenchHost } from "../../bench/host/host.ts";
import { nodeHost } from "../../bench/host/node/node.ts";

/**
 * The host of the command line's benches.
 * @param python where to look for NumPy; undefined for no native rows.
 */
export function benchHost(python: string | undefined): BenchHost {
  const file = fileURLToPath(import.meta.url);
  // Run from source, there is no package beside it.
  const built = file.endsWith(".js")
    ? { cli: file, entry: fileURLToPath(new URL("./index.js", import.meta.url)) }
    : undefined;
  return nodeHost({ file, built, python });
}

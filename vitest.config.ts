import { readFile } from "node:fs/promises";
import { defineConfig, type Plugin } from "vitest/config";

/** `import bytes from "x.wasm"` gives a Uint8Array, as esbuild's `binary` loader does in the package's build. */
function bytesOfFiles(): Plugin {
  return {
    name: "bytes-of-files",
    enforce: "pre",
    async load(id) {
      if (!id.endsWith(".wasm")) return null;
      const base64 = (await readFile(id)).toString("base64");
      return `export default Uint8Array.from(atob("${base64}"), (c) => c.charCodeAt(0));`;
    },
  };
}

/** `import text from "x.py"` gives a string, as esbuild's `text` loader does. */
function textOfFiles(): Plugin {
  return {
    name: "text-of-files",
    enforce: "pre",
    async load(id) {
      return /\.(py|c|packed)$/.test(id)
        ? `export default ${JSON.stringify(await readFile(id, "utf8"))};`
        : null;
    },
  };
}

const ci = process.env.CI === "true";

/** The kernels' own tests run both builds everywhere: Node 20 has relaxed SIMD behind a flag. */
const relaxedSimd = process.versions.v8.startsWith("11.") ? ["--experimental-wasm-relaxed-simd"] : [];

export default defineConfig({
  plugins: [bytesOfFiles(), textOfFiles()],
  test: {
    testTimeout: 60_000,
    pool: "forks",
    projects: [
      {
        extends: true,
        test: { name: "kernels", include: ["test/assembly/**/*.test.ts"], execArgv: relaxedSimd },
      },
      {
        extends: true,
        test: {
          name: "package",
          include: ["test/**/*.test.ts"],
          exclude: ["test/assembly/**"],
          globalSetup: ["test/engines/setup.ts"],
        },
      },
    ],
    // .ci/run adds up the totals.
    reporters: ci ? ["default", ["json", { outputFile: "build/vitest.json" }]] : ["default"],
  },
});

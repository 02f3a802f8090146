import { readFile } from "node:fs/promises";
import { defineConfig, type Plugin } from "vitest/config";

/** `import bytes from "x.wasm"` gives a Uint8Array, as esbuild's `binary` loader does in the package's build. */
function wasmBytes(): Plugin {
  return {
    name: "wasm-bytes",
    enforce: "pre",
    async load(id) {
      if (!id.endsWith(".wasm")) return null;
      const base64 = (await readFile(id)).toString("base64");
      return `export default Uint8Array.from(atob("${base64}"), (c) => c.charCodeAt(0));`;
    },
  };
}

export default defineConfig({
  plugins: [wasmBytes()],
  test: { include: ["test/**/*.test.ts"], testTimeout: 60_000 },
});

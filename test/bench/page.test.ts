import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import type { Results } from "../../bench/results-file/format.ts";
import { textOf } from "../../bench/results-file/from-rows.ts";
import { readResults } from "../../bench/results-file/read.ts";
import { visit } from "../engines/browser.ts";
import { browserPath, DRIVEN_NAMES, missing } from "../engines/runtimes.ts";
import { ISOLATED } from "../engines/serve.ts";

// The benches in a worker of a page, in every browser at hand.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The worker as one file beside the built library. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${ROOT}test/bench/page/worker.ts`],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    loader: { ".packed": "text", ".wasm": "binary" },
    write: false,
    plugins: [
      {
        name: "library-beside",
        setup({ onResolve }) {
          onResolve({ filter: /^(\.\.\/)+src\/index\.ts$/ }, () => ({ path: "/index.js", external: true }));
        },
      },
    ],
  });
  return outputFiles[0]!.text;
}

const PAGE = `<script>
  const worker = new Worker("/bench.js", { type: "module" });
  const post = (body) => fetch("/", { method: "POST", body: JSON.stringify(body) });
  worker.onmessage = ({ data }) => post(data);
  worker.onerror = ({ message }) => post({ failures: [message || "the worker did not start"] });
</script>`;

describe.each(DRIVEN_NAMES)("%s", (name) => {
  test.each([
    ["isolated", ISOLATED],
    ["not isolated", {}],
  ])(
    "%s: the same rows as elsewhere, checked, and notes about what a page cannot do",
    async (how, headers) => {
      if (browserPath(name) === undefined) return void missing(name);
      const { results, failures } = (await visit(name, {
        folders: [`${ROOT}dist`],
        headers,
        body: PAGE,
        files: { "/bench.js": await bundle() },
      })) as { results: Results; failures: string[] };
      expect(failures).toEqual([]);
      const { environment, runs, measurements } = readResults(textOf(results));
      expect(environment).toMatchObject({
        commit: "abc",
        isolated: how === "isolated",
        visibility: "visible",
      });
      expect(environment.runtime).toMatch(name === "chrome" ? /^Chromium \d+$/ : /^Firefox \d+$/);
      expect(environment.timerMs).toBeGreaterThan(0.0009);
      expect(runs.map(({ bench }) => bench)).toEqual(["gemm", "arena", "lock", "team"]);
      const notes = runs.flatMap((run) => run.notes).join("\n");
      const always = ["init() in fresh processes", "tuned: not measured"];
      const shared = ["bytes that calls", "a core that is taken"];
      const alone = ["uncontended: threads share no memory", "memory: threads share no memory"];
      for (const part of [...always, ...(how === "isolated" ? shared : alone)]) expect(notes).toContain(part);
      const ofGemm = measurements.filter(({ bench }) => bench === "gemm");
      expect(new Set(ofGemm.map(({ section }) => section))).toEqual(new Set(["small", "squares", "shapes"]));
      for (const { values, wrong, what, label, machine, bench } of measurements) {
        expect(wrong).toBe(false);
        if (bench === "team" && what === "packed") continue;
        expect(values.length, `${bench} ${label} ${what}`).toBeGreaterThan(0);
        expect(values.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
        if (bench === "gemm") expect(machine).toHaveLength(values.length);
      }
    },
  );
});

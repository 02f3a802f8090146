// `npm run build:page`: writes build/page/, static files that any host can serve, and build/page/single.html, the same in one
// file that can lie anywhere, or be opened from a disk. dist/ must have been built.

import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const read = (/** @type {string} */ path) => readFile(here(path), "utf8");
const TARGET = here("../../build/page");

/** The library as it is packed: its workers run its text, which bundling its sources would change. */
const packedLibrary = {
  name: "packed-library",
  /** @param {import("esbuild").PluginBuild} build */
  setup({ onResolve }) {
    onResolve({ filter: /^(\.\.\/)+src\/index\.ts$/ }, () => ({ path: here("../../dist/index.js") }));
  },
};

/** The commit that the page is built from, marked if files differ from it. */
function commit() {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty", "--abbrev=7", "--exclude=*"], {
      cwd: here("."),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    // A checkout without its history.
    return null;
  }
}

/**
 * A module with all that it imports, as text.
 * @param {string} entry
 * @param {import("esbuild").BuildOptions} more
 */
async function bundled(entry, more = {}) {
  const { outputFiles } = await build({
    entryPoints: [here(entry)],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    legalComments: "none",
    loader: { ".wasm": "binary", ".packed": "text", ".py": "text", ".c": "text" },
    define: { COMMIT: JSON.stringify(commit()) },
    minifySyntax: true,
    minifyWhitespace: true,
    plugins: [packedLibrary],
    ...more,
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

/** Reference results with what the page says of each. */
async function references() {
  const folder = here("../results");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(`${folder}/${file}`, "utf8");
      const results = /** @type {import("../results-file/format.ts").Results} */ (JSON.parse(text));
      const { cpu, cores, runtime, engine, date } = results.environment;
      const about = `${cpu ?? "unknown processor"}, ${cores} cores, ${engine}, ${date.slice(0, 10)}`;
      return { file, name: runtime, about, text, results };
    }),
  );
}

/** Text of a script that stands in a page: nothing in it ends the script. @param {string} text */
const inScript = (text) => text.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");

const [html, houseStyle, ownStyle, main, worker, thread, start, kept] = await Promise.all([
  read("index.html"),
  read("../../examples/page/page.css"),
  read("page.css"),
  bundled("main.ts", { minifyIdentifiers: true }),
  bundled("worker.ts", { format: "iife" }),
  bundled("thread.ts"),
  bundled("start.ts", { format: "iife" }),
  references(),
]);

const css = `${houseStyle}\n${ownStyle}`;

/** A page in one file. */
function single() {
  const inside = kept.map(({ name, about, results }) => ({ name, about, results }));
  const parts = {
    '<link rel="stylesheet" href="page.css">': `<style>\n${css}</style>`,
    '<script type="module" src="main.js"></script>': [
      `<script type="text/plain" id="program-worker">${inScript(worker)}</script>`,
      `<script type="text/plain" id="program-thread">${inScript(thread)}</script>`,
      `<script type="text/plain" id="program-start">${inScript(start)}</script>`,
      // In JSON a < stands in strings alone.
      `<script type="application/json" id="references">${JSON.stringify(inside).replaceAll("<", "\\u003c")}</script>`,
      `<script type="module">${inScript(main)}</script>`,
    ].join("\n"),
  };
  let page = html;
  for (const [tag, replacement] of Object.entries(parts)) {
    if (!page.includes(tag)) throw new Error(`index.html has no ${tag}`);
    page = page.replace(tag, () => replacement);
  }
  return page;
}

await rm(TARGET, { recursive: true, force: true });
await mkdir(`${TARGET}/results`, { recursive: true });
const files = {
  "index.html": html,
  "page.css": css,
  "main.js": main,
  "worker.js": worker,
  "thread.js": thread,
  "start.js": start,
  "results/index.json": JSON.stringify(kept.map(({ file, name, about }) => ({ file, name, about }))),
  ...Object.fromEntries(kept.map(({ file, text }) => [`results/${file}`, text])),
  "single.html": single(),
};
for (const [name, text] of Object.entries(files)) {
  await writeFile(`${TARGET}/${name}`, text);
  console.log(`build/page/${name}: ${(Buffer.byteLength(text) / 1000).toFixed(0)} kB`);
}

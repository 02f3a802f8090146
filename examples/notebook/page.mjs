// The lecture as one page that needs nothing else, neither a server nor a file beside it:
//
//     node examples/notebook/page.mjs [build/notebook/page.html]
//
// It has dist/index.js inside, and imports it as pages import it from a CDN; its cells are those of lecture.ipynb.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { marked } from "marked";

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const read = (/** @type {string} */ path) => readFile(here(path), "utf8");
const escaped = (/** @type {string} */ text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/**
 * A cell of a notebook, as Jupyter's files have it.
 * @typedef {{ cell_type: string, source: string[], metadata: { tags?: string[] } }} Cell
 */

/**
 * What is read of a cell.
 * @param {Cell} cell
 * @param {number} index
 */
function section({ cell_type, source }, index) {
  const text = source.join("");
  if (cell_type === "markdown") return marked(text);
  return `<pre tabindex="0"><code>${escaped(text)}</code></pre>\n<div id="cell-${index}" class="outputs"></div>\n`;
}

/**
 * What is run of a cell. Its last line, if no statement ends there, is what it shows. All cells are one module; but what needs
 * threads, and has them in no page that is not isolated, has a scope of its own, and there shows what is missing.
 * @param {Cell} cell
 * @param {number} index
 */
function program({ cell_type, source, metadata }, index) {
  if (cell_type !== "code") return "";
  const last = source.at(-1) ?? "";
  const code = /[;}]$/.test(last) ? source.join("") : `${source.slice(0, -1).join("")}show(${last});`;
  return metadata.tags?.includes("threads")
    ? `into("cell-${index}");\nawait attempt(async () => {\n${code}\n});\n`
    : `into("cell-${index}");\n${code}\n`;
}

const [{ cells }, template, cellsProgram, library] = await Promise.all([
  read("lecture.ipynb").then((text) => /** @type {{ cells: Cell[] }} */ (JSON.parse(text))),
  read("page.html"),
  read("cells.js"),
  read("../../dist/index.js"),
]);
/** Modules in the page's own text. */
const imports = Object.entries({ blasm: library, "./cells.js": cellsProgram }).map(([name, text]) => [
  name,
  `data:text/javascript;base64,${Buffer.from(text).toString("base64")}`,
]);
// Some browsers have no `using` yet.
const { code } = await transform(
  `import { attempt, into, show } from "./cells.js";\n${cells.map(program).join("")}`,
  { target: "es2022", format: "esm" },
);
const parts = {
  imports: `<script type="importmap">${JSON.stringify({ imports: Object.fromEntries(imports) })}</script>`,
  cells: cells.map(section).join(""),
  program: `<script type="module">\n${code.replaceAll("</script", "<\\/script")}</script>`,
};
const page = template.replace(
  /<!-- (\w+) -->/g,
  (_, name) => parts[/** @type {keyof typeof parts} */ (name)],
);
const target = process.argv[2] ?? here("../../build/notebook/page.html");
await mkdir(dirname(target), { recursive: true });
await writeFile(target, page);

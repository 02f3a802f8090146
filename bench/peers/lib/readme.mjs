/** @import { Row } from "./measure.mjs" */
/** @import { DType } from "./contract.mjs" */
import { readFileSync, writeFileSync } from "node:fs";
import { asTable, shortSheets } from "./report.mjs";

const BEGIN = "<!-- peers: written by bench/peers/bench.mjs --readme -->";
const END = "<!-- /peers -->";

/**
 * Puts the tables where a Markdown file has its marks.
 * @param {string} file @param {string} caption @param {Row[]} rows @param {DType[]} dtypes
 */
export function writeReadme(file, caption, rows, dtypes) {
  const text = readFileSync(file, "utf8");
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${file} has no "${BEGIN}" with a "${END}" behind it`);
  const tables = shortSheets(rows, dtypes).map(asTable);
  const middle = [BEGIN, caption, ...tables, ""].join("\n\n");
  writeFileSync(file, text.slice(0, from) + middle + text.slice(to));
}

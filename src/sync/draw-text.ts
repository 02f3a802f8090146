import { widthOf } from "../base/svg.ts";
import { arrange, type PictureOptions, WORDS } from "./lanes.ts";
import type { Span } from "./trace.ts";

/** What a column shows, by its kind: forms, not shades, which some fonts hardly tell apart. */
const GLYPHS = ["█", "─", "▄", "·", " "];

/**
 * Lanes for a terminal, and a table of totals whose heading is the legend.
 * @param lost how many events found no room.
 */
export function drawText(spans: readonly Span[], options: PictureOptions = {}, lost = 0): string {
  const { width, lanes, margin, kinds, ticks, title, summary } = arrange(spans, options, 72, 12, lost);
  const beside = (name: string, what: string): string => name + " ".repeat(margin - widthOf(name)) + what;
  const row = (cell: (kind: number) => string): string => kinds.map((kind) => cell(kind).padEnd(21)).join("");

  const axis = Array<string>(width).fill("─");
  let numbers = "";
  for (const [column, label] of ticks) {
    // A tick at the very end stands on the last column.
    axis[Math.min(column, width - 1)] = "┬";
    numbers = numbers.padEnd(column) + label;
  }
  return [
    title,
    summary,
    ...lanes.map(({ name, columns }) => beside(name, ` │${columns.replace(/./g, (kind) => GLYPHS[+kind]!)}`)),
    beside("", ` └${axis.join("")}`),
    beside("", `  ${numbers}`),
    beside("", `  ${row((kind) => `${GLYPHS[kind]} ${WORDS[kind]}`)}`),
    ...lanes.map(({ name, totals }) => beside(name, `  ${row((kind) => totals[kind]!.padStart(18))}`)),
  ]
    .join("\n")
    .replace(/ +$/gm, "");
}

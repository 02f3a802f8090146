import { card, escaped, LETTER, line, text, widthOf } from "../base/svg.ts";
import { ticksOf } from "../memory/timeline.ts";
import { coloursOf, DIVERGING, SEQUENTIAL } from "./colours.ts";
import { type Heat, STEPS } from "./heat.ts";

/** Pixels of a cell, at most; of a step of the scale; left of everything; and above the cells. */
const LARGEST = 40;
const STEP = 4;
const MARGIN = 20;
const TOP = 92;
/** All steps, for the scale. */
const SCALE = Array.from({ length: STEPS + 1 }, (_, step) => step);
/** Colours of NaN, Infinity and −Infinity, and marks where colours are not told apart: from the left of a cell of size 1. */
const STRANGE = [
  ["#e0c", "m0-.3l.6 .6m-.6 0l.6-.6"],
  ["#000", "h.6m-.3-.3v.6"],
  ["#000", "h.6"],
] as const;

/** A heat map as an SVG image: cells with indices, the scale, and what is no number. */
export function heatSVG({ summary, width, steps, each, signed, labels, strange, ...heat }: Heat): string {
  const title = escaped(heat.title);
  const colours = [...coloursOf(signed ? DIVERGING : SEQUENTIAL), ...STRANGE.map(([colour]) => colour)];
  const [rows, columns] = [steps.length, steps[0]?.length ?? 0];
  const side = Math.min(LARGEST, Math.floor(width / Math.max(rows, columns, 1)));
  const down = ticks(rows * each[0], side * rows, 24);
  const across = ticks(columns * each[1], side * columns, LETTER * `${columns * each[1]}`.length + 8);
  const left = MARGIN + 8 + Math.ceil(LETTER * Math.max(...down.map(([, index]) => index.length), 0));
  const bottom = TOP + side * rows;
  const scale = STEP * SCALE.length;
  const widths = [left + side * columns - MARGIN, scale, 10 * widthOf(title)];
  const whole = Math.ceil(Math.max(...widths, ...summary.map((says) => LETTER * says.length)));
  return card(whole + 2 * MARGIN, bottom + 84 + 24 * strange.length, title, summary.join(", "), [
    ...summary.map((says, i) => text(MARGIN, 50 + 16 * i, says)),
    mosaic(steps, colours, left, TOP, side, side),
    ...down.map(([at, index]) => text(left - 8, TOP + at + 11, index, ' text-anchor="end"')),
    ...across.map(([at, index]) => text(left + at, bottom + 16, index)),
    labels.length > 0 ? mosaic([SCALE], colours, MARGIN, bottom + 36, STEP, 14) : "",
    ...labels.map((label, i) =>
      text(MARGIN + (i * scale) / 2, bottom + 66, label, ` text-anchor="${["start", "middle", "end"][i]}"`),
    ),
    ...strange.map(({ step, says }, i) => {
      const y = bottom + 80 + 24 * i;
      return mosaic([[step]], colours, MARGIN, y, 16, 16) + text(MARGIN + 24, y + 12, says);
    }),
  ]);
}

/** Indices along an axis, and where they stand; each takes `room` pixels. */
function ticks(elements: number, pixels: number, room: number): (readonly [at: number, index: string])[] {
  if (elements === 0) return [];
  return [[0, "0"], ...ticksOf(elements, pixels, room).map(([at, index]) => [at, `${index}`] as const)];
}

/** Cells of an SVG in their colours; neighbours of one colour are one box. */
function mosaic(
  steps: readonly (readonly number[])[],
  colours: readonly string[],
  x: number,
  y: number,
  width: number,
  height: number,
): string {
  const paths = colours.map(() => "");
  let marks = "";
  steps.forEach((cells, i) => {
    for (let from = 0, to = 0; from < cells.length; from = to) {
      const step = cells[from]!;
      while (cells[to] === step) {
        if (step > STEPS) marks += `M${to}.2 ${i}${STRANGE[step - STEPS - 1]![1]}`;
        ++to;
      }
      paths[step] += `M${from} ${i}h${to - from}`;
    }
  });
  return [
    `<g transform="translate(${x} ${y + height / 2}) scale(${width} ${height})">`,
    ...paths.map((d, i) => (d ? line(d, `stroke="${colours[i]}" shape-rendering="crispEdges"`) : "")),
    marks && line(marks, 'stroke="#fff" stroke-width=".15"'),
    "</g>",
  ].join("");
}

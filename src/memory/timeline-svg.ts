import { card, escaped, LETTER, line, printable, text, widthIn, widthOf } from "../base/svg.ts";
import type { HistoryEvent } from "./history.ts";
import { addressesAt, axisOf, bytes } from "./map-axis.ts";
import { box, MARGIN } from "./map-svg.ts";
import { columnAt, marksOf, type TimelineOptions, ticksOf, timelineOf } from "./timeline.ts";

/** Pixels of the axis of addresses, and those above it. */
const HEIGHT = 300;
const TOP = 84;
/** Pixels left of the axis of events: an address. */
const LEFT = 100;
/** Spans that are drawn one by one; more are drawn on a raster of so many pixels. */
const SPANS = 500;
const CELL = 4;
const ANCHOR_END = ' text-anchor="end"';
/** Holes, 1, 2, and more references: tints of colours of Okabe and Ito. The numbers are written there, too. */
const COLOURS = ["#e4e4e4", "#9ad2f2", "#e0afca", "#e69e66"];
const WORDS = ["hole", "1 reference", "2 references", "3 or more"];

/** What happened in an arena, as an SVG image: addresses from below, events from the left. See timelineText(). */
export function timelineSVG(events: readonly HistoryEvent[], options: TimelineOptions, lost: number): string {
  const timeline = timelineOf(events, lost);
  const { end, peak, summary, addresses, pieces } = timeline;
  const width = widthIn(options, 720);
  const title = escaped(printable(options.title ?? "Arena over time"));
  const bottom = TOP + HEIGHT;
  const { edges } = axisOf(pieces, HEIGHT, 2);
  const marks = marksOf(timeline, width, edges, (text) => LETTER * widthOf(text) + 8);
  const paths = COLOURS.map(() => "");
  const labels: string[] = [];
  let changes = "";
  if (marks.length > SPANS) {
    const cells = Array.from({ length: HEIGHT / CELL }, () =>
      Array<string>(Math.ceil(width / CELL)).fill(" "),
    );
    const cellAt = (pixel: number): number => Math.round(pixel / CELL);
    for (const { left, right, low, high, refs } of marks) {
      for (const row of cells.slice(cellAt(low), cellAt(high)))
        row.fill(`${Math.min(refs, 3)}`, cellAt(left), cellAt(right));
    }
    cells.forEach((row, i) => {
      for (const { 0: run, index } of row.join("").matchAll(/(\d)\1*/g))
        paths[+run[0]!] += box(LEFT + CELL * index, bottom - CELL * (i + 1), CELL * run.length, CELL);
    });
  } else {
    for (const { left, right, low, high, refs, says, changed } of marks) {
      const x = LEFT + left;
      // A pixel stays free between neighbours.
      paths[Math.min(refs, 3)] += box(x, bottom - high + 1, right - left, high - low - 1);
      if (changed) changes += `M${x} ${bottom - high}V${bottom - low}`;
      if (says && high - low > 15) labels.push(text(x + 5, bottom - (low + high) / 2 + 4, escaped(says)));
    }
  }
  const at = LEFT + columnAt(peak.time, end, width);
  const whole = MARGIN + Math.max(LEFT + width, 640, 10 * widthOf(title), MARGIN + LETTER * summary.length);
  return card(Math.ceil(whole), bottom + 70, title, summary, [
    text(MARGIN, 50, summary),
    ...addressesAt(edges, addresses, () => 15).map(
      ([row, address]) =>
        line(`M${LEFT} ${bottom - row}h${width}`, 'stroke="#ddd"') +
        text(LEFT - 8, bottom - row + 4, address, ANCHOR_END),
    ),
    ...paths.map((d, i) => (d ? `<path d="${d}" fill="${COLOURS[i]}"/>` : "")),
    line(changes, 'stroke="#222" stroke-width="1.5"'),
    line(`M${at} ${TOP - 6}V${bottom}`, 'stroke="#222" stroke-dasharray="2 3"'),
    text(at, TOP - 10, `peak ${bytes(peak.used)}`, peak.time > end / 2 ? ANCHOR_END : ""),
    ...labels,
    line(`M${LEFT} ${TOP}V${bottom}h${width}`, 'stroke="#999"'),
    text(LEFT - 8, bottom + 20, "event", ANCHOR_END),
    ...ticksOf(end, width, 60).map(([column, event]) =>
      text(LEFT + column, bottom + 20, event, ' text-anchor="middle"'),
    ),
    ...paths.map((d, i) =>
      d
        ? `<path d="${box(LEFT + 140 * i, bottom + 36, 26, 16)}" fill="${COLOURS[i]}"/>` +
          text(LEFT + 140 * i + 34, bottom + 48, WORDS[i]!)
        : "",
    ),
  ]);
}

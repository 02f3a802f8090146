import { printable, widthIn, widthOf } from "../base/svg.ts";
import type { HistoryEvent } from "./history.ts";
import { axisOf, bytes, hex } from "./map-axis.ts";
import { columnAt, marksOf, type TimelineOptions, ticksOf, timelineOf } from "./timeline.ts";

/** Rows of a text, at most. */
const ROWS = 24;

/**
 * What happened in an arena, for a terminal: a row for what lies between two addresses, the highest first.
 * Parameters as of timelineOf().
 */
export function timelineText(
  events: readonly HistoryEvent[],
  options: TimelineOptions,
  lost: number,
): string {
  const timeline = timelineOf(events, lost);
  const { end, peak, summary, addresses, pieces } = timeline;
  const columns = widthIn(options, 57);
  const crowded = pieces.length > ROWS;
  const edges = crowded ? axisOf(pieces, ROWS, 0).edges.map(Math.round) : [...addresses.keys()];
  const rows = Array.from({ length: edges.at(-1) ?? 0 }, () => Array<string>(columns).fill(" "));
  // A dash follows each number: it tells it from the next.
  const marks = marksOf(timeline, columns, edges, (text) => widthOf(text) + 1);
  for (const { left, right, low, high, refs, says } of marks) {
    const body = rows.slice(low, high);
    for (const row of body) row.fill(refs > 0 ? "─" : "░", left, right);
    // A letter that is two columns wide leaves the second one empty.
    const letters = [...says].flatMap((letter) => [letter, ""].slice(0, widthOf(letter)));
    body[0]?.splice(left, letters.length, ...letters);
  }
  const widest = hex(addresses.at(-1) ?? 0).length;
  const width = widest + (crowded ? 0 : 11);
  const margin = rows.map((_, row) => {
    const i = edges.lastIndexOf(row);
    const address = i < 0 ? "" : hex(addresses[i]!);
    return crowded ? address : address.padEnd(widest) + bytes(pieces[i]!.size).padStart(11);
  });
  const mark = `peak ${bytes(peak.used)}`;
  const at = columnAt(peak.time, end, columns);
  let numbers = "";
  for (const [column, event] of ticksOf(end, columns, 8)) numbers = numbers.padEnd(column) + event;
  const beside = (what: string, row: string): string => what.padEnd(width + 1) + row.trimEnd();
  return [
    printable(options.title ?? "Arena over time"),
    summary,
    beside("", ` ${at > columns / 2 ? `${mark} ▼`.padStart(at + 1) : `${"▼".padStart(at + 1)} ${mark}`}`),
    ...rows.map((row, i) => beside(margin[i]!, `│${row.join("")}`)).reverse(),
    beside("", `└${"─".repeat(columns)}`),
    beside("event", ` ${numbers}`),
    beside("", " name and references ──   hole ░░"),
  ].join("\n");
}

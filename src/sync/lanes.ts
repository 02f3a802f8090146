import { printable, stepOf, widthIn, widthOf } from "../base/svg.ts";
import type { Activity, Span } from "./trace.ts";

/** How to draw a trace. */
export interface PictureOptions {
  /** Else "Who holds the GIL". */
  readonly title?: string | undefined;
  /** Names of threads, by id; a thread without one is called "thread N". */
  readonly names?: Readonly<Record<number, string>> | undefined;
  /** Columns of the time axis, from 20 to 2000: characters of a text (else 72), pixels of an SVG (else 720). */
  readonly width?: number | undefined;
}

/** What threads do, in the order of the legend, and the legend's words for it; the last is nothing, and has none. */
const KINDS: readonly Activity[] = ["held", "waiting", "compute", "io", "away"];
export const WORDS = ["holds the GIL", "waits for it", "computes", "does IO"];
const NOTHING = 4;
/** Of a column, less is what rounding has left. */
const NOISE = 1e-6;

/** What text and SVG have in common. Kinds are indices into KINDS. */
export interface Lanes {
  readonly title: string;
  readonly summary: string;
  /** How many columns the time axis has. */
  readonly width: number;
  readonly lanes: readonly Lane[];
  /** widthOf() the widest of their names. */
  readonly margin: number;
  /** The kinds that there are in any lane. */
  readonly kinds: readonly number[];
  readonly ticks: readonly (readonly [column: number, label: string])[];
  /** Where the holder changes, and the lanes of the old and the new one. */
  readonly switches: readonly (readonly [column: number, from: number, to: number])[];
}

export interface Lane {
  readonly name: string;
  /** The kind that each column shows: a digit a column. */
  readonly columns: string;
  /** For each kind, as "30.00 ms   50.0 %": the share is that of the whole time. */
  readonly totals: readonly string[];
}

/**
 * Arranges spans in lanes over a time axis: a lane for each thread, in order of their ids.
 * @param spans in order of start; those of one thread do not overlap.
 * @param usual how many columns, where the options don't say.
 * @param spacing columns from tick to tick, at least.
 * @param lost events that found no room: a picture says that it isn't all.
 */
export function arrange(
  spans: readonly Span[],
  options: PictureOptions,
  usual: number,
  spacing: number,
  lost: number,
): Lanes {
  const width = widthIn(options, usual);
  const first = spans[0]?.start ?? 0;
  // A microsecond at least: the trace may be empty.
  const last = spans.reduce((latest, { end }) => Math.max(latest, end), first + 0.001);
  const time = last - first;
  // From nanoseconds on.
  const step = stepOf(1e-6, (time * spacing) / width);
  // The axis begins with a tick: at 0 rather than at 0.02.
  const left = Math.min(first, Math.floor(first / step + 1e-9) * step);
  const scale = width / (last - left);

  const threads = [...new Set(spans.map(({ thread }) => thread))].sort((one, other) => one - other);
  /** For each thread, what part of each column goes to each kind. */
  const parts = threads.map(() => Array.from({ length: width }, () => [0, 0, 0, 0, 1]));
  for (const { thread, activity, start, end } of spans) {
    const lane = parts[threads.indexOf(thread)]!;
    const to = Math.min((end - left) * scale, width);
    for (let at = (start - left) * scale; at < to; ) {
      const column = Math.floor(at);
      const next = Math.min(column + 1, to);
      lane[column]![KINDS.indexOf(activity)]! += next - at;
      lane[column]![NOTHING]! -= next - at;
      at = next;
    }
  }
  const columns = choose(parts);
  const lanes = threads.map((id, lane) => ({
    name: printable(options.names?.[id] ?? `thread ${id & 255}`),
    columns: columns[lane]!,
    totals: KINDS.map((_, kind) => {
      const ms = parts[lane]!.reduce((sum, column) => sum + column[kind]!, 0) / scale;
      return `${ms.toFixed(2)} ms ${((100 * ms) / time).toFixed(1).padStart(6)} %`;
    }),
  }));

  const switches: [column: number, from: number, to: number][] = [];
  let holder = -1;
  for (const { thread, activity, start } of spans) {
    if (activity !== "held") continue;
    const lane = threads.indexOf(thread);
    if (holder >= 0 && holder !== lane) switches.push([Math.round((start - left) * scale), holder, lane]);
    holder = lane;
  }
  return {
    title: printable(options.title ?? "Who holds the GIL"),
    summary: `${time.toFixed(2)} ms, switches: ${switches.length}${lost ? `; ${lost} events found no room` : ""}`,
    width,
    lanes,
    margin: Math.max(0, ...lanes.map(({ name }) => widthOf(name))),
    kinds: [0, 1, 2, 3].filter((kind) => spans.some(({ activity }) => activity === KINDS[kind])),
    ticks: Array.from({ length: Math.floor((last - left) / step + 1e-9) + 1 }, (_, i) => [
      Math.round(i * step * scale),
      `${Number((left + i * step).toFixed(6))} ms`,
    ]),
    switches,
  };
}

/**
 * What the columns of each lane show: of the things that a thread did in a column, the one that was shown too little so far.
 * That is mostly what took most of it, but where spans are shorter than a column, it makes the right mixture: of eight threads
 * that take turns quickly, each does nothing but wait for most of each column. Since only one at a time can hold the GIL,
 * of the threads that held it for less than half of a column only one shows it; else all eight would in the same columns.
 */
function choose(lanes: readonly (readonly (readonly number[])[])[]): string[] {
  /** For each lane and kind, how many columns should show it, less those that do. */
  const behind = lanes.map(() => [0, 0, 0, 0, 0]);
  const shown = lanes.map(() => "");
  lanes[0]?.forEach((_, column) => {
    let holder = -1;
    lanes.forEach((parts, lane) => {
      parts[column]!.forEach((part, kind) => {
        behind[lane]![kind]! += part;
      });
      if (parts[column]![0]! > NOISE && behind[lane]![0]! > (behind[holder]?.[0] ?? -Infinity)) holder = lane;
    });
    lanes.forEach((parts, lane) => {
      const best = [0, 1, 2, 3, NOTHING]
        .filter((kind) => parts[column]![kind]! > (kind > 0 || lane === holder ? NOISE : 0.5))
        .reduce((one, other) => (behind[lane]![other]! > behind[lane]![one]! ? other : one));
      behind[lane]![best]! -= 1;
      shown[lane]! += best;
    });
  });
  return shown;
}

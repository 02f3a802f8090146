import { stepOf } from "../base/svg.ts";
import type { HistoryEvent } from "./history.ts";
import { bytes, nameOf, type Piece, plural } from "./map-axis.ts";

/** How to draw what happened in an arena. */
export interface TimelineOptions {
  /** "text" for a terminal, "svg" for an image; without it, a Picture: both. */
  readonly format?: "text" | "svg" | undefined;
  /** Columns of the axis of events, from 20 to 2000: characters of a text (else 57), pixels of an SVG (else 720). */
  readonly width?: number | undefined;
  /** Else "Arena over time". */
  readonly title?: string | undefined;
}

/** A block, and the hole that it leaves. Times count the events before. */
interface Life {
  readonly address: number;
  readonly size: number;
  name: string;
  /** From when to when it has how many references, in order; 0 when it is a hole. */
  readonly spans: { from: number; to: number; refs: number }[];
}

interface Timeline {
  /** In order of allocation: what takes the place of a hole comes after it. */
  readonly lives: readonly Life[];
  /** The time after the last event. */
  readonly end: number;
  /** When most bytes were in use, and how many. */
  readonly peak: { readonly time: number; readonly used: number };
  readonly summary: string;
  /** Addresses where a block begins or ends, in order, and what lies between them. */
  readonly addresses: readonly number[];
  readonly pieces: readonly Piece[];
}

/**
 * What happened to whom.
 * @param events at least one. @param lost how many found no room.
 */
export function timelineOf(events: readonly HistoryEvent[], lost: number): Timeline {
  const lives: Life[] = [];
  const open = new Map<number, Life>();
  let time = 0;
  for (const { event, id, address, size, refs, name } of events) {
    // The release before it says the same.
    if (event === "free") continue;
    time += 1;
    let life = open.get(id);
    const last = life?.spans.at(-1);
    if (last) last.to = time;
    if (event === "alloc" || life === undefined) {
      life = { address, size, name: "", spans: [] };
      // A block older than the recording had one reference less, or more, until now.
      if (event !== "alloc")
        life.spans.push({ from: 0, to: time, refs: refs + (event === "retain" ? -1 : 1) });
      lives.push(life);
      open.set(id, life);
    }
    life.name = nameOf({ name, id });
    life.spans.push({ from: time, to: Infinity, refs });
    if (refs === 0) open.delete(id);
  }
  const end = time + 1;
  const changes = new Float64Array(end + 1);
  /** How many blocks more than below lie over what follows an address, at any time. */
  const more = new Map<number, number>();
  const count = (address: number, by: number): unknown => more.set(address, (more.get(address) ?? 0) + by);
  for (const { address, size, spans } of lives) {
    const last = spans.at(-1)!;
    changes[spans[0]!.from]! += size;
    if (last.refs === 0) changes[last.from]! -= size;
    last.to = Math.min(last.to, end);
    count(address, 1);
    count(address + size, -1);
  }
  let [used, blocks] = [0, 0];
  let peak = { time: 0, used };
  changes.forEach((change, time) => {
    used += change;
    if (used > peak.used) peak = { time, used };
  });
  const addresses = [...more.keys()].sort((one, other) => one - other);
  const pieces = addresses.slice(1).map((address, i): Piece => {
    blocks += more.get(addresses[i]!)!;
    return { state: blocks > 0 ? "block" : "hole", size: address - addresses[i]! };
  });
  const ms = events.at(-1)!.ms - events[0]!.ms;
  const summary =
    `${plural(time, "event")} in ${ms.toFixed(2)} ms, ${plural(lives.length, "block")}, at most ${bytes(peak.used)} at once` +
    (lost ? `; ${lost} events found no room` : "");
  return { lives, end, peak, summary, addresses, pieces };
}

/** A span of a block's life in a picture, in columns and rows. */
interface Mark {
  readonly left: number;
  readonly right: number;
  readonly low: number;
  readonly high: number;
  readonly refs: number;
  /** Its references, the first time with the block's name; as much as there is room for. */
  readonly says: string;
  /** Whether it begins with a change of the count. */
  readonly changed: boolean;
}

/** What there is to draw, in the order of drawing. @param rows where addresses lie. @param room columns that a text needs. */
export function marksOf(
  { lives, end, addresses }: Timeline,
  columns: number,
  rows: readonly number[],
  room: (text: string) => number,
): Mark[] {
  const rowAt = new Map(addresses.map((address, i) => [address, Math.round(rows[i]!)]));
  return lives.flatMap(({ name, address, size, spans }) => {
    let label = `${name} `;
    return spans.map(({ from, to, refs }, i): Mark => {
      const left = columnAt(from, end, columns);
      const right = columnAt(to, end, columns);
      const says = [label + refs, `${refs}`].find((text) => refs > 0 && room(text) <= right - left) ?? "";
      if (says.startsWith(label)) label = "";
      return {
        left,
        right,
        low: rowAt.get(address)!,
        high: rowAt.get(address + size)!,
        refs,
        says,
        changed: i > 0 && refs > 0,
      };
    });
  });
}

/** Where a time lies. */
export const columnAt = (time: number, end: number, columns: number): number =>
  Math.round((time * columns) / end);

/** Numbers of events along an axis; each takes `room` columns. */
export function ticksOf(end: number, columns: number, room: number): [column: number, event: number][] {
  const least = (room * end) / columns;
  const step = stepOf(1, least);
  return Array.from({ length: Math.max(0, Math.floor((end - least) / step)) }, (_, i) => [
    columnAt((i + 1) * step, end, columns),
    (i + 1) * step,
  ]);
}

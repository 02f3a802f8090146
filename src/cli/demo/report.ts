import type { Context } from "../../index.ts";
import type { Picture } from "./figure.ts";

/** What a demo has shown. */
export interface Report {
  readonly text: string;
  readonly pictures: readonly Picture[];
  /** What --json prints, besides what the pictures show. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Columns of a terminal. */
const WIDTH = 80;

/** A text, whose line breaks are those of the source, in lines that fit a terminal. */
export function paragraph(text: string): string {
  const lines: string[] = [];
  for (const word of text.trim().split(/[ \n]+/)) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join("\n");
}

/** Rows of cells: the first to the left, all others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const aligned = rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]! + 3))),
  );
  return aligned.map((row) => row.join("").trimEnd()).join("\n");
}

/** What a host with one core must be told. */
export function coresNote(la: Context): string[] {
  return la.config().host.cores > 1
    ? []
    : [
        paragraph(
          "This process has one core: its threads take turns on it, and none can make another faster.",
        ),
      ];
}

/** A sentence for two threads that should have been nearly twice as fast as one, and were not. */
export function doubt(la: Context, ratio: number): string {
  return la.config().host.cores > 1 && ratio < 1.4
    ? "(It would be nearly half if this process had two cores to itself; now it does not.)"
    : "";
}

export const milliseconds = (ms: number): string => `${ms.toFixed(1)} ms`;

export const whole = (value: number): string => value.toLocaleString("en-US");

export const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

/** How many times as fast something is that took `before` and takes `after`. */
export const speed = (before: number, after: number): string => `${(before / after).toFixed(2)}×`;

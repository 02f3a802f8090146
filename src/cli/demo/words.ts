/** Columns of a terminal. */
const WIDTH = 80;

/** A text in lines that fit a terminal. */
export function paragraph(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line].join("\n");
}

/** Rows whose first column is a text, and all others numbers. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]! + 3))).join("").trimEnd(),
    )
    .join("\n");
}

/** Milliseconds. */
export const ms = (value: number): string => `${value.toFixed(1)} ms`;

/** A whole number, with commas. */
export const whole = (value: number): string => value.toLocaleString("en-US");

export const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

/** How many times as fast: 1 for what took as long. */
export const speedup = (before: number, after: number): string => `${(before / after).toFixed(2)}×`;

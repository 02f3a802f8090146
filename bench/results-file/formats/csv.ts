import type { Measurement, Results } from "../format.ts";

const COLUMNS = [
  ...["bench", "section", "dtype", "label", "who", "what", "n", "threads", "unit", "better"],
  ...["round", "value", "machine", "residual", "wrong"],
] as const;

type Cell = string | number | boolean | null;

/** RFC 4180: quoted where it must be. */
const cellOf = (value: Cell): string => {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** One line a value, for spreadsheets and data frames; what has no value, as it was wrong or not measured, has one without. */
export function asCsv({ measurements }: Results): string {
  const lines = measurements.flatMap((measurement) => {
    const { values, machine } = measurement;
    if (values.length === 0) return [lineOf(measurement, null, null, null)];
    return values.map((value, i) => lineOf(measurement, i + 1, value, machine?.[i] ?? null));
  });
  return `${[COLUMNS.join(","), ...lines].join("\n")}\n`;
}

function lineOf(
  one: Measurement,
  round: number | null,
  value: number | null,
  machine: number | null,
): string {
  const { bench, section, dtype, label, who, what, n, threads, unit, better, residual, wrong } = one;
  const cells = [bench, section, dtype, label, who, what, n, threads, unit, better, round, value, machine];
  return [...cells, residual, wrong].map(cellOf).join(",");
}

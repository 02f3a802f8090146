import Table from "cli-table3";
import type { Header } from "./header.ts";
import type { SectionRow } from "./rows.ts";
import { median, spread } from "./sample.ts";
import type { Target } from "./targets.ts";

type Shown = SectionRow<string, string>;

/** A table; all columns but the first `left` hold numbers. */
export interface Sheet {
  readonly title: string;
  readonly head: readonly string[];
  readonly body: readonly (readonly string[])[];
  readonly left: number;
}

/** What a bench has to say, for a terminal or a file. */
export interface Document {
  readonly title: string;
  readonly facts: readonly Fact[];
  readonly legend: string;
  /** Those without rows are left out. */
  readonly sheets: readonly Sheet[];
  /** Everything that was measured, a line each. */
  readonly details: Sheet;
  readonly targets: readonly Target[];
}

export type Fact = readonly [name: string, value: string];

/** Three digits. */
export function digits(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export const percent = (share: number | undefined): string =>
  share === undefined ? "–" : `${(100 * share).toFixed(0)} %`;
export const times = (ratio: number | undefined): string =>
  ratio === undefined ? "–" : `${ratio.toFixed(2)}×`;

/** What every header has: first where, last how. `samples` says how the samples were taken. */
export function factsOf(header: Header, samples: string): Fact[] {
  return [
    ["date", header.date],
    ["blasm", `${header.version}, commit: ${header.commit}`],
    ["CPU", `${header.cpu}, ${header.cores} cores`],
    ["system", `${header.os}; load average ${header.loadBefore} before, ${header.loadAfter} after`],
    ["runtime", `${header.runtime}, ${header.engine}; flags: ${header.flags}`],
    ["samples", samples],
    ["clock", `steps of ${(1000 * header.timerMs).toPrecision(2)} µs`],
    ...(header.interrupted ? [["note", "interrupted: this is what had been measured"] as const] : []),
  ];
}

/** A number in the unit of its row. */
type Show<Row> = (value: number, row: Row) => string;

/** A row's median, as a cell. */
export const medianCell =
  <Row extends Shown>(show: Show<Row>) =>
  (row: Row | undefined): string => {
    if (row?.wrong) return "WRONG";
    return row === undefined || row.values.length === 0 ? "–" : show(median(row.values), row);
  };

/** The spread of a row's values, in % of their median. */
export const spreadCell = ({ values }: Shown): string => percent(spread(values));

/** Rows as they are, one line each. */
export function detailsOf<Row extends Shown>(
  rows: readonly Row[],
  show: Show<Row>,
  spreadOf: (row: Row) => string = spreadCell,
): Sheet {
  const body = rows.map((row) => {
    const { section, label, who, what, unit, values, disturbed = 0, wrong } = row;
    const numbers =
      values.length > 0
        ? [median(values), Math.min(...values), Math.max(...values)].map((value) => show(value, row))
        : ["–", "–", "–"];
    const note = wrong ? "WRONG" : disturbed > 0 ? `core shared in ${disturbed} of ${values.length}` : "";
    return [section, label, who, what, ...numbers, spreadOf(row), unit, note];
  });
  return {
    title: "Details: spread is the interquartile range in % of the median",
    head: ["section", "case", "who", "what", "median", "least", "most", "spread", "unit", "note"],
    body,
    left: 4,
  };
}

function targetsSheet(list: readonly Target[]): Sheet {
  return {
    title: "Targets",
    head: ["figure", "wanted", "got", ""],
    body: list
      .filter(({ state }) => state !== "not measured")
      .map(({ figure, wanted, got, state }) => [figure, wanted, got, state]),
    left: 4,
  };
}

function summary(list: readonly Target[]): string {
  const count = (state: Target["state"]): number => list.filter((target) => target.state === state).length;
  return `Targets: ${count("reached")} reached, ${count("missed")} missed, ${count("not measured")} not measured.`;
}

const hasRows = ({ body }: Sheet): boolean => body.length > 0;

/** For a terminal. */
export function textOf({ facts, legend, sheets, details, targets }: Document, withDetails: boolean): string {
  const width = Math.max(...facts.map(([name]) => name.length));
  const all = [...(withDetails ? [details] : []), ...sheets, targetsSheet(targets)];
  const tables = all.filter(hasRows).map(({ title, head, body, left }) => {
    const table = new Table({
      head: [...head],
      colAligns: head.map((_, i) => (i < left ? "left" : "right")),
      style: { head: [], border: [], compact: true },
    });
    table.push(...body.map((line) => [...line]));
    return `${title}\n${table.toString()}\n`;
  });
  const top = facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  return [...top, legend, "", ...tables, summary(targets)].join("\n");
}

/** For a file in bench/results. */
export function markdownOf({ title, facts, legend, sheets, details, targets }: Document): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  // The longest one last.
  const all = [...sheets, targetsSheet(targets), details];
  const tables = all.filter(hasRows).map(({ title, head, body, left }) => {
    const rule = head.map((_, i) => (i < left ? "---" : "---:"));
    return ["", `## ${title}`, "", line(head), line(rule), ...body.map(line)].join("\n");
  });
  const top = facts.map(([name, value]) => `- ${name}: ${value}`);
  return [`# ${title}`, "", ...top, "", legend, "", summary(targets), ...tables, ""].join("\n");
}

/** For machines. */
export const jsonOf = (schema: string, result: object): string =>
  `${JSON.stringify({ schema, ...result }, null, 1)}\n`;

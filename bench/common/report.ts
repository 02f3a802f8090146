import Table from "cli-table3";
import type { Environment } from "../results-file/format.ts";
import { digits } from "./digits.ts";
import type { SectionRow } from "./rows.ts";
import type { Header } from "./run.ts";
import { median, spread } from "./sample.ts";
import type { Target } from "./targets.ts";

export { digits };

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

export const percent = (share: number | undefined): string =>
  share === undefined ? "–" : `${(100 * share).toFixed(0)} %`;
export const times = (ratio: number | undefined): string =>
  ratio === undefined ? "–" : `${ratio.toFixed(2)}×`;

/** Where something was measured. */
export function environmentFacts(environment: Environment): Fact[] {
  const { version, commit, cpu, cores, memoryBytes, os, load, runtime, engine, flags } = environment;
  const { power, visibility, timerMs } = environment;
  const averages = (numbers: readonly number[]): string => numbers.map((one) => one.toFixed(2)).join(" ");
  const memory = memoryBytes === null ? "" : `, ${(memoryBytes / 2 ** 30).toFixed(1)} GiB`;
  const loads = load ? `; load average ${averages(load.before)} before, ${averages(load.after)} after` : "";
  return [
    ["date", environment.date],
    ["blasm", `${version}, commit: ${commit ?? "not known"}`],
    ["CPU", `${cpu ?? "not told"}, ${cores} cores${memory}`],
    ["system", `${os ?? "not told"}${loads}`],
    ["runtime", `${runtime}, ${engine}; flags: ${flags.join(" ") || "none"}`],
    ...(power === null ? [] : [["power", power] as const]),
    ...(visibility === null ? [] : [["page", visibility] as const]),
    ["clock", `steps of ${(1000 * timerMs).toPrecision(2)} µs`],
  ];
}

/** What every header has: first where, last how. `samples` says how the samples were taken. */
export function factsOf({ environment, interrupted, notes }: Header<unknown>, samples: string): Fact[] {
  return [
    ...environmentFacts(environment),
    ["samples", samples],
    ...notes.map((note): Fact => ["note", note]),
    ...(interrupted ? [["note", "interrupted: this is what had been measured"] as const] : []),
  ];
}

/** A number in the unit of its row. */
type Show<Row> = (value: number, row: Row) => string;

/** A row's median, as a cell; with a star where there is a note. */
export const medianCell =
  <Row extends Shown>(show: Show<Row>) =>
  (row: Row | undefined): string => {
    if (row?.wrong) return "WRONG";
    if (row === undefined || row.values.length === 0) return "–";
    return show(median(row.values), row) + (row.notes?.length ? "*" : "");
  };

/** The spread of a row's values, in % of their median. */
export const spreadCell = ({ values }: Shown): string => percent(spread(values));

/** What is said of a row beside its numbers. */
export const remarksOf = ({ notes = [], disturbed = 0, values }: Shown): string[] =>
  disturbed > 0 ? [...notes, `core shared in ${disturbed} of ${values.length}`] : [...notes];

/** Notes of rows; who have one in common stand in one line. */
export function notesSheet(rows: readonly Shown[]): Sheet {
  const lines = new Map<string, { at: string[]; of: string[] }>();
  for (const { section, dtype, label, who, what, notes = [] } of rows) {
    for (const note of notes) {
      const at = [[section, dtype, label].filter(Boolean).join(" "), note];
      const line = lines.get(at.join("\n")) ?? { at, of: [] };
      line.of.push(`${who} ${what}`);
      lines.set(at.join("\n"), line);
    }
  }
  const body = Array.from(lines.values(), ({ at: [place = "", note = ""], of }) => [
    place,
    note,
    of.length > 2 ? `${of[0]} and ${of.length - 1} more` : of.join(", "),
  ]);
  return { title: "Notes (* above)", head: ["case", "note", "of"], body, left: 3 };
}

/** Rows as they are, one line each. */
export function detailsOf<Row extends Shown>(
  rows: readonly Row[],
  show: Show<Row>,
  spreadOf: (row: Row) => string = spreadCell,
): Sheet {
  const body = rows.map((row) => {
    const { section, label, who, what, unit, values, wrong } = row;
    const numbers =
      values.length > 0
        ? [median(values), Math.min(...values), Math.max(...values)].map((value) => show(value, row))
        : ["–", "–", "–"];
    const note = wrong ? "WRONG" : remarksOf(row).join("; ");
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

/** A table with its title, for a terminal. */
export function textTable({ title, head, body, left }: Sheet): string {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, i) => (i < left ? "left" : "right")),
    style: { head: [], border: [], compact: true },
  });
  table.push(...body.map((line) => [...line]));
  return `${title}\n${table.toString()}`;
}

/** For a terminal. */
export function textOf({ facts, legend, sheets, details, targets }: Document, withDetails: boolean): string {
  const width = Math.max(...facts.map(([name]) => name.length));
  const all = [...(withDetails ? [details] : []), ...sheets, targetsSheet(targets)];
  const tables = all.filter(hasRows).map((sheet) => `${textTable(sheet)}\n`);
  const top = facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  return [...top, legend, "", ...tables, summary(targets)].join("\n");
}

/** A table in Markdown. */
export function markdownTable({ head, body, left }: Omit<Sheet, "title">): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = head.map((_, i) => (i < left ? "---" : "---:"));
  return [line(head), line(rule), ...body.map(line)].join("\n");
}

/** For a file in bench/results. */
export function markdownOf({ title, facts, legend, sheets, details, targets }: Document): string {
  // The longest one last.
  const all = [...sheets, targetsSheet(targets), details];
  const tables = all
    .filter(hasRows)
    .map(({ title, ...table }) => ["", `## ${title}`, "", markdownTable(table)].join("\n"));
  const top = facts.map(([name, value]) => `- ${name}: ${value}`);
  return [`# ${title}`, "", ...top, "", legend, "", summary(targets), ...tables, ""].join("\n");
}

/** What a bench says of a result, on a terminal and in a file of bench/results. */
export interface Reports<Result> {
  asText(result: Result, details: boolean): string;
  asMarkdown(result: Result): string;
}

export const reportsOf = <Result>(documentOf: (result: Result) => Document): Reports<Result> => ({
  asText: (result, details) => textOf(documentOf(result), details),
  asMarkdown: (result) => markdownOf(documentOf(result)),
});

import {
  type Document,
  detailsOf,
  digits,
  factsOf,
  medianCell,
  notesSheet,
  percent,
  reportsOf,
  type Sheet,
  spreadCell,
} from "../common/report.ts";
import { distinct, select } from "../common/rows.ts";
import { spread } from "../common/sample.ts";
import { CYCLE, OVERHEAD, REPLACE, TABLE } from "./blocks.ts";
import type { Row } from "./rows.ts";
import type { Result } from "./run.ts";
import { targets, together } from "./targets.ts";
import { ALONE, TOGETHER } from "./threads.ts";

/** A number in the unit of its row. */
function show(value: number, { unit }: Row): string {
  if (unit === "share") return `${(100 * value).toFixed(1)} %`;
  if (unit === "1/s") return `${digits(value / 1e6)} M`;
  return unit === "blocks" ? value.toFixed(0) : digits(value);
}

const cell = medianCell(show);

/** One line for each `what` and `who`, one column for each label. */
function sheetOf(title: string, first: string, rows: readonly Row[], whats: readonly string[]): Sheet {
  const labels = distinct(rows.map(({ label }) => label));
  const body = whats.flatMap((what) =>
    distinct(select(rows, { what }).map(({ who }) => who)).map((who) => [
      what,
      who,
      ...labels.map((label) => cell(select(rows, { label, who, what })[0])),
    ]),
  );
  return { title, head: [first, "of", ...labels], body, left: 2 };
}

const blocksSheet = (rows: readonly Row[]): Sheet =>
  sheetOf(
    "Small blocks, 128 bytes: median nanoseconds a call, and bytes, among so many others that are alive",
    "call",
    select(rows, { section: "blocks" }),
    [CYCLE, REPLACE, OVERHEAD, TABLE],
  );

function viewsSheet(all: readonly Row[]): Sheet {
  const body = select(all, { section: "views" }).map((row) => [
    row.what,
    row.who,
    cell(row),
    percent(spread(row.values)),
  ]);
  return {
    title: "Views of a 4 × 4 array: median nanoseconds",
    head: ["call", "of", "ns", "spread"],
    body,
    left: 2,
  };
}

function threadsSheet(all: readonly Row[]): Sheet {
  const rows = select(all, { section: "threads" });
  const body = distinct(rows.map(({ who }) => who)).map((who) => {
    const ratio = together(rows, who);
    const rate = (what: string): string => cell(select(rows, { who, what })[0]);
    return [who, rate(ALONE), rate(TOGETHER), ratio === undefined ? "–" : percent(ratio)];
  });
  return {
    title: "Two threads that allocate and release in one arena: million times a second, both together",
    head: ["of", ALONE, TOGETHER, "of one's"],
    body,
    left: 1,
  };
}

function tracesSheet(all: readonly Row[]): Sheet {
  const rows = select(all, { section: "traces" });
  const columns = distinct(rows.map(({ what }) => what));
  const body = distinct(rows.map(({ label }) => label)).flatMap((label) =>
    distinct(select(rows, { label }).map(({ who }) => who)).map((who) => [
      label,
      who,
      ...columns.map((what) => cell(select(rows, { label, who, what })[0])),
    ]),
  );
  return {
    title:
      "Recorded programs (results validated), medians of several sessions: external fragmentation is, when most is in use, the " +
      "part from the first block to the end of the last one in use that is in no block",
    head: ["program", "in", ...columns],
    body,
    left: 2,
  };
}

/** Of what has one number there is none. */
const spreadOf = (row: Row): string => (row.values.length > 1 ? spreadCell(row) : "–");

function document({ header, rows }: Result): Document {
  const { selection, sampleMs } = header;
  const taken = `${selection.rounds} rounds, in turns; at least ${digits(sampleMs)} ms each`;
  return {
    title: "blasm bench arena",
    facts: factsOf(header, `${taken}, threads ${selection.churnMs} ms`),
    legend:
      "la.zeros makes a 4 × 4 array of float64 and fills it, arena is its part in that. AssemblyScript TLSF is one thread's, " +
      "without a lock, counts or names. new Float64Array has no release: the time of the collector is in it.",
    sheets: [blocksSheet, viewsSheet, threadsSheet, tracesSheet, notesSheet].map((sheet) => sheet(rows)),
    details: detailsOf(rows, show, spreadOf),
    targets: targets(rows),
  };
}

export const { asText, asMarkdown } = reportsOf(document);

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
  times,
} from "../common/report.ts";
import { distinct, find, ratio, type SectionRow, select } from "../common/rows.ts";
import { BARE } from "./callers.ts";
import { ASLEEP_MS } from "./dispatch.ts";
import type { Row } from "./rows.ts";
import type { Result } from "./run.ts";
import { ONE, SAMPLE_MS, TWO } from "./taken.ts";
import { targets, twoOverOne } from "./targets.ts";

/** A number in the unit of its row. */
function show(value: number, { unit }: Row): string {
  if (unit === "count") return value.toFixed(0);
  if (unit === "share") return percent(value);
  return unit === "times" ? times(value) : digits(value);
}

const cell = medianCell(show);

const labelsOf = (rows: readonly Row[]): string[] => distinct(rows.map(({ label }) => label));

/** The calls of a team, of this bench or another that has measured them. */
export function dispatchSheet(all: readonly SectionRow<string, string>[]): Sheet {
  const rows = select(all, { section: "dispatch" });
  const cell = medianCell<SectionRow<string, string>>(digits);
  const body = select(rows, { what: "median" }).map(({ label, who }) => {
    const columns = ["median", "99th percentile"].flatMap((what) => {
      const row = select(rows, { label, who, what })[0];
      return [cell(row), times(ratio(row, find(rows, { label, what, who: BARE })))];
    });
    return [label, who, ...columns];
  });
  return {
    title:
      "Dispatch and join of an empty job, a ticket for everybody: microseconds from before the call until all have answered; " +
      `× a bare store, notify and spin. Awake: calls back to back; asleep: ${ASLEEP_MS} ms after the last one`,
    head: ["", "of", "median", "× bare", "99th percentile", "× bare"],
    body,
    left: 2,
  };
}

function partitionSheet(all: readonly Row[]): Sheet {
  const rows = select(all, { section: "partition" });
  const whats = distinct(rows.map(({ what }) => what));
  const body = labelsOf(rows).flatMap((label) =>
    distinct(select(rows, { label }).map(({ who }) => who)).map((who) => [
      label,
      who,
      ...whats.map((what) => cell(find(rows, { label, who, what }))),
    ]),
  );
  return {
    title:
      "How squares (float32) are cut, counted: tickets; the average thread's work over the busiest one's; elements that are " +
      "packed over those that one thread packs; takes and finishes of tickets and one call; the speed-up over one thread that " +
      "this predicts at 100 GFLOP/s a core, if nothing else is shared",
    head: ["square", "on", ...whats],
    body,
    left: 2,
  };
}

function takenSheet(all: readonly Row[]): Sheet {
  const rows = select(all, { section: "taken" });
  const body = labelsOf(rows).map((label) => [
    label,
    ...[ONE, TWO].map((who) => cell(select(rows, { label, who })[0])),
    percent(twoOverOne(rows, label)),
  ]);
  return {
    title:
      "Other processes have all cores but one: square products (float64, tuned build; validated), median GFLOP/s, and the share " +
      "of one thread's rate that two threads have",
    head: ["n", ONE, TWO, "of one thread"],
    body,
    left: 1,
  };
}

function memorySheet(all: readonly Row[]): Sheet {
  const body = select(all, { section: "memory" }).map((row) => [row.what, cell(row)]);
  return { title: "Memory that a member takes", head: ["", "MiB"], body, left: 1 };
}

/** What was counted is all in its own table. */
const isMeasured = ({ section }: Row): boolean => section !== "partition";

function document({ header, rows }: Result): Document {
  const { rounds, awakeCalls, asleepCalls } = header.selection;
  const calls = `${awakeCalls} calls of members awake and ${asleepCalls} of members asleep`;
  return {
    title: "blasm bench team",
    facts: factsOf(header, `${rounds} rounds, in turns; ${calls}; products at least ${SAMPLE_MS} ms`),
    legend: "Ratios are medians over the rounds, each taken within a round.",
    sheets: [dispatchSheet, partitionSheet, takenSheet, memorySheet, notesSheet].map((sheet) => sheet(rows)),
    details: detailsOf(rows.filter(isMeasured), show),
    targets: targets(rows),
  };
}

export const { asText, asMarkdown } = reportsOf(document);

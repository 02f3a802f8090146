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
} from "../common/report.ts";
import { distinct, select } from "../common/rows.ts";
import type { Row } from "./rows.ts";
import type { Result } from "./run.ts";
import { ofLater, targets } from "./targets.ts";

const cell = medianCell<Row>(digits);

function startSheet(all: readonly Row[]): Sheet {
  const rows = select(all, { section: "start" });
  const steps = distinct(rows.map(({ what }) => what));
  const body = distinct(rows.map(({ who }) => who)).map((who) => [
    who,
    ...steps.map((what) => cell(select(rows, { who, what })[0])),
  ]);
  return {
    title: "Fresh processes, median milliseconds: from the start to a product of 64 × 64, and to the end",
    head: ["build", ...steps],
    body,
    left: 1,
  };
}

function firstSheet(all: readonly Row[]): Sheet {
  const rows = select(all, { section: "first" });
  const body = select(rows, { what: "first" }).map((row) => {
    const { label, who } = row;
    return [
      label,
      who,
      cell(row),
      cell(select(rows, { label, who, what: "later" })[0]),
      percent(ofLater(rows, row)),
    ];
  });
  return {
    title:
      "The first product of a fresh process, and those that follow, float64, one thread: median GFLOP/s, and the share of the later rate",
    head: ["n", "build", "first", "later", "of later"],
    body,
    left: 2,
  };
}

function document({ header, rows }: Result): Document {
  return {
    title: "blasm bench start",
    facts: factsOf(header, `${header.selection.rounds} fresh processes each, in turns`),
    legend: "Every product was checked, after it was timed.",
    sheets: [startSheet(rows), firstSheet(rows), notesSheet(rows)],
    details: detailsOf(rows, digits),
    targets: targets(rows),
  };
}

export const { asText, asMarkdown } = reportsOf(document);

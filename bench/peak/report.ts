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
import { distinct, find, select } from "../common/rows.ts";
import { spread } from "../common/sample.ts";
import type { Row } from "./rows.ts";
import type { Result } from "./run.ts";
import { perCycle, shareOfLimit, targets } from "./targets.ts";

const show = (value: number, { unit }: Row): string => (unit === "count" ? String(value) : digits(value));
const cell = medianCell<Row>(show);

/** A line for each build and dtype. */
function peakSheet(rows: readonly Row[]): Sheet {
  const peaks = select(rows, { what: "peak" });
  const labels = distinct(peaks.map(({ label }) => label));
  const dtypes = distinct(peaks.map(({ dtype }) => dtype));
  const body = dtypes.flatMap((dtype) =>
    distinct(peaks.map(({ who }) => who)).map((who) => {
      const [one] = select(peaks, { section: "one", who, dtype });
      const key = { who, dtype };
      return [
        dtype,
        who,
        ...labels.map((label) => cell(select(peaks, { label, who, dtype })[0])),
        one === undefined || one.values.length === 0 ? "–" : percent(spread(one.values)),
        cell(select(rows, { what: "chains", who, dtype })[0]),
        digits(perCycle(rows, key)),
        digits(find(rows, { what: "limit", who, dtype })?.values[0]),
        percent(shareOfLimit(rows, key)),
      ];
    }),
  );
  return {
    title:
      "Attainable peak: multiply-adds in registers, median GFLOP/s of the best number of chains; spread, chains, flop/cycle, what a cycle can " +
      "hold at the most (where the processor is known), and the share of it: of one thread",
    head: ["dtype", "build", ...labels, "spread", "chains", "flop/cycle", "limit", "of limit"],
    body,
    left: 2,
  };
}

function clockSheet(rows: readonly Row[]): Sheet {
  const body = select(rows, { what: "clock" }).map((row) => [row.dtype, cell(row), spreadCell(row)]);
  return {
    title: "Clock of the core meanwhile: a chain of integer additions and exclusive-ors, a cycle each",
    head: ["while measuring", "GHz", "spread"],
    body,
    left: 1,
  };
}

function document({ header, rows }: Result): Document {
  const { selection, sampleMs } = header;
  const taken = `${selection.rounds} rounds, in turns; at least ${digits(sampleMs)} ms each`;
  return {
    title: "blasm bench peak",
    facts: factsOf(header, `${taken}, of all threads at once ${selection.togetherMs} ms`),
    legend: "Each kernel's values were checked first, bit by bit.",
    sheets: [peakSheet(rows), clockSheet(rows), notesSheet(rows)],
    details: detailsOf(rows, show),
    targets: targets(rows),
  };
}

export const { asText, asMarkdown } = reportsOf(document);

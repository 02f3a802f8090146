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
import { KERNELS } from "./sweep.ts";
import { ofC, targets } from "./targets.ts";

const cell = medianCell<Row>(digits);

/** The best value, as STREAM reports it. */
const bestCell = (row: Row | undefined): string =>
  row === undefined || row.values.length === 0 ? "–" : digits(Math.max(...row.values));

/** A line for each dtype, number of threads and who. */
function streamSheet(rows: readonly Row[]): Sheet {
  const body = distinct(rows.map(({ threads }) => threads)).flatMap((threads) =>
    distinct(rows.map(({ dtype }) => dtype)).flatMap((dtype) =>
      distinct(select(rows, { threads, dtype }).map(({ who }) => who)).map((who) => {
        const columns = KERNELS.flatMap(({ name }) => {
          const [row] = select(rows, { threads, dtype, who, what: name });
          return [cell(row), bestCell(row), percent(row && ofC(rows, row))];
        });
        return [String(threads), dtype, who, ...columns];
      }),
    ),
  );
  const head = KERNELS.flatMap(({ name }) => [name, "best", "of C"]);
  return {
    title:
      "Memory bandwidth, median and best GB/s (bytes read and written by the kernel, as STREAM counts), and the share of C's in the " +
      "same rounds",
    head: ["threads", "dtype", "who", ...head],
    body,
    left: 3,
  };
}

function document({ header, rows }: Result): Document {
  const { rounds, sweeps } = header.selection;
  const label = rows[0]?.label ?? "nothing";
  return {
    title: "blasm bench stream",
    facts: factsOf(
      header,
      `${rounds} rounds, in turns; the best of ${sweeps} sweeps each, after one that does not count`,
    ),
    legend: `Three arrays of ${label} each; their values are checked in each round.`,
    sheets: [streamSheet(rows), notesSheet(rows)],
    details: detailsOf(rows, digits),
    targets: targets(rows),
  };
}

export const { asText, asMarkdown } = reportsOf(document);

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
import { find, ratio, select } from "../common/rows.ts";
import { SAMPLE_MS } from "../gemm/threads.ts";
import type { Section } from "./cases.ts";
import type { Row } from "./rows.ts";
import type { Result } from "./run.ts";

const cell = medianCell<Row>(digits);

/** How many times the rate of one thread a row has, round by round; undefined where either is missing. */
export function speedUp(rows: readonly Row[], row: Row): number | undefined {
  const { section, dtype, label, who } = row;
  return row.values.length > 0
    ? ratio(row, find(rows, { section, dtype, label, who, threads: 1 }))
    : undefined;
}

const TITLES: Record<Section, string> = {
  strong:
    "Strong scaling: the same square product on more threads; median GFLOP/s, speed-up over one thread, and that over the threads",
  weak:
    "Weak scaling: n grows with the cube root of the threads, so that each has as much to do; median GFLOP/s, over one thread's, and that " +
    "over the threads",
};

function scalingSheet(all: readonly Row[], section: Section): Sheet {
  const rows = select(all, { section });
  const body = rows.map((row) => {
    const faster = speedUp(rows, row);
    const { threads = 1 } = row;
    const share = faster && faster / threads;
    return [row.dtype, row.label, String(threads), String(row.n), cell(row), times(faster), percent(share)];
  });
  return {
    title: TITLES[section],
    head: ["dtype", "of", "threads", "n", "GFLOP/s", "speed-up", "efficiency"],
    body,
    left: 2,
  };
}

function document({ header, rows }: Result): Document {
  const { selection, sampleMs } = header;
  const taken = `${selection.rounds} rounds, in turns; at least ${Math.max(SAMPLE_MS, sampleMs)} ms each`;
  return {
    title: "blasm bench threads",
    facts: factsOf(header, taken),
    legend: `Products of the ${rows[0]?.who ?? selection.build} build; some rows and columns of each were checked first.`,
    sheets: [scalingSheet(rows, "strong"), scalingSheet(rows, "weak"), notesSheet(rows)],
    details: detailsOf(rows, digits),
    targets: [],
  };
}

export const { asText, asMarkdown } = reportsOf(document);

import {
  type Document,
  detailsOf,
  digits,
  factsOf,
  medianCell,
  notesSheet,
  reportsOf,
  type Sheet,
  times,
} from "../common/report.ts";
import { distinct, find, ratio, select } from "../common/rows.ts";
import { dispatchSheet } from "../team/report.ts";
import { crossover, PLAIN } from "./calls.ts";
import { STACKED } from "./cases.ts";
import type { Row } from "./rows.ts";
import type { Result } from "./run.ts";

const show = (value: number, { unit }: Row): string => (unit === "n" ? String(value) : digits(value));
const cell = medianCell(show);

function callsSheet(all: readonly Row[], dtype: Row["dtype"]): Sheet {
  const rows = select(all, { section: "calls", dtype });
  const sizes = distinct(rows.map(({ n }) => n).filter((n) => n !== undefined));
  const body = sizes.map((n) => {
    const key = { label: String(n) };
    const of = (what: string): string => cell(select(rows, { ...key, what })[0]);
    const faster = ratio(find(rows, { ...key, what: PLAIN }), find(rows, { ...key, what: "gemm" }));
    return [String(n), of("gemm"), of("matmul"), of(PLAIN), times(faster)];
  });
  const stack = find(rows, { what: "stack of 1000" });
  const first = crossover(all, dtype);
  const end = first === undefined ? "nowhere" : `from n = ${first} on`;
  return {
    title:
      `A call for squares, ${dtype}: median nanoseconds of gemm, of matmul with its result allocated and released, of the plain loop; the ` +
      `loop's time over gemm's. gemm is faster ${end}.` +
      (stack ? ` In a stack of 1000, a product with n = ${STACKED} takes ${cell(stack)} ns.` : ""),
    head: ["n", "gemm", "matmul", PLAIN, "loop / gemm"],
    body,
    left: 1,
  };
}

function document({ header, rows }: Result): Document {
  const { selection, sampleMs } = header;
  const { rounds, awakeCalls, asleepCalls } = selection;
  const taken = `${rounds} rounds, in turns; at least ${digits(sampleMs)} ms each`;
  return {
    title: "blasm bench latency",
    facts: factsOf(
      header,
      `${taken}; ${awakeCalls} calls of members awake and ${asleepCalls} of members asleep`,
    ),
    legend: "Every result was checked first.",
    sheets: [
      ...distinct(select(rows, { section: "calls" }).map(({ dtype }) => dtype)).map((dtype) =>
        callsSheet(rows, dtype),
      ),
      dispatchSheet(select(rows, { section: "dispatch" })),
      notesSheet(rows),
    ],
    details: detailsOf(rows, show),
    targets: [],
  };
}

export const { asText, asMarkdown } = reportsOf(document);

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
import { spread } from "../common/sample.ts";
import type { Row } from "./rows.ts";
import type { Result } from "./run.ts";
import { targets, timesBare } from "./targets.ts";

const shareOf = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** A number in the unit of its row. */
function show(value: number, { unit }: Row): string {
  if (unit === "share") return shareOf(value);
  return unit === "bytes" ? value.toFixed(2) : digits(value);
}

const cell = medianCell(show);

function uncontendedSheet(all: readonly Row[]): Sheet {
  const rows = select(all, { section: "uncontended" });
  const body = select(rows, { unit: "ns" }).map((row) => {
    const { label, what, values } = row;
    return [
      label,
      what,
      cell(row),
      percent(spread(values)),
      times(timesBare(rows, row)),
      cell(find(rows, { label, what, unit: "bytes" })),
    ];
  });
  return {
    title:
      "Uncontended: median nanoseconds a call; × the bare pair of Atomics calls on such words (isSet and checkpoint: the bare " +
      "load); bytes of the heap that a call allocates",
    head: ["of", "call", "ns", "spread", "× bare", "bytes"],
    body,
    left: 2,
  };
}

function contendedSheet(all: readonly Row[]): Sheet {
  const rows = select(all, { section: "contended" });
  const body = select(rows, { what: "longest wait" }).map(({ label, who }) => {
    const of = (what: string): Row | undefined => select(rows, { label, who, what })[0];
    const [throughput, wait] = [of("throughput"), of("longest wait")];
    const millions = throughput && { ...throughput, values: throughput.values.map((value) => value / 1e6) };
    const worst = wait?.values.length ? digits(Math.max(...wait.values)) : "–";
    return [label, who, cell(millions), cell(of("least share")), cell(wait), worst];
  });
  return {
    title:
      "Contended: threads hammer one lock that guards a counter (validated): million acquires a second, all threads " +
      "together; the least share of a thread; the longest wait of a round in milliseconds, median and worst (no lock: how " +
      "long a thread stands still that waits for nothing)",
    head: ["case", "lock", "10⁶/s", "least share", "longest wait", "worst"],
    body,
    left: 2,
  };
}

function wakeUpSheet(all: readonly Row[]): Sheet {
  const rows = select(all, { section: "wake-up" });
  const body = select(rows, { what: "median" }).map(({ label, who }) => {
    const columns = ["median", "99th percentile"].flatMap((what) => {
      const row = find(rows, { label, who, what });
      return [cell(row), times(ratio(row, find(rows, { label, what, who: "bare Atomics" })))];
    });
    return [label, who, ...columns];
  });
  return {
    title:
      "Waking up: microseconds from before the release until the thread that sleeps (blocking) or awaits (asynchronous) runs",
    head: ["", "through", "median", "× bare", "99th percentile", "× bare"],
    body,
    left: 2,
  };
}

function gilSheet(all: readonly Row[]): Sheet {
  const body = select(all, { section: "gil" }).map((row) => {
    const { label, what, values } = row;
    const range = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [];
    return [label, what, cell(row), range.map((value) => show(value, row)).join(" … ")];
  });
  return {
    title: "Under the GIL: threads that compute, with a checkpoint() every few microseconds",
    head: ["case", "what", "median", "range"],
    body,
    left: 2,
  };
}

function document({ header, rows }: Result): Document {
  const { selection, sampleMs } = header;
  const taken = `${selection.rounds} rounds, in turns; uncontended at least ${digits(sampleMs)} ms each`;
  const crowds = `contended ${selection.hammerMs} ms, twice as often, ${selection.wakeUps} wake-ups each way, GIL ${selection.gilMs} ms`;
  return {
    title: "blasm bench lock",
    facts: factsOf(header, `${taken}, ${crowds}`),
    legend: "Ratios are medians over the rounds, each taken within a round.",
    sheets: [uncontendedSheet, contendedSheet, wakeUpSheet, gilSheet, notesSheet].map((sheet) => sheet(rows)),
    details: detailsOf(rows, show),
    targets: targets(rows),
  };
}

export const { asText, asMarkdown } = reportsOf(document);

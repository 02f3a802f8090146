import { distinct, find, ratio, select } from "../common/rows.ts";
import { median } from "../common/sample.ts";
import { judge, percent, type Target, times, type Value } from "../common/targets.ts";
import { OURS, RIVALS } from "./rivals.ts";
import type { Row } from "./rows.ts";
import { bareOf } from "./uncontended.ts";

/** Less than an object in a hundred calls: readings of the heap's size are no finer. */
const NO_BYTES = 0.1;

const nanoseconds = (value: number): string => `${value.toFixed(1)} ns`;
const bytes = (value: number): string => `${value.toFixed(2)} bytes`;

const medianOf = (row: Row | undefined): Value[] =>
  row === undefined ? [] : [{ value: median(row.values), at: "" }];

/** How many times the bare Atomics' time a call takes. */
export function timesBare(rows: readonly Row[], row: Row): number | undefined {
  const bare = { section: "uncontended", who: "bare Atomics", what: bareOf(row.what), unit: "ns" } as const;
  return ratio(row, find(rows, bare));
}

function uncontended(rows: readonly Row[]): Target[] {
  const what = "acquire + release";
  return ["Lock", "RLock", "Semaphore"].flatMap((label) => {
    const key = { section: "uncontended", label, what } as const;
    const time = find(rows, { ...key, unit: "ns" });
    const share = time && timesBare(rows, time);
    const bare = share === undefined ? [] : [{ value: share, at: "" }];
    const size = medianOf(find(rows, { ...key, unit: "bytes" }));
    const targets = [
      judge(`${label}: uncontended ${what}`, "at most", 40, medianOf(time), nanoseconds),
      judge(`${label}: bytes allocated by ${what}`, "at most", NO_BYTES, size, bytes),
    ];
    // The pair is what a lock cannot do without; the others count something, too.
    if (label === "Lock") targets.push(judge(`${label}: of bare ${bareOf(what)}`, "at most", 2, bare, times));
    return targets;
  });
}

/** Our ratio to each rival. */
function againstRivals(rows: readonly Row[], label: string, what: string): Value[] {
  const of = (who: string): Row | undefined => find(rows, { section: "contended", label, what, who });
  return RIVALS.flatMap((who) => {
    const value = ratio(of(OURS), of(who));
    return value === undefined ? [] : [{ value, at: who }];
  });
}

/** Of two threads: where there are more threads than cores, the operating system decides how long one waits. */
function contended(rows: readonly Row[]): Target[] {
  const labels = distinct(select(rows, { section: "contended" }).map(({ label }) => label));
  const ofTwo = labels.filter((label) => label.startsWith("2 threads"));
  return ofTwo.flatMap((label) => {
    const throughput = againstRivals(rows, label, "throughput");
    const wait = againstRivals(rows, label, "longest wait");
    return [
      judge(`${label}: throughput, of the better rival's`, "at least", 0.8, throughput, percent),
      judge(`${label}: longest wait, of the better rival's`, "at most", 1, wait, times),
    ];
  });
}

function gil(rows: readonly Row[]): Target[] {
  const checkpoint = find(rows, { section: "uncontended", what: "checkpoint, nobody asks", unit: "ns" });
  const shares = select(rows, { section: "gil", unit: "share" }).filter(({ values }) => values.length > 0);
  const off = shares.map(({ what, values }) => ({
    value: Math.abs(median(values) - 1 / shares.length),
    at: what,
  }));
  return [
    judge("Gil: checkpoint, nobody asks", "at most", 10, medianOf(checkpoint), nanoseconds),
    judge("Gil: a thread's share is off an equal one by", "at most", 0.05, off, percent),
  ];
}

/** Every figure that this bench covers. */
export const targets = (rows: readonly Row[]): Target[] => [
  ...uncontended(rows),
  ...contended(rows),
  ...gil(rows),
];

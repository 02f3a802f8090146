import { distinct, find, ratio, select } from "../common/rows.ts";
import { median } from "../common/sample.ts";
import { judge, percent, type Target, times, type Value } from "../common/targets.ts";
import { ARENA } from "./memory.ts";
import { labelOf, SPEED_UP, threadsName } from "./partition.ts";
import type { Row } from "./rows.ts";
import { ONE, TWO } from "./taken.ts";

const microseconds = (value: number): string => `${value.toFixed(1)} µs`;
const mebibytes = (value: number): string => `${value.toFixed(1)} MiB`;

const medianOf = (row: Row | undefined): Value[] =>
  row === undefined ? [] : [{ value: median(row.values), at: "" }];

const AWAKE_US = 3;
const ASLEEP_US = 50;

function dispatch(rows: readonly Row[]): Target[] {
  const labels = distinct(select(rows, { section: "dispatch" }).map(({ label }) => label));
  return labels.map((label) => {
    const limit = label.endsWith("asleep") ? ASLEEP_US : AWAKE_US;
    const time = medianOf(find(rows, { section: "dispatch", label, who: "team", what: "median" }));
    return judge(`${label}: dispatch and join of an empty job`, "at most", limit, time, microseconds);
  });
}

/** Speed-ups wanted on 16 cores, by the side of the square. */
const ON_SIXTEEN = [
  [4096, 13],
  [1024, 10],
] as const;

function partition(rows: readonly Row[]): Target[] {
  return ON_SIXTEEN.map(([n, limit]) => {
    const key = { label: labelOf(n), who: threadsName(16), what: SPEED_UP };
    return judge(
      `n = ${n}: speed-up on 16 cores, predicted`,
      "at least",
      limit,
      medianOf(find(rows, key)),
      times,
    );
  });
}

/** Two threads' rate over one's while cores are taken; undefined where either was not measured. */
export function twoOverOne(rows: readonly Row[], label: string): number | undefined {
  const [two, one] = [TWO, ONE].map((who) => find(rows, { section: "taken", label, who }));
  return ratio(two, one);
}

function taken(rows: readonly Row[]): Target {
  const labels = distinct(select(rows, { section: "taken" }).map(({ label }) => label));
  const values = labels.flatMap((at) => {
    const value = twoOverOne(rows, at);
    return value === undefined ? [] : [{ value, at }];
  });
  return judge("a core taken: two threads, of one thread's rate", "at least", 0.9, values, percent);
}

/** Every figure that this bench covers. */
export const targets = (rows: readonly Row[]): Target[] => [
  ...dispatch(rows),
  ...partition(rows),
  taken(rows),
  judge(`memory: ${ARENA}, a member`, "at most", 8, medianOf(find(rows, { what: ARENA })), mebibytes),
];

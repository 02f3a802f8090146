import { find, select } from "../common/rows.ts";
import { median, pairedRatio } from "../common/sample.ts";
import { judge, percent, type Target, times, type Value } from "../common/targets.ts";
import { CYCLE, OVERHEAD } from "./blocks.ts";
import type { Row } from "./rows.ts";
import { ALONE, TOGETHER } from "./threads.ts";
import { FRAGMENTATION } from "./traces.ts";
import { TRANSPOSE } from "./views.ts";

/** How much slower it may be among the most blocks than among the fewest, to be called flat. */
const FLAT = 1.5;

const nanoseconds = (value: number): string => `${value.toFixed(0)} ns`;
const bytes = (value: number): string => `${value.toFixed(0)} bytes`;

/** The medians of rows, each at its label. */
const medians = (rows: readonly Row[], key: Partial<Row>): Value[] =>
  select(rows, key)
    .filter(({ values }) => values.length > 0)
    .map(({ label, values }) => ({ value: median(values), at: label }));

function cycles(rows: readonly Row[]): Target[] {
  return (["arena", "la.zeros"] as const).flatMap((who) => {
    const values = medians(rows, { section: "blocks", who, what: CYCLE });
    const [first, last] = [values[0], values.at(-1)];
    const growth =
      first !== undefined && last !== undefined && first !== last
        ? [{ value: last.value / first.value, at: `${last.at}, ${first.at}` }]
        : [];
    return [
      judge(`${who}: ${CYCLE}`, "at most", 400, values, nanoseconds),
      judge(`${who}: the same among most, over among fewest`, "at most", FLAT, growth, times),
    ];
  });
}

/** Both threads' rate over one's; undefined where either was not measured. */
export function together(rows: readonly Row[], who: string): number | undefined {
  const [both, alone] = [TOGETHER, ALONE].map((what) => find(rows, { section: "threads", who, what }));
  return both && alone && pairedRatio(both.values, alone.values);
}

function threads(rows: readonly Row[]): Target {
  const values = ["arena", "la.zeros"].flatMap((at) => {
    const value = together(rows, at);
    return value === undefined ? [] : [{ value, at }];
  });
  return judge("two threads at once, of one alone's rate", "at least", 0.8, values, percent);
}

/** Every figure that this bench covers. */
export const targets = (rows: readonly Row[]): Target[] => [
  ...cycles(rows),
  judge(TRANSPOSE, "at most", 300, medians(rows, { section: "views", what: TRANSPOSE }), nanoseconds),
  threads(rows),
  judge(
    "block table: bytes a block",
    "at most",
    64,
    medians(rows, { section: "blocks", who: "arena", what: OVERHEAD }).slice(-1),
    bytes,
  ),
  judge(
    FRAGMENTATION,
    "at most",
    0.1,
    medians(rows, { section: "traces", who: "arena", what: FRAGMENTATION }),
    percent,
  ),
];

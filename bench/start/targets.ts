import { find, ratio, select } from "../common/rows.ts";
import { median } from "../common/sample.ts";
import { judge, percent, type Target, type Value } from "../common/targets.ts";
import type { Row } from "./rows.ts";
import { INIT_TO_PRODUCT } from "./sections.ts";

const milliseconds = (value: number): string => `${value.toFixed(1)} ms`;

/** The rate of the first product over that of later ones of its process; undefined where there is none. */
export function ofLater(rows: readonly Row[], { label, who }: Row): number | undefined {
  const key = { section: "first", label, who } as const;
  return ratio(find(rows, { ...key, what: "first" }), find(rows, { ...key, what: "later" }));
}

/** Every figure that this bench covers. */
export function targets(rows: readonly Row[]): Target[] {
  const times = select(rows, { section: "start", what: INIT_TO_PRODUCT }).flatMap(
    ({ values, who }): Value[] => (values.length > 0 ? [{ value: median(values), at: who }] : []),
  );
  const shares = select(rows, { section: "first", what: "first" }).flatMap((row): Value[] => {
    const value = ofLater(rows, row);
    return value === undefined ? [] : [{ value, at: `${row.who}, n = ${row.label}` }];
  });
  return [
    judge("init() to first product of 64 × 64, in Node", "at most", 40, times, milliseconds),
    judge("first product of a process, n ≥ 512, of later ones", "at least", 0.9, shares, percent),
  ];
}

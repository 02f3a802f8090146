import { find } from "../common/rows.ts";
import { median } from "../common/sample.ts";
import { judge, percent, type Target, type Value } from "../common/targets.ts";
import { CORE } from "./one.ts";
import type { Row } from "./rows.ts";

/** Floating-point operations of a cycle, by the clock measured in the same round. */
export function perCycle(
  rows: readonly Row[],
  { who, dtype }: Pick<Row, "who" | "dtype">,
): number | undefined {
  const key = { section: "one", dtype } as const;
  const peak = find(rows, { ...key, who, what: "peak" });
  const clock = find(rows, { ...key, who: CORE, what: "clock" });
  if (peak === undefined || clock === undefined) return undefined;
  return median(peak.values.map((value, round) => value / clock.values[round]!));
}

/** The share of the arithmetic limit that a peak has; undefined where either is not known. */
export function shareOfLimit(rows: readonly Row[], row: Pick<Row, "who" | "dtype">): number | undefined {
  const { who, dtype } = row;
  const limit = find(rows, { section: "one", who, what: "limit", dtype });
  const got = perCycle(rows, row);
  return limit && got && got / limit.values[0]!;
}

/** How close to its limit a peak has to be. */
const SHARE = 0.97;

/** Every figure that this bench covers. */
export function targets(rows: readonly Row[]): Target[] {
  const values = rows.flatMap((row): Value[] => {
    if (row.section !== "one" || row.what !== "peak") return [];
    const value = shareOfLimit(rows, row);
    return value === undefined ? [] : [{ value, at: `${row.who} ${row.dtype}` }];
  });
  return [judge("peak, of the arithmetic limit at the measured clock", "at least", SHARE, values, percent)];
}

import { find, ratio } from "../common/rows.ts";
import { judge, percent, type Target, type Value } from "../common/targets.ts";
import type { Row } from "./rows.ts";
import { C } from "./sweep.ts";

/** A rate over that of C in the same rounds; undefined where there is none. */
export function ofC(rows: readonly Row[], { section, dtype, what, who }: Row): number | undefined {
  const key = { section, dtype, what };
  return ratio(find(rows, { ...key, who }), find(rows, { ...key, who: C }));
}

/** Every figure that this bench covers. */
export function targets(rows: readonly Row[]): Target[] {
  const values = rows.flatMap((row): Value[] => {
    const value = row.who === C ? undefined : ofC(rows, row);
    return value === undefined ? [] : [{ value, at: `${row.what} ${row.dtype}, threads: ${row.threads}` }];
  });
  return [judge("stream, of C with -O3 -msse2", "at least", 0.95, values, percent)];
}

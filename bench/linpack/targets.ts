import { distinct, find, ratio, select } from "../common/rows.ts";
import { judge, percent, type Target, times, type Value } from "../common/targets.ts";
import { NATIVE } from "./parts.ts";
import type { Row } from "./rows.ts";

const isOurs = ({ who }: Row): boolean => who !== NATIVE;

/** Ratios of two rows, of each build and dtype. */
function ratios(
  rows: readonly Row[],
  pair: (key: Pick<Row, "who" | "dtype">) => [Row | undefined, Row | undefined],
): Value[] {
  const parts = select(rows, { section: "parts" });
  return distinct(parts.filter(isOurs).map(({ who }) => who)).flatMap((who) =>
    distinct(parts.map(({ dtype }) => dtype)).flatMap((dtype): Value[] => {
      const value = ratio(...pair({ who, dtype }));
      return value === undefined ? [] : [{ value, at: `${who} ${dtype}` }];
    }),
  );
}

/** Every figure that this bench covers. */
export function targets(rows: readonly Row[]): Target[] {
  const parts = select(rows, { section: "parts" });
  const one = { threads: 1 } as const;
  const most = Math.max(...select(parts, { what: "lu" }).map(({ threads }) => threads), 2);
  return [
    judge(
      `LU n = ${find(parts, { what: "lu" })?.label ?? 2048}, one thread, of GEMM`,
      "at least",
      0.85,
      ratios(parts, (key) => [
        find(parts, { ...key, ...one, what: "lu" }),
        find(parts, { ...key, ...one, what: "gemm" }),
      ]),
      percent,
    ),
    judge(
      `LU on ${most} threads, over one`,
      "at least",
      0.9 * most,
      ratios(parts, (key) => [
        find(parts, { ...key, threads: most, what: "lu" }),
        find(parts, { ...key, ...one, what: "lu" }),
      ]),
      times,
    ),
    judge(
      "LU tuned, one thread, of native LAPACK",
      "at least",
      0.95,
      ratios(parts, ({ who, dtype }) => [
        who === "tuned" ? find(parts, { who, dtype, ...one, what: "lu" }) : undefined,
        find(parts, { who: NATIVE, dtype, what: "lu" }),
      ]),
      percent,
    ),
    judge(
      "triangular system with 256 right-hand sides, one thread, of GEMM",
      "at least",
      0.8,
      ratios(parts, (key) => [
        find(parts, { ...key, ...one, what: "trsm" }),
        find(parts, { ...key, ...one, what: "gemm" }),
      ]),
      percent,
    ),
  ];
}

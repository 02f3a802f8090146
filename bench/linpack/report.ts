import { PANEL } from "../../src/ops/getrf.ts";
import {
  type Document,
  detailsOf,
  digits,
  factsOf,
  markdownOf,
  medianCell,
  notesSheet,
  percent,
  type Sheet,
  textOf,
} from "../common/report.ts";
import { distinct, find, ratio, select } from "../common/rows.ts";
import { median } from "../common/sample.ts";
import { hplLines } from "../results-file/formats/hpl.ts";
import { flopsOf } from "./cases.ts";
import { THRESHOLD } from "./residual.ts";
import type { Row } from "./rows.ts";
import type { Result } from "./run.ts";
import { targets } from "./targets.ts";

const cell = medianCell<Row>(digits);

const PASSED = { true: "PASSED", false: "FAILED" } as const;

const scaled = ({ residual = Number.NaN }: Row): number => THRESHOLD * residual;

/** Seconds of the median round; NaN where nothing was timed. */
const secondsOf = ({ n, values }: Row): number => flopsOf(n) / median(values) / 1e9;

function hplSheet(all: readonly Row[]): Sheet {
  const body = select(all, { section: "hpl" }).map((row) => {
    const { who, dtype, n, threads, values, wrong } = row;
    const best = values.length > 0 ? digits(Math.max(...values)) : "–";
    const passed = PASSED[`${wrong !== true}`];
    return [
      who,
      dtype,
      String(n),
      String(PANEL),
      `1 × ${threads}`,
      digits(secondsOf(row)),
      cell(row),
      best,
      scaled(row).toPrecision(3),
      passed,
    ];
  });
  return {
    title:
      "LINPACK: A x = b by LU with partial pivoting, A random in [−0.5, 0.5); GFLOP/s of (2/3 N³ + 3/2 N²), median and best; " +
      `‖A x − b‖∞ / (ε (‖A‖∞ ‖x‖∞ + ‖b‖∞) N), PASSED below ${THRESHOLD}`,
    head: ["build", "dtype", "N", "NB", "P × Q", "seconds", "GFLOP/s", "best", "residual", ""],
    body,
    left: 2,
  };
}

function partsSheet(all: readonly Row[]): Sheet {
  const rows = select(all, { section: "parts" });
  const most = Math.max(...rows.map(({ threads }) => threads));
  const body = distinct(rows.map(({ dtype }) => dtype)).flatMap((dtype) =>
    distinct(select(rows, { dtype }).map(({ who }) => who)).map((who) => {
      const key = { dtype, who };
      const one = (what: string): Row | undefined => find(rows, { ...key, what, threads: 1 });
      const shown = (what: string, threads = 1): string => cell(select(rows, { ...key, what, threads })[0]);
      return [
        dtype,
        who,
        shown("gemm"),
        shown("lu"),
        percent(ratio(one("lu"), one("gemm"))),
        most > 1 ? shown("lu", most) : "–",
        shown("trsm"),
        percent(ratio(one("trsm"), one("gemm"))),
      ];
    }),
  );
  return {
    title:
      `Parts, n = ${rows[0]?.label}: median GFLOP/s of a product, of a factorization (beside it: of the product's rate; on ${most} ` +
      "threads), and of a triangular system with 256 right-hand sides",
    head: ["dtype", "of", "gemm", "LU", "of gemm", `LU, ${most} threads`, "trsm", "of gemm"],
    body,
    left: 2,
  };
}

/** The systems, as HPL prints them. */
export const hplText = (rows: readonly Row[]): string =>
  hplLines(select(rows, { section: "hpl" }), PANEL).join("\n");

function document({ header, rows }: Result): Document {
  const { selection, sampleMs } = header;
  return {
    title: "blasm bench linpack",
    facts: factsOf(
      header,
      `systems: up to ${selection.rounds}, none begun after ${selection.budgetMs / 1000} s; parts: ${selection.rounds} rounds, in turns, at ` +
        `least ${digits(Math.max(200, sampleMs))} ms each`,
    ),
    legend:
      "NB is where the factorization's recursion goes over to panels; P × Q is 1 × threads. The residual's product is in float64. " +
      "LU of the parts copies A first, as LAPACK's callers do.",
    sheets: [hplSheet(rows), partsSheet(rows), notesSheet(rows)],
    details: detailsOf(rows, digits),
    targets: targets(rows),
  };
}

/** For a terminal: HPL's own lines first. */
export const asText = (result: Result, details: boolean): string =>
  [hplText(result.rows), textOf(document(result), details)].filter(Boolean).join("\n\n");

/** For a file in bench/results. */
export const asMarkdown = (result: Result): string => markdownOf(document(result));

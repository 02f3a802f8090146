import { FormatError } from "../../../src/index.ts";
import { median } from "../../common/statistics.ts";
import { flopsOf } from "../../linpack/cases.ts";
import { THRESHOLD } from "../../linpack/residual.ts";
import type { Results } from "../format.ts";

const WIDE = "=".repeat(80);
const THIN = "-".repeat(80);

/** A system that was solved: a row of the bench, or a measurement of a file. */
interface System {
  readonly who: string;
  readonly n?: number | null | undefined;
  readonly threads?: number | null | undefined;
  readonly values: readonly number[];
  /** In units of HPL's bound. */
  readonly residual?: number | null | undefined;
  readonly wrong?: boolean;
}

/** C's %e. */
const exponential = (value: number, digits: number): string =>
  value.toExponential(digits).replace(/e([+-])(\d)$/, "e$10$2");

/**
 * The lines that HPL prints of each system, on a process grid of 1 × threads; the median of the times.
 * @param NB columns of a panel; undefined where that is not known.
 */
export function hplLines(systems: readonly System[], NB: number | undefined): string[] {
  return systems.flatMap(({ who, n, threads, values, residual, wrong }) => {
    const rate = median(values);
    const seconds = flopsOf(n ?? 0) / (rate * 1e9);
    const columns = [
      // HPL's begin with W, and R for its grid by rows.
      `WR-${who.toUpperCase()}`.padEnd(10) + String(n ?? "-").padStart(10),
      ...[NB ?? "-", 1, threads ?? 1].map((number) => String(number).padStart(6)),
      (Number.isFinite(rate) ? seconds.toFixed(2) : "-").padStart(19),
      (Number.isFinite(rate) ? exponential(rate, 4) : "-").padStart(19),
    ];
    const scaled = Number.isFinite(residual) ? exponential(THRESHOLD * residual!, 8) : "not a number";
    return [
      WIDE,
      "T/V                N    NB     P     Q               Time                 Gflops",
      THIN,
      columns.join(""),
      THIN,
      `||Ax-b||_oo/(eps*(||A||_oo*||x||_oo+||b||_oo)*N)= ${scaled.padStart(16)} ...... ${wrong ? "FAILED" : "PASSED"}`,
    ];
  });
}

/**
 * What HPL (netlib.org/benchmark/hpl) would print of the systems solved by `blasm bench linpack`: a process grid of 1 × threads,
 * and the median of the times.
 *
 * @throws FormatError where no system was solved.
 */
export function asHpl({ environment, runs, measurements }: Results): string {
  const solved = measurements.filter(
    ({ bench, what, who }) => bench === "linpack" && what === "solve" && who !== "native",
  );
  if (solved.length === 0) {
    const benches = [...new Set(measurements.map(({ bench }) => bench))].join(", ") || "nothing";
    throw new FormatError(`HPL's report is of "blasm bench linpack"; this file has ${benches}.`);
  }
  const NB = runs.find(({ bench }) => bench === "linpack")?.selection.NB;
  const failed = solved.filter(({ wrong }) => wrong).length;
  const { version, cpu, runtime, engine, date } = environment;
  return `${[
    WIDE,
    `blasm ${version}, in the form of HPLinpack 2.3: LU with partial pivoting, solves A x = b`,
    `${cpu ?? "unknown CPU"}; ${runtime}, ${engine}; ${date}`,
    WIDE,
    "",
    "N      : The order of the coefficient matrix A.",
    "NB     : The partitioning blocking factor.",
    "P, Q   : The number of threads, as a process grid of one row.",
    "Time   : Time in seconds to solve the linear system, the median of the rounds.",
    "Gflops : Rate of execution for solving the linear system.",
    "",
    ...hplLines(solved, typeof NB === "number" ? NB : undefined),
    WIDE,
    "",
    `Finished ${count(solved.length)} tests with the following results:`,
    `         ${count(solved.length - failed)} tests completed and passed residual checks,`,
    `         ${count(failed)} tests completed and failed residual checks,`,
    `         ${count(0)} tests skipped because of illegal input values.`,
    THIN,
    "",
    "End of Tests.",
    WIDE,
  ].join("\n")}\n`;
}

const count = (number: number): string => String(number).padStart(6);

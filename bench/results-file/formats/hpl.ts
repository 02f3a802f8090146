import { FormatError } from "../../../src/index.ts";
import { median } from "../../common/statistics.ts";
import type { Measurement, Results } from "../format.ts";

/** HPL calls a result right whose scaled residual is below this: the bound that residuals are in units of. */
const THRESHOLD = 16;

const WIDE = "=".repeat(80);
const THIN = "-".repeat(80);

/** Operations that HPL counts for a system of n equations. */
const flopsOf = (n: number): number => (2 / 3) * n ** 3 + (3 / 2) * n ** 2;

/**
 * What HPL (netlib.org/benchmark/hpl) would print of the systems solved by `blasm bench linpack`: a process grid of 1 × threads,
 * and the median of the times.
 *
 * @throws FormatError where no system was solved.
 */
export function asHpl({ environment, measurements }: Results): string {
  const solved = measurements.filter(
    ({ bench, what, unit }) => bench === "linpack" && what === "solve" && unit === "GFLOP/s",
  );
  if (solved.length === 0) {
    const benches = [...new Set(measurements.map(({ bench }) => bench))].join(", ") || "nothing";
    throw new FormatError(`HPL's report is of "blasm bench linpack"; this file has ${benches}.`);
  }
  const passed = solved.filter(isRight).length;
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
    ...solved.flatMap(linesOf),
    WIDE,
    "",
    `Finished ${count(solved.length)} tests with the following results:`,
    `         ${count(passed)} tests completed and passed residual checks,`,
    `         ${count(solved.length - passed)} tests completed and failed residual checks,`,
    `         ${count(0)} tests skipped because of illegal input values.`,
    THIN,
    "",
    "End of Tests.",
    WIDE,
  ].join("\n")}\n`;
}

const count = (number: number): string => String(number).padStart(6);

const isRight = ({ wrong, residual }: Measurement): boolean => !wrong && residual !== null && residual < 1;

function linesOf(one: Measurement): string[] {
  const { dtype, n, threads, values, residual, who } = one;
  const size = n ?? 0;
  const rate = values.length > 0 ? median(values) : undefined;
  const seconds = rate === undefined ? "-" : (flopsOf(size) / (rate * 1e9)).toFixed(2);
  const block = /\bNB (\d+)/.exec(one.notes.join("; "))?.[1] ?? "-";
  const columns = [who.slice(0, 11).padEnd(12), String(size).padStart(8), block.padStart(6)];
  const grid = ["1".padStart(6), String(threads ?? 1).padStart(6)];
  const scaled = residual === null ? "not a number" : (THRESHOLD * residual).toExponential(8);
  return [
    WIDE,
    "T/V                N    NB     P     Q               Time                 Gflops",
    THIN,
    [...columns, ...grid, seconds.padStart(19), (rate?.toExponential(4) ?? "-").padStart(23)].join(""),
    `||Ax-b||_oo/(eps*(||A||_oo*||x||_oo+||b||_oo)*N)= ${scaled.padStart(16)} ...... ${isRight(one) ? "PASSED" : "FAILED"}`,
    ...(dtype === "float64" ? [] : [`(${dtype}: HPL itself is float64 only.)`]),
  ];
}

import { BUILDS } from "../../src/kernels/builds.ts";
import { digits } from "../common/digits.ts";
import type { Sheet } from "../common/report.ts";
import { median } from "../common/statistics.ts";
import type { Measurement, Results } from "./format.ts";

/** The figures that people share, in the order in which they are shown. Another one is a line here. */
const FIGURES: readonly (readonly [figure: string, key: Partial<Measurement>, who?: readonly string[]])[] = [
  ["product, float32, one thread", { bench: "gemm", section: "squares", what: "gemm", dtype: "float32" }],
  ["product, float64, one thread", { bench: "gemm", section: "squares", what: "gemm", dtype: "float64" }],
  ["product, float64, all threads", { bench: "threads", section: "strong", what: "gemm", dtype: "float64" }],
  ["native BLAS, float64", { bench: "gemm", section: "squares", what: "gemm", dtype: "float64" }, ["native"]],
  ["LINPACK, float64", { bench: "linpack", what: "solve", dtype: "float64" }],
  ["peak, float32, one thread", { bench: "peak", section: "one", what: "peak", dtype: "float32" }],
  ["peak, float64, one thread", { bench: "peak", section: "one", what: "peak", dtype: "float64" }],
  ["memory, triad, one thread", { bench: "stream", section: "one", what: "triad", dtype: "float64" }],
  ["memory, triad, all threads", { bench: "stream", section: "all", what: "triad", dtype: "float64" }],
  ["gemm 4 × 4, a call", { bench: "latency", section: "calls", label: "4", what: "gemm", dtype: "float64" }],
  ["a team's call, members awake", { bench: "latency", section: "dispatch", what: "median" }, ["team"]],
  ["from nothing to a product of 64 × 64", { bench: "start", section: "start", what: "in all" }],
  [
    "la.zeros + release, 4 × 4",
    { bench: "arena", section: "blocks", what: "allocate + release" },
    ["la.zeros"],
  ],
  [
    "Lock: acquire + release",
    { bench: "lock", section: "uncontended", label: "Lock", what: "acquire + release", unit: "ns" },
    ["blasm"],
  ],
];

/** The best of each figure that a file has: its median, and where that was. */
export function headlinesSheet({ measurements }: Results): Sheet {
  const body = FIGURES.flatMap(([figure, key, who = BUILDS]) => {
    const fitting = measurements.filter(
      (one) =>
        who.includes(one.who) &&
        one.values.length > 0 &&
        Object.entries(key).every(([field, value]) => one[field as keyof Measurement] === value),
    );
    if (fitting.length === 0) return [];
    const best = fitting.reduce((one, other) => (isBetter(other, one) ? other : one));
    return [[figure, digits(median(best.values)), best.unit, whereOf(best)]];
  });
  return { title: "The best medians", head: ["figure", "", "", "at"], body, left: 1 };
}

const isBetter = (one: Measurement, other: Measurement): boolean =>
  one.better === "lower"
    ? median(one.values) < median(other.values)
    : median(one.values) > median(other.values);

/** "n = 1024, tuned", with a star where there is a note. */
function whereOf({ label, n, who, threads, residual, bench, notes }: Measurement): string {
  const size = n !== null && label === String(n) ? `n = ${n}` : label;
  const parts = [size, who, threads !== null && threads > 1 ? `${threads} threads` : ""];
  if (bench === "linpack" && residual !== null)
    parts.push(`residual ${residual.toPrecision(2)} of its bound`);
  return parts.filter(Boolean).join(", ") + (notes.length > 0 ? " *" : "");
}

import type { Environment, Measurement, Results } from "../../bench/results-file/format.ts";
import { ENVIRONMENT } from "../cli/bench-process.ts";

/** A measurement of gemm, but for what is given. */
export const measurement = (over: Partial<Measurement> = {}): Measurement => ({
  bench: "gemm",
  section: "squares",
  dtype: "float32",
  label: "512",
  who: "tuned",
  what: "gemm",
  n: 512,
  threads: 1,
  unit: "GFLOP/s",
  better: "higher",
  values: [100, 101, 99],
  machine: [1, 0.99, 0.98],
  residual: 0.1,
  wrong: false,
  disturbed: 0,
  notes: [],
  ...over,
});

/** A file with these, of the benches that they are of. */
export function resultsWith(
  measurements: readonly Measurement[],
  environment: Partial<Environment> = {},
): Results {
  const benches = [...new Set(measurements.map(({ bench }) => bench))];
  return {
    schema: "blasm-results/1",
    environment: { ...ENVIRONMENT, ...environment },
    runs: benches.map((bench) => ({ bench, selection: {}, interrupted: false, notes: [] })),
    measurements,
  };
}

import { quantile } from "../common/statistics.ts";
import { isDrawn } from "../plot/belongs.ts";
import type { Measurement, Results } from "../results-file/format.ts";

/** Significant digits that are kept: a thousandth is less than any machine's noise. */
const DIGITS = 4;

/** What medians and quartiles of samples are computed from: with these five alone they come out the same. */
const KEPT = [0, 0.25, 0.5, 0.75, 1] as const;

const rounded = (value: number): number => Number(value.toPrecision(DIGITS));

function summary(measurement: Measurement): Measurement {
  const { values } = measurement;
  return {
    ...measurement,
    values: (values.length > KEPT.length ? KEPT.map((q) => quantile(values, q)) : values).map(rounded),
    machine: null,
    residual: measurement.residual === null ? null : rounded(measurement.residual),
  };
}

const withMeasurements = (results: Results, measurements: readonly Measurement[]): Results => ({
  ...results,
  runs: results.runs.map((run) => ({ ...run, selection: {} })),
  measurements,
});

/** The same with five numbers for the samples of each measurement: least, quartiles, most. */
export const summarized = (results: Results): Results =>
  withMeasurements(results, results.measurements.map(summary));

/** The same with what plots draw alone. */
export const drawnOnly = (results: Results): Results =>
  withMeasurements(results, results.measurements.filter(isDrawn));

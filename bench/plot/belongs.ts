import type { Measurement } from "../results-file/format.ts";
import { intensityOf } from "../roofline/intensity.ts";

// Which measurements a plot takes.

const isRate = ({ unit }: Measurement): boolean => unit === "GFLOP/s";

export const isPeak = (measurement: Measurement): boolean =>
  measurement.bench === "peak" && measurement.what === "peak" && isRate(measurement);

export const isLinpack = (measurement: Measurement): boolean =>
  measurement.bench === "linpack" && isRate(measurement) && measurement.n !== null;

export const isStream = ({ bench, unit }: Measurement): boolean => bench === "stream" && unit === "GB/s";

/** What one call costs. */
export const isLatency = ({ bench, section, unit, n }: Measurement): boolean =>
  unit === "ns" && n !== null && (bench === "latency" || (bench === "gemm" && section === "small"));

/** Of numbers of threads that are compared. */
export const isScaling = (measurement: Measurement): boolean =>
  isRate(measurement) &&
  measurement.threads !== null &&
  (measurement.bench === "threads" || (measurement.bench === "gemm" && measurement.section === "threads"));

/** Weak scaling is of sizes that grow with the threads. */
export const isWeak = ({ section }: Measurement): boolean => section.includes("weak");

/** A product of squares: on one thread from the section that is about them, on more from where threads are compared. */
export function isSquareProduct(measurement: Measurement): boolean {
  const { bench, section, what, n, threads } = measurement;
  if (!isRate(measurement) || n === null) return false;
  if (isScaling(measurement)) return !isWeak(measurement) && threads !== 1;
  return bench === "gemm" && section === "squares" && what === "gemm";
}

/** Beneath a roof. */
const isKernel = (measurement: Measurement): boolean => intensityOf(measurement) !== undefined;

/** Whether any plot takes it. */
export const isDrawn = (measurement: Measurement): boolean =>
  [isPeak, isLinpack, isStream, isLatency, isScaling, isSquareProduct, isKernel].some((belongs) =>
    belongs(measurement),
  );

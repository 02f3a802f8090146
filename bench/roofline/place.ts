import { BUILDS } from "../../src/kernels/builds.ts";
import { digits, percent, type Sheet } from "../common/report.ts";
import { median } from "../common/statistics.ts";
import type { Measurement, Results } from "../results-file/format.ts";
import { intensityOf } from "./intensity.ts";

/*
 * The roofline model (S. Williams, A. Waterman, D. Patterson, Comm. ACM 52 (2009)): no kernel is faster than the peak, nor than memory
 * brings its operands:
 *
 *     GFLOP/s ≤ min(peak, intensity · bandwidth)        intensity: operations a byte, as if each element were moved once
 */

/** A kernel beneath its roof. */
export interface Placed {
  readonly kernel: string;
  readonly who: string;
  readonly dtype: "float32" | "float64";
  readonly intensity: number;
  /** GFLOP/s: of the kernel, and what the roof allows. */
  readonly rate: number;
  readonly roof: number;
  readonly boundBy: "memory" | "arithmetic";
}

/** What is measured on one thread, by a build. */
const isOurs = ({ who, threads, values }: Measurement): boolean =>
  (BUILDS as readonly string[]).includes(who) && (threads ?? 1) === 1 && values.length > 0;

/** The kernels of a file beneath the roofs of their builds, one thread; those of a build whose peak was not measured are left out. */
export function placed({ measurements }: Results): Placed[] {
  const ours = measurements.filter(isOurs);
  const bandwidth = bandwidthOf(ours);
  return ours.flatMap((one): Placed[] => {
    const { who, dtype, what, label, values, unit } = one;
    const intensity = intensityOf(one);
    const peak = ours.find(
      (other) =>
        other.bench === "peak" && other.what === "peak" && other.who === who && other.dtype === dtype,
    );
    if (intensity === undefined || dtype === null || peak === undefined || bandwidth === undefined) return [];
    const top = median(peak.values);
    const slope = intensity * bandwidth;
    const rate = unit === "GB/s" ? intensity * median(values) : median(values);
    const boundBy = slope < top ? "memory" : "arithmetic";
    return [{ kernel: `${what} ${label}`, who, dtype, intensity, rate, roof: Math.min(top, slope), boundBy }];
  });
}

/** GB/s of the fastest of STREAM's kernels: bytes have no dtype, and all builds the same memory. */
export function bandwidthOf(measurements: readonly Measurement[]): number | undefined {
  const rates = measurements
    .filter(({ bench, threads, values }) => bench === "stream" && threads === 1 && values.length > 0)
    .map(({ values }) => median(values));
  return rates.length > 0 ? Math.max(...rates) : undefined;
}

/** A line for each kernel. */
export function rooflineSheet(results: Results): Sheet {
  const body = placed(results)
    .sort((one, other) => one.intensity - other.intensity)
    .map(({ kernel, who, dtype, intensity, rate, roof, boundBy }) => {
      return [
        kernel,
        dtype,
        who,
        boundBy,
        digits(intensity),
        digits(rate),
        digits(roof),
        percent(rate / roof),
      ];
    });
  const bandwidth = bandwidthOf(results.measurements.filter(isOurs));
  return {
    title:
      `Roofline, one thread: kernels by operations a byte (each element moved once), and what the peak of their build, or ${digits(bandwidth)} ` +
      "GB/s from memory, allow",
    head: ["kernel", "dtype", "build", "bound by", "flop/byte", "GFLOP/s", "roof", "of roof"],
    body,
    left: 4,
  };
}

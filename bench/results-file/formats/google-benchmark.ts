import { median } from "../../common/statistics.ts";
import type { Measurement, Results } from "../format.ts";

/** Nanoseconds of a value of each unit of time; of a rate, those of one operation, byte or call. */
const NANOSECONDS: Readonly<Record<string, (value: number) => number>> = {
  s: (value) => value * 1e9,
  ms: (value) => value * 1e6,
  µs: (value) => value * 1e3,
  ns: (value) => value,
  "GFLOP/s": (value) => 1 / value,
  "GB/s": (value) => 1 / value,
  "1/s": (value) => 1e9 / value,
};

/** Rates as that format calls them. */
const COUNTERS: Readonly<Record<string, (value: number) => object>> = {
  "GFLOP/s": (value) => ({ items_per_second: value * 1e9 }),
  "1/s": (value) => ({ items_per_second: value }),
  "GB/s": (value) => ({ bytes_per_second: value * 1e9 }),
};

/**
 * The JSON of google/benchmark (docs/user_guide.md there, "Output Formats"; docs/tools.md reads it): an iteration for each value,
 * and the median of those. Times and rates only. Processor time was not recorded by itself: cpu_time repeats real_time.
 */
export function asGoogleBenchmark({ environment, measurements }: Results): string {
  const { date, cores, version, runtime, cpu, engine, load } = environment;
  const context = {
    date,
    host_name: cpu ?? "unknown",
    executable: `blasm ${version}, ${runtime}, ${engine}`,
    num_cpus: cores,
    mhz_per_cpu: 0,
    cpu_scaling_enabled: false,
    caches: [],
    load_avg: load?.before ?? [],
    library_build_type: "release",
  };
  const timed = measurements.filter(({ unit, values }) => unit in NANOSECONDS && values.length > 0);
  const benchmarks = timed.flatMap((measurement, family) => entriesOf(measurement, family));
  return `${JSON.stringify({ context, benchmarks }, null, 2)}\n`;
}

function entriesOf(one: Measurement, family: number): object[] {
  const { bench, section, dtype, label, who, what, threads, values, unit, notes } = one;
  const name = [bench, section, dtype, label, who, what].filter(Boolean).join("/");
  const common = {
    family_index: family,
    per_family_instance_index: 0,
    run_name: name,
    repetitions: values.length,
    threads: threads ?? 1,
  };
  const numbers = (value: number): object => {
    const time = NANOSECONDS[unit]!(value);
    return { real_time: time, cpu_time: time, time_unit: "ns", ...COUNTERS[unit]?.(value) };
  };
  const note = notes.length > 0 ? { label: notes.join("; ") } : {};
  const iterations = values.map((value, i) => ({
    name,
    ...common,
    run_type: "iteration",
    repetition_index: i,
    iterations: 1,
    ...numbers(value),
    ...note,
  }));
  const aggregate = {
    name: `${name}_median`,
    ...common,
    run_type: "aggregate",
    aggregate_name: "median",
    aggregate_unit: "time",
    iterations: values.length,
    ...numbers(median(values)),
    ...note,
  };
  return [...iterations, aggregate];
}

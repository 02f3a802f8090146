import { type BenchName, type Measurement, type Results, SCHEMA } from "../../bench/results-file/format.ts";

// Results as benches write them, of a machine that there is not: what a test says of a plot depends on no run.

const ROUNDS = [1, 0.99, 1.01, 0.97, 0.98];

/** A measurement whose median is about `rate`. */
export function measurement(bench: BenchName, rate: number, more: Partial<Measurement> = {}): Measurement {
  return {
    bench,
    section: bench,
    dtype: "float32",
    label: String(more.n ?? ""),
    who: "relaxed",
    what: bench,
    n: null,
    threads: 1,
    unit: "GFLOP/s",
    better: "higher",
    values: ROUNDS.map((share) => share * rate),
    machine: null,
    residual: 0.1,
    wrong: false,
    disturbed: 0,
    notes: [],
    ...more,
  };
}

export function results(measurements: readonly Measurement[], runtime = "node 26.1.0"): Results {
  return {
    schema: SCHEMA,
    environment: {
      date: "2026-11-25T10:00:00.000Z",
      version: "0.1.0",
      commit: "8f79a45",
      cpu: "AMD EPYC 9V74 <80-Core> & more",
      cores: 2,
      memoryBytes: 2 ** 33,
      os: "linux 6.1",
      runtime,
      engine: "V8 14.6.202.33",
      flags: [],
      isolated: true,
      builds: [],
      timerMs: 0.001,
      load: null,
      power: null,
      visibility: null,
    },
    runs: [{ bench: "gemm", selection: {}, interrupted: false, notes: [] }],
    measurements,
  };
}

const PEAKS = { strict: 48, relaxed: 55, tuned: 108 } as const;
const BUILDS = Object.keys(PEAKS) as (keyof typeof PEAKS)[];
const DTYPES = ["float32", "float64"] as const;

/** Everything that `blasm bench all` measures, in little. */
export function everything(runtime?: string, speed = 1): Results {
  const all = DTYPES.flatMap((dtype) => {
    const factor = speed * (dtype === "float32" ? 1 : 0.5);
    const ofBuilds = BUILDS.flatMap((who) => {
      const peak = PEAKS[who] * factor;
      const of = (bench: BenchName, rate: number, more: Partial<Measurement>): Measurement =>
        measurement(bench, rate, { dtype, who, ...more });
      return [
        ...[1, 2].map((threads) => of("peak", peak * threads, { threads, what: "peak" })),
        ...[4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048].flatMap((n) => [
          of("gemm", (peak * n) / (n + 20), { section: "squares", what: "gemm", n }),
          of("gemm", 0.99 * peak, { section: "squares", what: "micro-kernel", n }),
        ]),
        ...[64, 512, 2048].flatMap((n) =>
          [1, 2, 4].map((threads) =>
            of("threads", (peak * threads * n) / (n + 40 * threads), {
              section: "strong",
              what: "gemm",
              n,
              threads,
            }),
          ),
        ),
        ...[1, 2, 4].map((threads) =>
          of("threads", peak * threads * 0.95, {
            section: "weak",
            label: "512",
            what: "gemm",
            n: 512 * threads,
            threads,
          }),
        ),
        of("gemm", 20 * speed, { section: "memory", what: "A x", unit: "GB/s" }),
        ...[500, 1000, 2000].map((n) => of("linpack", (peak * n) / (n + 400), { what: "solve", n })),
        ...[2, 4, 8, 16, 32].flatMap((n) => [
          of("latency", 200 + n ** 3 / peak, { what: "gemm", n, unit: "ns", better: "lower" }),
          of("latency", 5 + n ** 3, { what: "plain loop", n, unit: "ns", better: "lower" }),
        ]),
      ];
    });
    const gbs = (who: string, rate: number, what: string, threads: number, n: number): Measurement =>
      measurement("stream", rate * speed, { dtype, who, what, threads, n, unit: "GB/s" });
    const streams = ["copy", "scale", "add", "triad"].flatMap((what, i) =>
      [1, 2].flatMap((threads) => [
        gbs("relaxed", (20 + i) * threads ** 0.6, what, threads, 2 ** 23),
        gbs("relaxed", 100 * threads, what, threads, 1000),
        gbs("strict", (19 + i) * threads ** 0.6, what, threads, 2 ** 23),
      ]),
    );
    return [...ofBuilds, ...streams];
  });
  return results(all, runtime);
}

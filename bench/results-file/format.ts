/** A file of results, version 1: what `blasm bench` and the page write, and `compare` and `plot` read. */
export interface Results {
  readonly schema: typeof SCHEMA;
  readonly environment: Environment;
  /** What was run, in order. */
  readonly runs: readonly Run[];
  readonly measurements: readonly Measurement[];
}

export const SCHEMA = "blasm-results/1";

/** The benches that may write into one file. */
export const BENCHES = [
  "gemm",
  "linpack",
  "stream",
  "peak",
  "threads",
  "latency",
  "arena",
  "lock",
  "team",
  "start",
] as const;

export type BenchName = (typeof BENCHES)[number];

/** Where the numbers came about; null: not known here. */
export interface Environment {
  /** ISO 8601, when the run began. */
  readonly date: string;
  /** Of this package. */
  readonly version: string;
  readonly commit: string | null;
  readonly cpu: string | null;
  readonly cores: number;
  readonly memoryBytes: number | null;
  readonly os: string | null;
  /** "node 26.1.0", "Chromium 142", … */
  readonly runtime: string;
  readonly engine: string;
  readonly flags: readonly string[];
  /** Whether threads share memory here. */
  readonly isolated: boolean;
  /** The builds measured, with why each, and the micro-kernel that each chose. */
  readonly builds: readonly {
    readonly build: string;
    readonly reason: string;
    readonly microKernels: Readonly<Record<"float32" | "float64", string>>;
  }[];
  /** Steps of the clock, measured. */
  readonly timerMs: number;
  /** Averages over 1, 5 and 15 minutes. */
  readonly load: { readonly before: readonly number[]; readonly after: readonly number[] } | null;
  /** "mains", "battery 63 %" */
  readonly power: string | null;
  /** Of a page: "visible", or "hidden for 3 s" if it was out of sight in between. */
  readonly visibility: string | null;
}

/** One bench that was run. */
export interface Run {
  readonly bench: BenchName;
  /** What it was told to measure. */
  readonly selection: Readonly<Record<string, unknown>>;
  /** Whether its measurements are what there was when it was stopped. */
  readonly interrupted: boolean;
  /** What a reader should know: a baseline tier noticed, drift, a build that cannot be had here. */
  readonly notes: readonly string[];
}

/**
 * One thing measured, or counted, at one case. Two measurements of two files are of one quantity if they agree in all that
 * comes before `values`.
 */
export interface Measurement {
  readonly bench: BenchName;
  readonly section: string;
  readonly dtype: "float32" | "float64" | null;
  /** The case, as a table names it: "512", "4096×64×512". */
  readonly label: string;
  /** Whose it is: a build of blasm, "native", … */
  readonly who: string;
  /** "gemm", "triad", "solve", … */
  readonly what: string;
  /** The side of a square, a vector's length: where it is drawn in a plot. */
  readonly n: number | null;
  readonly threads: number | null;
  readonly unit: string;
  readonly better: "higher" | "lower" | "neither";
  /** One number a round, in `unit`, in the order in which they were taken. */
  readonly values: readonly number[];
  /** The rate of a reference kernel right after each value, in units of its best in the run: below 1 the machine was slower. */
  readonly machine: readonly number[] | null;
  /** The largest error found in the result, or in a part of it, in units of the bound: before it was timed, or in what was timed. */
  readonly residual: number | null;
  /** Whether the result was wrong; then there are no values. */
  readonly wrong: boolean;
  /** How many of `values` shared their core with something else, where that can be told. */
  readonly disturbed: number;
  readonly notes: readonly string[];
}

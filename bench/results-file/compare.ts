import { FormatError } from "../../src/index.ts";
import { distinct } from "../common/rows.ts";
import {
  bootstrapRatio,
  geometricMean,
  LEAST_NUMBERS,
  median,
  type RatioInterval,
  spread,
} from "../common/statistics.ts";
import type { BenchName, Environment, Measurement, Results } from "./format.ts";

/** Units of what is counted. Where a side has one value, or the same again and again, it is compared exactly. */
const COUNTED: readonly string[] = ["bytes", "MiB", "count", "n"];

/** A file, as it is called in tables. */
export interface Named {
  readonly name: string;
  readonly results: Results;
}

/** What two measurements must agree in. */
export type Quantity = Pick<Measurement, (typeof QUANTITY)[number]>;

const QUANTITY = [
  ...["bench", "section", "dtype", "label", "who", "what", "n", "threads", "unit", "better"],
] as const satisfies readonly (keyof Measurement)[];

/**
 * better, worse: than the baseline. differs: neither direction is the better one. noise: no difference that these numbers prove.
 * same: equal numbers. too few: for a verdict. wrong: the result now is. was wrong: the baseline's result was.
 */
export type Verdict = "better" | "worse" | "differs" | "noise" | "same" | "too few" | "wrong" | "was wrong";

/** One measurement beside the baseline's. */
export interface Difference {
  readonly verdict: Verdict;
  /** In the quantity's unit; undefined of a wrong result. */
  readonly median: number | undefined;
  /** So that above 1 is better, whatever the unit; of what has no better direction, over the baseline. Undefined with numbers ≤ 0. */
  readonly ratio: number | undefined;
  /** Its bounds with 95 % confidence; undefined for too few values. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  /** Values that the side with fewer has. */
  readonly values: number;
  /** Changes up to this may be the spread within the runs, and the machine. */
  readonly noise: number | undefined;
}

/** A quantity that the baseline and another file have. */
export interface Compared {
  readonly quantity: Quantity;
  readonly baseline: number | undefined;
  /** For each other file; undefined where it does not have it. */
  readonly others: readonly (Difference | undefined)[];
}

/** Something that the files' surroundings do not agree in: a text for each file. */
export interface Distinction {
  readonly what: string;
  readonly values: readonly string[];
}

export interface Comparison {
  /** The baseline first. */
  readonly names: readonly string[];
  readonly distinctions: readonly Distinction[];
  readonly quantities: readonly Compared[];
  /** How many quantities each file has that the baseline lacks, or for the baseline no other has. */
  readonly alone: readonly number[];
}

/**
 * Compares files with the first one, the baseline.
 * @throws FormatError if a file has no quantity in common with it.
 */
export function compare(files: readonly [Named, ...Named[]]): Comparison {
  const [baseline, ...others] = files;
  const tables = files.map(({ results }) => tableOf(results));
  const [own, ...theirs] = tables as [Table, ...Table[]];
  for (const [i, table] of theirs.entries()) {
    if (![...table.keys()].some((key) => own.has(key)))
      throw new FormatError(strangers(baseline, others[i]!));
  }
  const shared = [...own].filter(([key]) => theirs.some((table) => table.has(key)));
  const quantities = shared.map(([key, measurement]): Compared => {
    const found = theirs.map((table) => table.get(key));
    return {
      quantity: quantityOf(measurement),
      baseline: medianOf(measurement),
      others: found.map((other) => other && differenceOf(measurement, other)),
    };
  });
  const lacking = theirs.map((table) => [...table.keys()].filter((key) => !own.has(key)).length);
  return {
    names: files.map(({ name }) => name),
    distinctions: distinctionsOf(files.map(({ results }) => results.environment)),
    quantities,
    alone: [own.size - shared.length, ...lacking],
  };
}

type Table = Map<string, Measurement>;

const quantityOf = (measurement: Measurement): Quantity =>
  Object.fromEntries(QUANTITY.map((key) => [key, measurement[key]])) as unknown as Quantity;

const tableOf = ({ measurements }: Results): Table =>
  new Map(measurements.map((one) => [JSON.stringify(Object.values(quantityOf(one))), one]));

const medianOf = ({ values }: Measurement): number | undefined =>
  values.length > 0 ? median(values) : undefined;

/** One measurement beside another one of the same quantity. */
export function differenceOf(baseline: Measurement, other: Measurement): Difference {
  const least = Math.min(baseline.values.length, other.values.length);
  const nothing = { values: least, ratio: undefined, low: undefined, high: undefined, noise: undefined };
  const middle = medianOf(other);
  if (other.wrong) return { ...nothing, verdict: "wrong", median: middle };
  if (baseline.wrong) return { ...nothing, verdict: "was wrong", median: middle };
  const [old, now] = [baseline.values, other.values];
  // One over the other so that more is better.
  const [over, under] = other.better === "lower" ? [old, now] : [now, old];
  if (least === 0) return { ...nothing, verdict: "too few", median: middle };
  const isPositive = [...old, ...now].every((value) => value > 0);
  const ratio = isPositive ? median(over) / median(under) : undefined;
  if (isConstant([...old, ...now])) return { ...nothing, verdict: "same", median: middle, ratio: 1 };
  if (COUNTED.includes(other.unit) && isConstant(old) && isConstant(now)) {
    const isBetter = over[0]! > under[0]!;
    const verdict = other.better === "neither" ? "differs" : isBetter ? "better" : "worse";
    return { ...nothing, verdict, median: middle, ratio };
  }
  if (least < LEAST_NUMBERS || !isPositive) return { ...nothing, verdict: "too few", median: middle, ratio };
  const interval = bootstrapRatio(over, under);
  const noise = noiseOf(baseline, other);
  return {
    verdict: verdictOf(interval, noise, other.better),
    values: least,
    median: middle,
    ...interval,
    noise,
  };
}

const isConstant = (numbers: readonly number[]): boolean => numbers.every((number) => number === numbers[0]);

/** Half the interquartile ranges of both, and what the machine's pace differed by. */
function noiseOf(...both: [Measurement, Measurement]): number {
  const [a, b] = both.map(({ values }) => spread(values) / 2) as [number, number];
  const [before, now] = both.map(({ machine }) => (machine === null ? 1 : median(machine))) as [
    number,
    number,
  ];
  const drift = both.every(({ machine }) => machine !== null) ? Math.abs(1 - now / before) : 0;
  return Math.hypot(a, b) + drift;
}

function verdictOf(
  { ratio, low, high }: RatioInterval,
  noise: number,
  better: Measurement["better"],
): Verdict {
  if ((low <= 1 && high >= 1) || Math.abs(ratio - 1) <= noise) return "noise";
  if (better === "neither") return "differs";
  return ratio > 1 ? "better" : "worse";
}

/** The geometric mean of a bench's ratios in one of the other files; undefined if it has none that say what is better. */
export function meanOf({ quantities }: Comparison, bench: BenchName, other: number): number | undefined {
  const ratios = quantities.flatMap(({ quantity, others }) => {
    const { ratio, verdict } = others[other] ?? {};
    const counts = quantity.bench === bench && quantity.better !== "neither" && verdict !== "too few";
    return counts && ratio !== undefined ? [ratio] : [];
  });
  return ratios.length > 0 ? geometricMean(ratios) : undefined;
}

/** What is left of the baseline's: 1 of what is not worse, 0 of what no factor tells (5 bytes for none), −1 of what is wrong. */
export function shareLeft({ verdict, ratio = 0 }: Difference): number {
  if (verdict === "wrong") return -1;
  return verdict === "worse" ? ratio : 1;
}

/** What is worse by more than a share, or wrong now. */
export const regressions = ({ quantities }: Comparison, share: number): Compared[] =>
  quantities.filter(({ others }) => others.some((one) => one !== undefined && shareLeft(one) < 1 - share));

function strangers(...files: [Named, Named]): string {
  const [one, other] = files.map(({ name, results }) => `${name} has ${contentsOf(results)}`);
  return `They have no quantity in common: ${one}; ${other}.`;
}

/** "gemm (squares, shapes; strict, tuned; float64)" */
function contentsOf({ measurements }: Results): string {
  const benches = distinct(measurements.map(({ bench }) => bench)).map((bench) => {
    const mine = measurements.filter((one) => one.bench === bench);
    const names = [
      mine.map(({ section }) => section),
      mine.map(({ who }) => who),
      mine.map(({ dtype }) => dtype),
    ];
    const lists = names.map((list) => distinct(list.filter((name) => name !== null)).join(", "));
    return `${bench} (${lists.filter(Boolean).join("; ")})`;
  });
  return benches.join(", ") || "none at all";
}

const FACTS: Readonly<Record<string, (environment: Environment) => string>> = {
  CPU: ({ cpu }) => cpu ?? "not told",
  cores: ({ cores }) => String(cores),
  system: ({ os }) => os ?? "not told",
  runtime: ({ runtime }) => runtime,
  engine: ({ engine }) => engine,
  flags: ({ flags }) => flags.join(" ") || "none",
  "shared memory": ({ isolated }) => (isolated ? "yes" : "no"),
  builds: ({ builds }) =>
    builds
      .map(({ build, microKernels: { float32, float64 } }) => `${build} (${float32}, ${float64})`)
      .join(", "),
  version: ({ version }) => version,
  commit: ({ commit }) => commit ?? "not known",
  clock: ({ timerMs }) =>
    `steps of about ${(10 ** Math.round(Math.log10(timerMs)) * 1000).toPrecision(1)} µs`,
  power: ({ power }) => power ?? "not known",
  page: ({ visibility }) => visibility ?? "none",
};

function distinctionsOf(environments: readonly Environment[]): Distinction[] {
  return Object.entries(FACTS).flatMap(([what, tell]) => {
    const values = environments.map(tell);
    return distinct(values).length > 1 ? [{ what, values }] : [];
  });
}

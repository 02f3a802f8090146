import type { Environment, Measurement, Results } from "../results-file/format.ts";
import { isDrawn } from "./belongs.ts";

/** A results file with what to call it beside others. */
export interface Source {
  readonly name: string;
  readonly results: Results;
}

/** A measurement, and which of several files it is from. */
export interface Datum {
  readonly source: Source;
  readonly measurement: Measurement;
}

/** What a plot takes of all that was measured and came out right. */
export const dataOf = (
  sources: readonly Source[],
  belongs: (measurement: Measurement) => boolean = isDrawn,
): Datum[] =>
  sources.flatMap((source) =>
    source.results.measurements
      .filter(({ values, wrong }) => !wrong && values.length > 0)
      .filter(belongs)
      .map((measurement) => ({ source, measurement })),
  );

/** Machine, engine and build of a run, in a line. */
function describe({ cpu, cores, runtime, engine, version, commit, date }: Environment): string {
  const machine = `${cpu ?? "unknown processor"}, ${cores} ${cores === 1 ? "core" : "cores"}`;
  const blasm = commit === null ? `blasm ${version}` : `blasm ${version} (${commit})`;
  return [machine, `${runtime}, ${engine}`, blasm, date.slice(0, 10)].join(" · ");
}

/** What stands under a title: where the numbers are from, and what is not in the picture. */
export function subtitleOf(sources: readonly Source[]): string[] {
  const of = (name: string): string => (sources.length > 1 ? `${name}: ` : "");
  return sources.flatMap(({ name, results: { environment, runs, measurements } }) => {
    const wrong = measurements.filter((measurement) => measurement.wrong).length;
    const stopped = runs.filter(({ interrupted }) => interrupted).map(({ bench }) => bench);
    return [
      `${of(name)}${describe(environment)}`,
      ...(wrong > 0 ? [`${of(name)}wrong results, left out: ${wrong}`] : []),
      ...(stopped.length > 0 ? [`${of(name)}stopped before the end: ${stopped.join(", ")}`] : []),
    ];
  });
}

/** Data in groups, in the order of their first. */
export function grouped<T>(data: readonly T[], keyOf: (datum: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const datum of data) {
    const key = keyOf(datum);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [datum]);
    else group.push(datum);
  }
  return groups;
}

/** "2 threads" */
export const threadsName = (threads: number | null): string =>
  `${threads ?? 1} ${(threads ?? 1) === 1 ? "thread" : "threads"}`;

/** "float32, 2 threads" */
export const panelName = ({ measurement: { dtype, threads } }: Datum): string =>
  [dtype, threadsName(threads)].filter((part) => part !== null).join(", ");

/** Whose a line is: "relaxed", or of several files "relaxed, Node 26". */
export const seriesName = (who: string, { name }: Source, sources: readonly Source[]): string =>
  sources.length > 1 ? `${who}, ${name}` : who;

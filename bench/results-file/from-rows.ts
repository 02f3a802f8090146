import type { SectionRow } from "../common/rows.ts";
import type { Header } from "../common/run.ts";
import { type BenchName, type Measurement, type Results, SCHEMA } from "./format.ts";

type AnyRow = SectionRow<string, string>;

/** Units of which more is better, and less; of others a row says itself what is. */
const BETTER: Readonly<Record<string, Measurement["better"]>> = {
  "GFLOP/s": "higher",
  "GB/s": "higher",
  "1/s": "higher",
  s: "lower",
  ms: "lower",
  µs: "lower",
  ns: "lower",
  bytes: "lower",
  MiB: "lower",
};

/** What a bench has measured, as a file of results. */
export function resultsOf(
  bench: BenchName,
  { header, rows }: { readonly header: Header<object>; readonly rows: readonly AnyRow[] },
): Results {
  const { environment, selection, interrupted, notes } = header;
  return {
    schema: SCHEMA,
    environment,
    runs: [{ bench, selection: { ...selection }, interrupted, notes }],
    measurements: rows.map((row) => measurementOf(bench, row)),
  };
}

function measurementOf(bench: BenchName, row: AnyRow): Measurement {
  const { section, label, who, what, unit, values, machine, wrong = false } = row;
  return {
    ...{ bench, section, dtype: row.dtype ?? null, label, who, what },
    ...{ n: row.n ?? null, threads: row.threads ?? null, unit },
    better: row.better ?? BETTER[unit] ?? "neither",
    values,
    // A round in which the run was stopped has no look at the machine.
    machine: machine?.length === values.length && values.length > 0 ? machine : null,
    // A result that is no number has no error that can be written.
    residual: Number.isFinite(row.residual) ? row.residual! : null,
    wrong,
    disturbed: row.disturbed ?? 0,
    notes: row.notes ?? [],
  };
}

/** A row of a file again: what was measured in another process, whose machine's pace had another best. */
export const rowOf = ({ dtype, n, threads, machine, residual, bench, ...rest }: Measurement): AnyRow => ({
  ...rest,
  ...(dtype === null ? {} : { dtype }),
  ...(n === null ? {} : { n }),
  ...(threads === null ? {} : { threads }),
  ...(residual === null ? {} : { residual }),
});

/** Several benches' results as one file, in order. @throws RangeError for none. */
export function merge(parts: readonly Results[]): Results {
  const first = parts[0];
  const last = parts.at(-1);
  if (first === undefined || last === undefined) throw new RangeError("There are no results to merge.");
  const builds = new Map(
    parts.flatMap(({ environment }) => environment.builds).map((build) => [build.build, build]),
  );
  const { load } = first.environment;
  return {
    ...first,
    environment: {
      ...first.environment,
      builds: [...builds.values()],
      load:
        load && last.environment.load ? { before: load.before, after: last.environment.load.after } : load,
      visibility: last.environment.visibility,
    },
    runs: parts.flatMap(({ runs }) => runs),
    measurements: parts.flatMap(({ measurements }) => measurements),
  };
}

/** As a file: a line for each run and each measurement, so that files can be looked at and compared line by line. */
export function textOf({ schema, environment, runs, measurements }: Results): string {
  const lines = (items: readonly object[]): string =>
    items.length === 0 ? "[]" : `[\n  ${items.map((item) => JSON.stringify(item)).join(",\n  ")}\n ]`;
  return `{
 "schema": ${JSON.stringify(schema)},
 "environment": ${JSON.stringify(environment, null, 1).replaceAll("\n", "\n ")},
 "runs": ${lines(runs)},
 "measurements": ${lines(measurements)}
}
`;
}

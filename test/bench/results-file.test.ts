import { describe, expect, test } from "vitest";
import { BENCHES, type Measurement, SCHEMA } from "../../bench/results-file/format.ts";
import { asCsv } from "../../bench/results-file/formats/csv.ts";
import { asGoogleBenchmark } from "../../bench/results-file/formats/google-benchmark.ts";
import { asHpl } from "../../bench/results-file/formats/hpl.ts";
import { asMarkdown } from "../../bench/results-file/formats/markdown.ts";
import { merge, resultsOf, rowOf, textOf } from "../../bench/results-file/from-rows.ts";
import { readResults } from "../../bench/results-file/read.ts";
import schema from "../../bench/results-file/results.schema.json";
import { FormatError } from "../../src/index.ts";
import { ENVIRONMENT } from "../cli/bench-process.ts";
import { measurement, resultsWith } from "./samples.ts";

const HEADER = {
  environment: ENVIRONMENT,
  selection: { rounds: 3 },
  sampleMs: 10,
  interrupted: false,
  notes: ["hot"],
};

describe("from rows", () => {
  const row = { section: "s", label: "l", who: "w", what: "x" };

  test("what a row does not say is null; the unit says what is better", () => {
    const results = resultsOf("lock", {
      header: HEADER,
      rows: [
        { ...row, unit: "ns", values: [2] },
        {
          ...row,
          unit: "1/s",
          values: [2],
          machine: [0.9],
          n: 8,
          threads: 2,
          dtype: "float64",
          disturbed: 1,
        },
        { ...row, unit: "share", values: [0.5] },
        { ...row, unit: "share", values: [0.5], better: "higher", residual: Number.POSITIVE_INFINITY },
      ],
    });
    expect(results.runs).toEqual([
      { bench: "lock", selection: { rounds: 3 }, interrupted: false, notes: ["hot"] },
    ]);
    const plain = {
      bench: "lock",
      ...row,
      dtype: null,
      n: null,
      threads: null,
      machine: null,
      residual: null,
    };
    const [ns, rate, share, least] = results.measurements;
    expect(ns).toEqual({
      ...plain,
      unit: "ns",
      better: "lower",
      values: [2],
      wrong: false,
      disturbed: 0,
      notes: [],
    });
    expect(rate).toMatchObject({ better: "higher", machine: [0.9], n: 8, threads: 2, dtype: "float64" });
    expect([share!.better, least!.better]).toEqual(["neither", "higher"]);
    expect(least!.residual).toBeNull();
  });

  test("looks at the machine are kept only where each value has one", () => {
    const rows = [{ ...row, unit: "ns", values: [1, 2], machine: [1] }];
    expect(resultsOf("lock", { header: HEADER, rows }).measurements[0]!.machine).toBeNull();
  });

  test("and back", () => {
    const full = measurement();
    expect(resultsOf("gemm", { header: HEADER, rows: [rowOf(full)] }).measurements).toEqual([
      { ...full, machine: null },
    ]);
  });

  test("files of several benches become one", () => {
    const load = (after: number) => ({ before: [0, 0, 0], after: [after, 0, 0] });
    const strict = { ...ENVIRONMENT.builds[0]!, build: "strict" };
    const one = resultsWith([measurement()], { load: load(1) });
    const two = resultsWith([measurement({ bench: "lock" })], {
      load: load(2),
      builds: [strict],
      visibility: "visible",
    });
    const all = merge([one, two]);
    expect(all.runs.map(({ bench }) => bench)).toEqual(["gemm", "lock"]);
    expect(all.measurements).toHaveLength(2);
    expect(all.environment).toMatchObject({ load: load(2), visibility: "visible" });
    expect(all.environment.builds.map(({ build }) => build)).toEqual(["tuned", "strict"]);
    expect(readResults(textOf(all))).toEqual(all);
    expect(() => merge([])).toThrow(RangeError);
  });
});

describe("reading", () => {
  const results = resultsWith([measurement(), measurement({ who: "strict" })]);
  const text = textOf(results);
  const complaint = (given: string): string => {
    try {
      readResults(given);
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      return (error as Error).message;
    }
    throw new Error("it was read");
  };

  test("gives what was written; a measurement is one line", () => {
    expect(readResults(text)).toEqual(results);
    expect(text.match(/^ {2}\{"bench":"gemm"/gm)).toHaveLength(3);
  });

  test("the schema knows the benches, and the version that is written", () => {
    expect(schema.$defs.bench.enum).toEqual([...BENCHES]);
    expect(schema.properties.schema.const).toBe(SCHEMA);
  });

  test("a file that was cut off says so, wherever", () => {
    const end = text.trimEnd().length;
    for (let length = 1; length < end; ++length) {
      expect(complaint(text.slice(0, length)), `${length}`).toMatch(/^Cut off: .* after \d+ characters\.$/);
    }
  });

  test.each([
    ["", "The file is empty."],
    ["<!DOCTYPE html>\n<p>", 'No JSON: it begins with "<!DOCTYPE html>".'],
    [text.replace('"runs": [', '"runs": [,'), /^No JSON: Unexpected token/],
    ["[1, 2]", 'No file of results: its schema is missing, not "blasm-results/1".'],
    ["null", 'No file of results: its schema is missing, not "blasm-results/1".'],
    ["results", 'No JSON: it begins with "results".'],
    ['{"schema": "other/1"}', 'No file of results: its schema is "other/1", not "blasm-results/1".'],
    [
      text.replace("results/1", "results/2"),
      /^"blasm-results\/2" is newer than what this package reads.*npm i blasm@latest/,
    ],
    [text.replace("results/1", "results/0"), /^"blasm-results\/0" is older than what this package reads/],
    ['{"schema": "blasm-gemm/1"}', /^"blasm-gemm\/1" is older/],
  ])("%j: %s", (given, message) => {
    expect(complaint(given)).toMatch(message);
  });

  const tampered = (change: (one: Record<string, unknown>) => void): string => {
    const copy = JSON.parse(text);
    change(copy.measurements[1]);
    return complaint(JSON.stringify(copy));
  };

  test.each<[string, (one: Record<string, unknown>) => void, string]>([
    ["a missing unit", (one) => delete one.unit, "/measurements/1 must have required property 'unit'."],
    ["a text among the values", (one) => (one.values = [1, "2"]), "/measurements/1/values/1 must be number."],
    [
      "an unknown bench",
      (one) => (one.bench = "chess"),
      '/measurements/1/bench must be equal to one of the allowed values: ["gemm"',
    ],
    [
      "an unknown property",
      (one) => (one.speed = 1),
      '/measurements/1 has a property "speed" that nobody knows.',
    ],
    [
      "a machine faster than its best",
      (one) => (one.machine = [1, 1, 1.5]),
      "/measurements/1/machine/2 must be <= 1.",
    ],
    [
      "values without looks",
      (one) => (one.machine = [1]),
      "/measurements/1 has 3 values and 1 looks at the machine.",
    ],
    [
      "values of a wrong result",
      (one) => (one.wrong = true),
      "/measurements/1 is wrong and has 3 values all the same.",
    ],
    [
      "more disturbed than there are",
      (one) => (one.disturbed = 4),
      "/measurements/1 has 3 values, of which 4 were disturbed.",
    ],
  ])("tampered with: %s", (_, change, message) => {
    expect(tampered(change)).toContain(message);
  });
});

describe("other formats", () => {
  const wrong = measurement({ label: '1,024 "wide"', values: [], machine: null, residual: 7, wrong: true });
  const noted = measurement({
    unit: "ns",
    better: "lower",
    values: [250],
    machine: null,
    notes: ["late"],
    disturbed: 1,
  });

  test("CSV: a line a value, quoted where it must be", () => {
    expect(asCsv(resultsWith([measurement(), wrong])).split("\n")).toEqual([
      "bench,section,dtype,label,who,what,n,threads,unit,better,round,value,machine,residual,wrong",
      "gemm,squares,float32,512,tuned,gemm,512,1,GFLOP/s,higher,1,100,1,0.1,false",
      "gemm,squares,float32,512,tuned,gemm,512,1,GFLOP/s,higher,2,101,0.99,0.1,false",
      "gemm,squares,float32,512,tuned,gemm,512,1,GFLOP/s,higher,3,99,0.98,0.1,false",
      'gemm,squares,float32,"1,024 ""wide""",tuned,gemm,512,1,GFLOP/s,higher,,,,7,true',
      "",
    ]);
  });

  test("Markdown: where, notes, and a line a measurement", () => {
    const results = resultsWith([measurement(), wrong, noted]);
    const stopped = { ...results.runs[0]!, interrupted: true, notes: ["tuned: not measured"] };
    const text = asMarkdown({ ...results, runs: [stopped] });
    expect(text).toContain("- CPU: a CPU, 2 cores, 8.0 GiB");
    expect(text).toContain("## gemm\n\n- note: tuned: not measured\n- note: interrupted");
    expect(text).toContain(
      "| squares | float32 | 512 | tuned | gemm | 1 | 100 | 101 | 1 % | GFLOP/s | 0.10 |  |",
    );
    expect(text).toContain("| – | – | – | GFLOP/s | 7.0 | WRONG |");
    expect(text).toContain("| late; core shared in 1 of 1 |");
  });

  const solve = (over: Partial<Measurement>): Measurement =>
    measurement({
      ...{
        bench: "linpack",
        section: "linpack",
        what: "solve",
        dtype: "float64",
        label: "1000",
        n: 1000,
        threads: 2,
      },
      ...{ values: [20, 25, 30], residual: 0.0025 / 16 },
      ...over,
    });

  test("HPL: N, NB, threads, seconds, Gflops, residual, PASSED or FAILED against 16", () => {
    const results = resultsWith([
      solve({}),
      solve({ values: [], residual: 17 / 16, wrong: true, machine: null }),
    ]);
    const text = asHpl({ ...results, runs: [{ ...results.runs[0]!, selection: { NB: 64 } }] });
    // (2/3 · 10⁹ + 3/2 · 10⁶) / 25e9 s; in HPL's columns
    expect(text).toContain("WR-TUNED        1000    64     1     2               0.03         2.5000e+01\n");
    expect(text).toMatch(/= {3}2\.50000000e-03 \.{6} PASSED$/m);
    expect(text).toMatch(/= {3}1\.70000000e\+01 \.{6} FAILED$/m);
    expect(text).toContain("Finished      2 tests with the following results:");
    expect(text).toContain("1 tests completed and passed residual checks,");
    expect(text).toContain("1 tests completed and failed residual checks,");
    expect(asHpl(results)).toMatch(/^WR-TUNED +1000 +- +1 +2 +0\.03/m);
  });

  test("HPL: of other benches there is none", () => {
    expect(() => asHpl(resultsWith([measurement()]))).toThrow(/"blasm bench linpack"; this file has gemm\./);
  });

  test("google/benchmark: times in nanoseconds, rates as counters, the median", () => {
    const count = measurement({ unit: "count", better: "neither" });
    const { context, benchmarks } = JSON.parse(
      asGoogleBenchmark(resultsWith([measurement(), noted, wrong, count])),
    );
    expect(context).toMatchObject({ date: ENVIRONMENT.date, num_cpus: 2, load_avg: [0, 0, 0], caches: [] });
    expect(benchmarks).toHaveLength(6);
    const name = "gemm/squares/float32/512/tuned/gemm";
    expect(benchmarks[0]).toEqual({
      ...{ name, run_name: name, run_type: "iteration", family_index: 0, per_family_instance_index: 0 },
      ...{ repetitions: 3, repetition_index: 0, threads: 1, iterations: 1 },
      ...{ real_time: 0.01, cpu_time: 0.01, time_unit: "ns", items_per_second: 100e9 },
    });
    expect(benchmarks[3]).toMatchObject({
      name: `${name}_median`,
      aggregate_name: "median",
      real_time: 0.01,
    });
    expect(benchmarks[4]).toMatchObject({ real_time: 250, label: "late" });
    expect(benchmarks[4]).not.toHaveProperty("items_per_second");
  });
});

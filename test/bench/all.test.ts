import { describe, expect, test } from "vitest";
import { PARTS } from "../../bench/all/parts.ts";
import { type AllOptions, part, runAll, type Scheduled, secondsOf } from "../../bench/all/run.ts";
import type { BenchName, Measurement, Results } from "../../bench/results-file/format.ts";
import { headlinesSheet } from "../../bench/results-file/headlines.ts";
import { summaryOf } from "../../bench/results-file/summary.ts";
import { ENVIRONMENT } from "../cli/bench-process.ts";
import { measurement, resultsWith } from "./samples.ts";

test("the benches fit in three minutes, the quick ones in twenty seconds", () => {
  expect(secondsOf(PARTS, "full")).toBeLessThanOrEqual(180);
  // A second for the process itself.
  expect(secondsOf(PARTS, "quick")).toBeLessThanOrEqual(19);
  expect(new Set(PARTS.map(({ name }) => name)).size).toBe(PARTS.length);
});

test("a bench can be adjusted; what nobody wishes otherwise stays", async () => {
  const measured: unknown[] = [];
  const original = part(
    "gemm",
    async ({ selection }) => {
      measured.push(selection);
      return { header: {} as never, rows: [] };
    },
    { full: 2, quick: 1 },
    { full: { sizes: [64, 128], rounds: 9 }, quick: { sizes: [64], rounds: 3 } },
  );
  const adjusted = original.adjusted({ rounds: 1 });
  for (const one of [original, adjusted]) await one.run("full", {} as never);
  expect(measured).toEqual([
    { sizes: [64, 128], rounds: 9 },
    { sizes: [64, 128], rounds: 1 },
  ]);
  expect(adjusted).toMatchObject({ name: "gemm", seconds: original.seconds });
  expect(adjusted.selections.quick).toEqual({ sizes: [64], rounds: 1 });
});

describe("all benches", () => {
  /** A clock that goes on only while a bench runs. */
  let now = 0;
  const said: [string, number][] = [];
  const failures: string[] = [];
  const options = (over: Partial<AllOptions> = {}): AllOptions => {
    now = 0;
    said.length = 0;
    failures.length = 0;
    return {
      length: "quick",
      now: () => now,
      say: (text, done) => void said.push([text, done]),
      stopped: () => false,
      failed: (name, error) => void failures.push(`${name}: ${(error as Error).message}`),
      ...({} as Pick<AllOptions, "init" | "threadModule" | "host">),
      ...over,
    };
  };
  /** Takes so many seconds, unless it is told to stop. */
  const pretended = (name: BenchName, takes: number, seconds = 2): Scheduled => ({
    name,
    seconds: { full: 10 * seconds, quick: seconds },
    async run(length, { say, stopped }) {
      expect(length).toBe("quick");
      for (let done = 0; done < takes && !stopped(); ++done) {
        say(`case ${done}`);
        now += 1000;
      }
      const results = resultsWith([measurement({ bench: name })]);
      return { ...results, runs: results.runs.map((run) => ({ ...run, interrupted: stopped() })) };
    },
  });
  const namesOf = (results: Results | undefined): BenchName[] => results!.runs.map(({ bench }) => bench);

  test("are run in order, into one file, and say how much is done", async () => {
    const partial: number[] = [];
    const measured = (results: Results): void => void partial.push(results.runs.length);
    const results = await runAll([pretended("gemm", 2), pretended("lock", 1)], options({ measured }));
    expect(namesOf(results)).toEqual(["gemm", "lock"]);
    expect(results!.runs.map(({ notes }) => notes)).toEqual([[], []]);
    expect(said).toEqual([
      ["gemm: starting", 0],
      ["gemm: case 0", 0],
      ["gemm: case 1", 1],
      ["lock: starting", 2],
      ["lock: case 0", 2],
    ]);
    expect(partial).toEqual([1, 2]);
    expect(failures).toEqual([]);
  });

  test("tell what there is while they run", async () => {
    const partial: BenchName[][] = [];
    const telling: Scheduled = {
      ...pretended("lock", 1),
      async run(_, { measured }) {
        const header = {
          environment: ENVIRONMENT,
          selection: {},
          sampleMs: 10,
          interrupted: true,
          notes: [],
        };
        measured!({
          header,
          rows: [{ section: "s", label: "l", who: "w", what: "x", unit: "ns", values: [1] }],
        });
        return resultsWith([measurement({ bench: "lock" })]);
      },
    };
    const measured = (results: Results): void => void partial.push(namesOf(results));
    await runAll([pretended("gemm", 1), telling], options({ measured }));
    expect(partial).toEqual([["gemm"], ["gemm", "lock"], ["gemm", "lock"]]);
  });

  test("are cut when their time is over, which is noted; what one leaves the next may use", async () => {
    const results = await runAll(
      [pretended("gemm", 1), pretended("lock", 100), pretended("team", 1)],
      options(),
    );
    expect(results!.runs).toMatchObject([
      { interrupted: false, notes: [] },
      { interrupted: false, notes: ["cut: not all was measured in its 2 s"] },
      { interrupted: false, notes: [] },
    ]);
    // 2 of 4 parts of the 5 s that are left, in steps of a second.
    expect(said.filter(([text]) => text.startsWith("lock: case"))).toHaveLength(3);
    expect(Math.max(...said.map(([, done]) => done))).toBeLessThanOrEqual(6);
  });

  test("one that does not stop in time leaves the others less, but their share of it", async () => {
    const late: Scheduled = {
      ...pretended("gemm", 1),
      async run() {
        now += 4000;
        return resultsWith([measurement()]);
      },
    };
    const results = await runAll([late, pretended("lock", 100), pretended("team", 100)], options());
    expect(namesOf(results)).toEqual(["gemm", "lock", "team"]);
    expect(said.filter(([text]) => text.startsWith("lock: case"))).toHaveLength(2);
    expect(said.filter(([text]) => text.startsWith("team: case"))).toHaveLength(1);
  });

  test("one that fails does not keep the others from running", async () => {
    const broken: Scheduled = {
      ...pretended("stream", 1),
      run: () => Promise.reject(new Error("no memory")),
    };
    const results = await runAll([pretended("gemm", 1), broken, pretended("lock", 1)], options());
    expect(namesOf(results)).toEqual(["gemm", "lock"]);
    expect(failures).toEqual(["stream: no memory"]);
    expect(await runAll([broken], options())).toBeUndefined();
  });

  test("stopped by the user leave what was measured, marked as interrupted", async () => {
    const stopped = (): boolean => now >= 3000;
    const results = await runAll(
      [pretended("gemm", 2), pretended("lock", 2), pretended("team", 2)],
      options({ stopped }),
    );
    expect(results!.runs).toMatchObject([
      { bench: "gemm", interrupted: false },
      { bench: "lock", interrupted: true, notes: [] },
    ]);
  });
});

describe("the figures that people share", () => {
  const rows: Partial<Measurement>[] = [
    { label: "256", n: 256, values: [90, 110, 100] },
    { label: "512", n: 512, values: [104, 105, 106], notes: ["late"] },
    { label: "512", n: 512, who: "plain loop", values: [500] },
    { label: "1024", n: 1024, values: [], machine: null, wrong: true },
    { label: "512", n: 512, dtype: "float64", who: "native", values: [51] },
    {
      bench: "linpack",
      section: "hpl",
      what: "solve",
      dtype: "float64",
      label: "5000",
      n: 5000,
      threads: 2,
      values: [92],
    },
    {
      bench: "lock",
      section: "uncontended",
      label: "Lock",
      who: "blasm",
      what: "acquire + release",
      unit: "ns",
      better: "lower",
      values: [25],
      n: null,
    },
    {
      bench: "lock",
      section: "uncontended",
      label: "Lock",
      who: "blasm",
      what: "acquire + release",
      unit: "bytes",
      better: "lower",
      values: [0],
      n: null,
    },
  ];
  const results = resultsWith(rows.map((row) => measurement({ machine: null, ...row })));

  test("are the best medians of blasm's own rows, with where they were", () => {
    expect(headlinesSheet(results).body).toEqual([
      ["product, float32, one thread", "105", "GFLOP/s", "n = 512, tuned *"],
      ["native BLAS, float64", "51.0", "GFLOP/s", "n = 512, native"],
      ["LINPACK, float64", "92.0", "GFLOP/s", "n = 5000, tuned, 2 threads, residual 0.10 of its bound"],
      ["Lock: acquire + release", "25.0", "ns", "Lock, blasm"],
    ]);
  });

  test("stand below where and what is to be said, on one screen", () => {
    const run = { ...results.runs[0]!, interrupted: true, notes: ["tuned: not measured"] };
    const text = summaryOf({ ...results, runs: [run] });
    expect(text).toContain(
      "gemm     tuned: not measured\ngemm     interrupted: this is what had been measured",
    );
    expect(text).toMatch(/│ LINPACK, float64\s+│ 92\.0 │ GFLOP\/s │/);
    expect(text.split("\n").length).toBeLessThan(25);
    expect(summaryOf(resultsWith([]))).toContain("Nothing was measured.");
  });
});

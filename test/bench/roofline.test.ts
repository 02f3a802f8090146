import { describe, expect, test } from "vitest";
import type { Measurement, Results } from "../../bench/results-file/format.ts";
import { resultsOf } from "../../bench/results-file/from-rows.ts";
import { readResults } from "../../bench/results-file/read.ts";
import { intensityOf } from "../../bench/roofline/intensity.ts";
import { bandwidthOf, placed, rooflineSheet } from "../../bench/roofline/place.ts";
import { INTERRUPTED, isBuilt, runBench } from "../cli/bench-process.ts";
import { blasm } from "../cli/terminal.ts";

const one = (key: Partial<Measurement>): Measurement => ({
  ...{
    bench: "gemm",
    section: "squares",
    dtype: "float64",
    label: "1024",
    who: "tuned",
    what: "gemm",
    n: 1024,
  },
  ...{ threads: 1, unit: "GFLOP/s", better: "higher", values: [40, 45, 50], machine: null, residual: 0 },
  ...{ wrong: false, disturbed: 0, notes: [] },
  ...key,
});
const stream = (what: string, value: number, key: Partial<Measurement> = {}): Measurement =>
  one({
    bench: "stream",
    section: "one",
    label: "128 MiB",
    who: "relaxed",
    what,
    n: 2 ** 24,
    unit: "GB/s",
    values: [value],
    ...key,
  });
const peak = (who: string, value: number): Measurement =>
  one({ bench: "peak", section: "one", label: "1 thread", what: "peak", n: null, who, values: [value] });

describe("operations a byte, by the definition", () => {
  test.each([
    [one({}), (2 * 1024 ** 3) / (3 * 1024 ** 2 * 8)],
    [one({ dtype: "float32", n: 64 }), (2 * 64 ** 3) / (3 * 64 ** 2 * 4)],
    [stream("triad", 1), 2 / 24],
    [stream("scale", 1, { dtype: "float32" }), 1 / 8],
    [stream("add", 1), 1 / 24],
    [stream("copy", 1), undefined],
    [one({ section: "memory", what: "A x", unit: "GB/s" }), 2 / 8],
    [one({ section: "memory", what: "x · y", unit: "GB/s", dtype: "float32" }), 1 / 4],
    [one({ what: "micro-kernel" }), undefined],
    [one({ dtype: null }), undefined],
  ])("%#", (measurement, intensity) => {
    if (intensity === undefined) expect(intensityOf(measurement)).toBeUndefined();
    else expect(intensityOf(measurement)).toBeCloseTo(intensity, 12);
  });
});

const ALL = [
  peak("tuned", 50),
  peak("relaxed", 25),
  stream("triad", 24),
  stream("add", 20),
  stream("copy", 99, { threads: 2 }),
  stream("triad", 77, { who: "C" }),
  one({}),
  one({ who: "strict" }),
  one({ who: "native" }),
];
const resultsWith = (measurements: readonly Measurement[]): Results => ({
  ...resultsOf("peak", { header: { ...INTERRUPTED, selection: {} }, rows: [] }),
  measurements,
});

describe("kernels beneath the roof", () => {
  test("the bandwidth is the best of ours on one thread", () => {
    expect(bandwidthOf(ALL.filter(({ who }) => who !== "C"))).toBe(24);
    expect(bandwidthOf([])).toBeUndefined();
  });

  test("each has its own build's peak, or the bandwidth; without a peak it has no roof", () => {
    const found = placed(resultsWith(ALL));
    expect(found.map(({ kernel, who }) => `${who} ${kernel}`)).toEqual([
      "relaxed triad 128 MiB",
      "relaxed add 128 MiB",
      "tuned gemm 1024",
    ]);
    expect(found[0]).toMatchObject({ boundBy: "memory", rate: 2, roof: 2 });
    expect(found[1]!.rate).toBeCloseTo(20 / 24);
    expect(found[2]).toMatchObject({ boundBy: "arithmetic", rate: 45, roof: 50 });
    expect(placed(resultsWith([one({})]))).toEqual([]);
  });

  test("a sheet, the least operations a byte first", () => {
    const { title, body } = rooflineSheet(resultsWith(ALL));
    expect(title).toContain("24.0 GB/s");
    expect(body.map(([kernel]) => kernel)).toEqual(["add 128 MiB", "triad 128 MiB", "gemm 1024"]);
    expect(body[2]).toEqual(["gemm 1024", "float64", "tuned", "arithmetic", "85.3", "45.0", "50.0", "90 %"]);
    expect(rooflineSheet(resultsWith([])).body).toEqual([]);
  });
});

test("bench roofline --only is a usage error", async () => {
  const { status, err } = await blasm("bench", "roofline", "--only", "peak");
  expect(status).toBe(2);
  expect(err).toContain("unknown option '--only'");
});

describe.skipIf(!isBuilt)("dist/cli.js bench roofline (skipped where it is not built)", () => {
  test("Ctrl-C leaves what was measured, as one file", async () => {
    const { status, out } = await runBench("roofline", ["--quick", "--json", "-"], 6000);
    expect(status).toBe(130);
    const { runs, measurements } = readResults(out);
    expect(runs[0]!.bench).toBe("peak");
    expect(measurements.length).toBeGreaterThan(0);
  });
});

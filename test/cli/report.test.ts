import { describe, expect, test } from "vitest";
import { QUICK } from "../../bench/gemm/cases.ts";
import type { Header } from "../../bench/gemm/header.ts";
import { asMarkdown, asText } from "../../bench/gemm/report.ts";
import { inUnit, type Row, speedRatio } from "../../bench/gemm/rows.ts";
import { withSuspicions } from "../../bench/gemm/suspicions.ts";
import { targets } from "../../bench/gemm/targets.ts";
import { resultsOf, textOf } from "../../bench/results-file/from-rows.ts";
import { readResults } from "../../bench/results-file/read.ts";
import { ENVIRONMENT, INTERRUPTED } from "./bench-process.ts";

const HEADER: Header = {
  ...INTERRUPTED,
  selection: QUICK,
  native: "NumPy",
  packageBytes: 29_900,
  interrupted: false,
};

function row(over: Partial<Row>): Row {
  return {
    section: "squares",
    dtype: "float32",
    label: "1024",
    who: "tuned",
    what: "gemm",
    unit: "GFLOP/s",
    values: [100, 50, 101],
    residual: 0.1,
    wrong: false,
    disturbed: 0,
    notes: [],
    ...over,
  };
}

const ROWS: Row[] = [
  row({}),
  row({ what: "micro-kernel", values: [104, 52, 105], residual: undefined }),
  row({ who: "native", values: [98, 51, 99] }),
  row({ section: "shapes", label: "4096×64×512", values: [70, 70, 70] }),
  row({ section: "shapes", label: "4096×64×512", what: "square", values: [100, 100, 100] }),
  row({ section: "small", label: "4", unit: "ns", values: [250, 260, 240] }),
  row({ section: "small", label: "4", what: "matmul", unit: "ns", values: [650, 660, 640] }),
  row({ section: "memory", label: "64 MiB", what: "copy", unit: "GB/s", values: [20, 20, 20] }),
  row({ section: "memory", label: "64 MiB", what: "A x", unit: "GB/s", values: [18, 18, 18] }),
];

test("seconds and work become units", () => {
  expect(inUnit("GFLOP/s", 2, 4e9)).toBe(2);
  expect(inUnit("ns", 1e-6, 1000)).toBeCloseTo(1);
  expect(inUnit("ms", 0.5, 1)).toBe(500);
});

test("a ratio is of speeds, whatever the unit", () => {
  const slow = row({ unit: "ns", values: [400] });
  const fast = row({ unit: "ns", values: [100] });
  expect(speedRatio(fast, slow)).toBe(4);
  expect(speedRatio(row({ values: [400] }), row({ values: [100] }))).toBe(4);
  expect(speedRatio(fast, undefined)).toBeUndefined();
});

describe("targets", () => {
  const list = targets(ROWS, HEADER);
  const named = (part: string) => list.find(({ figure }) => figure.includes(part));

  test("are reached or missed by the median of the rounds' ratios", () => {
    expect(named("n = 512 … 2048")).toMatchObject({ got: "96.2 % (1024)", state: "reached" });
    expect(named("of native BLAS")).toMatchObject({
      wanted: "≥ 1.00 ×",
      got: "1.02 × (1024)",
      state: "reached",
    });
    expect(named("other shapes")).toMatchObject({ got: "70.0 % (4096×64×512)", state: "missed" });
    expect(named("matmul 4×4 adds")).toMatchObject({ got: "400 ns", state: "reached" });
    expect(named("copy bandwidth")).toMatchObject({ got: "90.0 % (A x)", state: "reached" });
    expect(named("gzipped")).toMatchObject({ got: "29.9 kB", state: "reached" });
  });

  test("what was not measured says so", () => {
    expect(named("n = 128")).toMatchObject({ got: "–", state: "not measured" });
    expect(named("init(), tuned")).toMatchObject({ state: "not measured" });
  });

  test("an engine without relaxed SIMD is asked for 0.35 of native BLAS with strict, and for nothing with tuned", () => {
    const old = { ...HEADER, environment: { ...ENVIRONMENT, engine: "V8 11.3.244.8-node.38" } };
    expect(targets(ROWS, old).some(({ figure }) => figure.includes("of native BLAS"))).toBe(false);
    const strict = ROWS.map((one) => (one.who === "tuned" ? { ...one, who: "strict" as const } : one));
    expect(targets(strict, old).find(({ figure }) => figure.includes("of native"))?.wanted).toBe("≥ 0.35 ×");
  });
});

describe("a process that runs unoptimised code", () => {
  test("is noticed by its micro-kernel's rate, or by the strict build's", () => {
    const stuck = [row({ values: [40] }), row({ what: "micro-kernel", values: [100] })];
    expect(withSuspicions(stuck)[0]!.notes).toEqual([
      expect.stringMatching(/^at 40 % of its micro-kernel: .*run it again$/),
    ]);
    const both = [
      row({ what: "micro-kernel", values: [10] }),
      row({ who: "strict", what: "micro-kernel", values: [40] }),
    ];
    expect(withSuspicions(both)[0]!.notes).toEqual([expect.stringMatching(/^at 25 % of the strict build's/)]);
  });

  test("is not seen where there is none, nor in small products", () => {
    expect(withSuspicions(ROWS)).toEqual(ROWS);
    const small = [
      row({ label: "8", values: [2] }),
      row({ label: "8", what: "micro-kernel", values: [100] }),
    ];
    expect(withSuspicions(small)).toEqual(small);
  });
});

describe("reports", () => {
  const wrong = row({
    label: "2048",
    values: [],
    residual: 7,
    wrong: true,
    notes: ["WRONG: 7.00 times the rounding bound"],
  });
  const result = { header: { ...HEADER, interrupted: true }, rows: [...ROWS, wrong] };

  test("text has units, targets, and says what is wrong", () => {
    const text = asText(result, false);
    expect(text).toContain("median GFLOP/s");
    expect(text).toMatch(/│ 1024 │\s+100 │ 96 % │\s+1\.02× │/);
    expect(text).toMatch(/│ 2048 │\s+WRONG │/);
    expect(text).toContain("interrupted");
    expect(text).toMatch(/Targets: \d+ reached, 1 missed, \d+ not measured\.$/);
    expect(text).not.toMatch(/undefined|NaN|\[object/);
  });

  test("Markdown has the details of every row", () => {
    const text = asMarkdown(result);
    expect(text.match(/^\| squares \| float32 \| /gm)).toHaveLength(4);
    expect(text).toContain(
      "| squares | float32 | 1024 | tuned | gemm | 100 | 101 | 26 % | GFLOP/s | 0.100 |",
    );
    expect(text).not.toMatch(/undefined|NaN|\[object/);
  });

  test("the file of results holds every sample, and where squares are drawn", () => {
    const { measurements, runs } = readResults(textOf(resultsOf("gemm", result)));
    expect(measurements.map(({ values }) => values)).toEqual(result.rows.map(({ values }) => values));
    expect(measurements[0]).toMatchObject({
      bench: "gemm",
      dtype: "float32",
      residual: 0.1,
      better: "higher",
    });
    expect(measurements.at(-1)).toMatchObject({ wrong: true, values: [] });
    expect(runs[0]).toMatchObject({ bench: "gemm", interrupted: true });
  });
});

import { describe, expect, test } from "vitest";
import { kernelMemory } from "../../bench/common/kernels.ts";
import { rowsOf } from "../../bench/peak/all.ts";
import { QUICK } from "../../bench/peak/cases.ts";
import { isRight } from "../../bench/peak/chains.ts";
import { limitOf } from "../../bench/peak/limit.ts";
import { CORE, type Measured, peakRows } from "../../bench/peak/one.ts";
import { asMarkdown, asText } from "../../bench/peak/report.ts";
import type { Row } from "../../bench/peak/rows.ts";
import { perCycle, shareOfLimit, targets } from "../../bench/peak/targets.ts";
import { INTERRUPTED, isBuilt, reportOf, runBench, runQuickly } from "../cli/bench-process.ts";
import { blasm } from "../cli/terminal.ts";

const EPYC = { architecture: "x64", cpu: "AMD EPYC 9R14" };

describe("the arithmetic limit of a cycle", () => {
  test.each([
    [EPYC, "strict", "float32", "", 16],
    [EPYC, "relaxed", "float64", "", 8],
    [EPYC, "tuned", "float32", "256-bit registers", 32],
    [EPYC, "tuned", "float32", "optimised from the first call", 16],
    [{ architecture: "x64", cpu: "Intel(R) Xeon(R) Platinum 8488C" }, "relaxed", "float32", "", 16],
    [{ architecture: "x64", cpu: "Intel(R) Core(TM) i7-8700" }, "strict", "float32", "", undefined],
    [{ architecture: "arm64", cpu: "Apple M2" }, "relaxed", "float64", "", 16],
    [{ architecture: "x64", cpu: "Apple M2" }, "relaxed", "float64", "", undefined],
    [{ architecture: "x64", cpu: undefined }, "relaxed", "float64", "", undefined],
    [{ architecture: undefined, cpu: "AMD EPYC" }, "relaxed", "float64", "", undefined],
  ] as const)("%j %s %s %s: %s", (processor, build, dtype, gain, limit) => {
    expect(limitOf(processor, build, dtype, gain)).toBe(limit);
  });
});

test("chains that compute something else are noticed", () => {
  const memory = kernelMemory(65536, false);
  const values = new Float64Array(memory.buffer, 1024, 22);
  const kernels = (peak: (turns: number) => void) => {
    const typed = {
      peak: { 11: (_at: number, _x: number, _y: number, turns: number) => peak(turns) },
    } as never;
    return { float32: typed, float64: typed };
  };
  const right = kernels((turns) => {
    for (; turns > 0; --turns) for (const i of values.keys()) values[i] = values[i]! / 2 + 0.5;
  });
  expect(isRight(right, memory, "float64", 11)).toBe(true);
  const lazy = kernels(() => {
    for (const i of values.keys()) values[i] = values[i]! / 2 + 0.5;
  });
  expect(isRight(lazy, memory, "float64", 11)).toBe(false);
});

const measured = (chains: 11 | 13 | 24, seconds: number[], right = true): Measured => ({
  subject: { chains, flops: 1e9, right },
  samples: { seconds, disturbed: 0 },
});

describe("the row of a build", () => {
  test("is that of its fastest chains, and how many they are", () => {
    const [row, chains] = peakRows("strict", "float32", [
      measured(11, [0.1, 0.1]),
      measured(13, [0.05, 0.04]),
      measured(24, [1, 1]),
    ]);
    expect(row).toMatchObject({
      who: "strict",
      what: "peak",
      dtype: "float32",
      threads: 1,
      values: [20, 25],
    });
    expect(chains).toMatchObject({ what: "chains", unit: "count", values: [13] });
  });

  test("is wrong if any of them is, and missing if nothing was measured", () => {
    const [row] = peakRows("strict", "float32", [measured(11, [0.1]), measured(13, [0.1], false)]);
    expect(row).toMatchObject({ values: [], wrong: true });
    expect(peakRows("strict", "float32", [measured(11, [])])).toEqual([]);
  });
});

test("all threads: rates are added up, round by round; the best chains count; a round that one has not had is none", () => {
  const rate = (chains: number, gflops: number, right = true) => ({
    build: "relaxed",
    dtype: "float64" as const,
    chains,
    gflops,
    right,
  });
  const rows = rowsOf([
    [
      [rate(11, 1), rate(13, 10)],
      [rate(11, 2), rate(13, 20)],
      [rate(11, 9), rate(13, 99)],
    ],
    [
      [rate(11, 3), rate(13, 30)],
      [rate(11, 4), rate(13, 40)],
    ],
  ]);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ label: "2 threads", threads: 2, values: [40, 60] });
  const wrong = rowsOf([[[rate(11, 1)]], [[rate(11, 1, false)]]]);
  expect(wrong[0]).toMatchObject({ values: [], wrong: true });
  expect(rowsOf([[], []])).toEqual([]);
});

const row = (who: string, what: string, values: number[], unit: Row["unit"]): Row => ({
  ...{ section: "one", label: "1 thread", threads: 1, dtype: "float32", who, what, unit, values },
});
const ROWS: Row[] = [
  row(CORE, "clock", [3, 4], "GHz"),
  row("relaxed", "peak", [48, 63], "GFLOP/s"),
  row("relaxed", "limit", [16], "flop/cycle"),
  row("strict", "peak", [30, 40], "GFLOP/s"),
];

describe("flop/cycle", () => {
  test("is by the clock of the same round", () => {
    expect(perCycle(ROWS, ROWS[1]!)).toBeCloseTo((16 + 15.75) / 2);
    expect(shareOfLimit(ROWS, ROWS[1]!)).toBeCloseTo(0.992, 3);
    expect(shareOfLimit(ROWS, ROWS[3]!)).toBeUndefined();
    expect(perCycle([], ROWS[1]!)).toBeUndefined();
  });

  test("the target judges where the limit is known", () => {
    expect(targets(ROWS)).toMatchObject([{ got: "99.2 % (relaxed float32)", state: "reached" }]);
    const slow = row("strict", "limit", [16], "flop/cycle");
    expect(targets([...ROWS, slow])).toMatchObject([{ state: "missed" }]);
    expect(targets(ROWS.slice(0, 2))).toMatchObject([{ state: "not measured" }]);
  });
});

test("reports", () => {
  const header = { ...INTERRUPTED, selection: QUICK, sampleMs: 10 };
  const result = { header, rows: ROWS };
  expect(asText(result, false)).toMatch(
    /│ float32\s+│ relaxed\s+│\s+55\.5 │\s+14 %\s*│\s+– │\s+15\.9 │\s+16\.0 │\s+99 % │/,
  );
  expect(asText(result, true)).toContain("Details");
  expect(asMarkdown(result)).toMatch(/^# blasm bench peak\n/);
  expect(asText({ header, rows: [] }, true)).toContain("Targets: 0 reached, 0 missed");
});

test.each([
  [["--only", "two"], 'There is no "two"; take one, all.'],
  [["--rounds", "-1"], '"-1" is no whole number from 1 to 1000.'],
])("bench peak %j is a usage error", async (args, message) => {
  const { status, err } = await blasm("bench", "peak", ...args);
  expect(status).toBe(2);
  expect(err).toContain(message);
});

describe.skipIf(!isBuilt)("dist/cli.js bench peak (skipped where it is not built)", () => {
  test("--quick measures every build on one thread and on all; all of it right", async () => {
    const { status, out, markdown } = await runQuickly("peak");
    expect(status).toBe(0);
    const { rows } = reportOf<Row>(out);
    const peaks = rows.filter(({ what }) => what === "peak");
    expect(new Set(peaks.map(({ threads }) => threads)).has(1)).toBe(true);
    expect(peaks.length).toBeGreaterThanOrEqual(2);
    for (const { values, wrong } of peaks) {
      expect(values).toHaveLength(1);
      expect(values[0]).toBeGreaterThan(0);
      expect(wrong ?? false).toBe(false);
    }
    expect(markdown).toContain("## Clock");
  });

  test("Ctrl-C leaves what was measured", async () => {
    const { status, out } = await runBench("peak", ["--rounds", "1000", "--json", "-"], 3000);
    expect(status).toBe(130);
    expect(reportOf(out).interrupted).toBe(true);
  });
});

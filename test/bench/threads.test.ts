import { describe, expect, test } from "vitest";
import { QUICK, threadCounts, weakSide } from "../../bench/threads/cases.ts";
import { asMarkdown, asText, speedUp } from "../../bench/threads/report.ts";
import type { Row } from "../../bench/threads/rows.ts";
import { INTERRUPTED, isBuilt, reportOf, runQuickly } from "../cli/bench-process.ts";
import { blasm } from "../cli/terminal.ts";

test.each([
  [1, [1]],
  [2, [1, 2]],
  [4, [1, 2, 3, 4]],
  [6, [1, 2, 3, 4, 6]],
  [12, [1, 2, 3, 4, 8, 12]],
  [16, [1, 2, 3, 4, 8, 16]],
])("numbers of threads on %i cores", (cores, counts) => {
  expect(threadCounts(cores)).toEqual(counts);
});

test.each([
  [1, 512],
  [2, 640],
  [8, 1024],
  [16, 1296],
])("weak scaling from 512 on %i threads: %i, as much work for each within 10 %", (threads, side) => {
  expect(weakSide(512, threads)).toBe(side);
  expect(Math.abs(side ** 3 / threads / 512 ** 3 - 1)).toBeLessThan(0.1);
});

const row = (
  section: Row["section"],
  threads: number,
  n: number,
  values: number[],
  key: Partial<Row> = {},
): Row => ({
  ...{ section, dtype: "float64", label: "512", who: "tuned", what: "gemm", unit: "GFLOP/s" },
  ...{ threads, n, values },
  ...key,
});
const ROWS = [
  row("strong", 1, 512, [50, 40]),
  row("strong", 2, 512, [90, 80]),
  row("weak", 1, 512, [50]),
  row("weak", 2, 640, [95]),
  row("weak", 3, 736, [], { wrong: true }),
];

describe("speed-up", () => {
  test("is over one thread of the same case, round by round", () => {
    expect(speedUp(ROWS, ROWS[1]!)).toBeCloseTo(1.9);
    expect(speedUp(ROWS, ROWS[3]!)).toBeCloseTo(1.9);
    expect(speedUp(ROWS, ROWS[4]!)).toBeUndefined();
    expect(speedUp(ROWS.slice(1), ROWS[1]!)).toBeUndefined();
  });

  test("reports", () => {
    const result = { header: { ...INTERRUPTED, selection: QUICK }, rows: ROWS };
    const text = asText(result, false);
    expect(text).toMatch(/│ float64 │ 512\s+│\s+2 │\s+512 │\s+85\.0 │\s+1\.90× │\s+95 % │/);
    expect(text).toMatch(/│ float64 │ 512\s+│\s+2 │\s+640 │\s+95\.0 │\s+1\.90× │\s+95 % │/);
    expect(text).toMatch(/│\s+3 │\s+736 │\s+WRONG │\s+– │\s+– │/);
    expect(asMarkdown(result)).toMatch(/^# blasm bench threads\n/);
    expect(asText({ ...result, rows: [] }, true)).toContain("Targets: 0 reached");
  });
});

test("bench threads --only speed is a usage error", async () => {
  const { status, err } = await blasm("bench", "threads", "--only", "speed");
  expect(status).toBe(2);
  expect(err).toContain('There is no "speed"; take strong, weak.');
});

describe.skipIf(!isBuilt)("dist/cli.js bench threads (skipped where it is not built)", () => {
  test("--quick: right on every number of threads", async () => {
    const { status, out, markdown } = await runQuickly("threads");
    expect(status).toBe(0);
    const { environment, rows } = reportOf<Row>(out);
    expect(rows).toHaveLength(3 * threadCounts(environment.cores).length);
    for (const { values, residual, wrong } of rows) {
      expect({ rounds: values.length, wrong }).toEqual({ rounds: 1, wrong: false });
      expect(residual).toBeLessThan(1);
    }
    expect(markdown).toContain("## Strong scaling");
  });
});

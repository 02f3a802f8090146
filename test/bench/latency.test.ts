import { describe, expect, test } from "vitest";
import { crossover, PLAIN } from "../../bench/latency/calls.ts";
import { QUICK } from "../../bench/latency/cases.ts";
import { asMarkdown, asText } from "../../bench/latency/report.ts";
import type { Row } from "../../bench/latency/rows.ts";
import { INTERRUPTED, isBuilt, reportOf, runQuickly } from "../cli/bench-process.ts";
import { blasm } from "../cli/terminal.ts";

const call = (n: number, what: string, values: number[], dtype: Row["dtype"] = "float64"): Row => ({
  ...{ section: "calls", label: String(n), n, who: "relaxed", what, dtype, unit: "ns", values },
});
const pair = (n: number, gemm: number, plain: number): Row[] => [
  call(n, "gemm", [gemm]),
  call(n, PLAIN, [plain]),
];

describe("the crossover", () => {
  test("is where gemm becomes faster and stays so", () => {
    expect(crossover([...pair(2, 9, 1), ...pair(4, 9, 10), ...pair(8, 9, 80)], "float64")).toBe(4);
    expect(crossover([...pair(2, 1, 2), ...pair(4, 9, 8), ...pair(8, 9, 80)], "float64")).toBe(8);
    expect(crossover([...pair(2, 1, 2)], "float64")).toBe(2);
    expect(crossover([...pair(2, 9, 1), ...pair(4, 9, 8)], "float64")).toBeUndefined();
    expect(crossover(pair(2, 1, 2), "float32")).toBeUndefined();
  });

  test("sizes that were not measured do not count", () => {
    expect(crossover([...pair(4, 1, 2), call(8, "gemm", []), call(8, PLAIN, [1])], "float64")).toBe(4);
    expect(crossover([], "float64")).toBeUndefined();
  });
});

const ROWS: Row[] = [
  ...pair(4, 100, 150),
  call(4, "matmul", [250]),
  call(4, "stack of 1000", [20]),
  { ...call(4, "crossover", [4]), label: "all sizes", unit: "n" },
  { section: "dispatch", label: "2 threads, awake", who: "team", what: "median", unit: "µs", values: [2] },
  {
    section: "dispatch",
    label: "2 threads, awake",
    who: "bare Atomics",
    what: "median",
    unit: "µs",
    values: [1],
  },
];

test("reports", () => {
  const result = { header: { ...INTERRUPTED, selection: QUICK }, rows: ROWS };
  const text = asText(result, false);
  expect(text).toMatch(/│ 4\s+│\s+100 │\s+250 │\s+150 │\s+1\.50× │/);
  expect(text).toContain("gemm is faster from n = 4 on");
  expect(text).toContain("a product with n = 4 takes 20.0 ns");
  expect(text).toMatch(/│ 2 threads, awake │ team\s+│\s+2\.00 │\s+2\.00× │/);
  expect(asMarkdown(result)).toMatch(/^# blasm bench latency\n/);
  expect(asText({ ...result, rows: [] }, true)).toContain("Targets: 0 reached");
});

test("bench latency --only small is a usage error", async () => {
  const { status, err } = await blasm("bench", "latency", "--only", "small");
  expect(status).toBe(2);
  expect(err).toContain('There is no "small"; take calls, dispatch.');
});

describe.skipIf(!isBuilt)("dist/cli.js bench latency (skipped where it is not built)", () => {
  test("--quick: calls of every size, a crossover, and the team's; all of it right", async () => {
    const { status, out } = await runQuickly("latency");
    expect(status).toBe(0);
    const { rows } = reportOf<Row>(out);
    for (const { what, label, values, wrong } of rows)
      expect({ what, label, rounds: values.length, wrong }).toEqual({ what, label, rounds: 1, wrong: false });
    const gemms = rows.filter(({ what }) => what === "gemm");
    expect(gemms).toHaveLength(2 * QUICK.sizes.length);
    for (const what of ["matmul", PLAIN])
      expect(rows.filter((row) => row.what === what)).toHaveLength(gemms.length);
    expect(rows.some(({ section, who }) => section === "dispatch" && who === "team")).toBe(true);
  });
});

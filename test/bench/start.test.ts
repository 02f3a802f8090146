import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { ColdStart } from "../../bench/host/host.ts";
import { coldStarter } from "../../bench/host/node/cold-start.ts";
import { QUICK } from "../../bench/start/cases.ts";
import { asMarkdown, asText } from "../../bench/start/report.ts";
import type { Row } from "../../bench/start/rows.ts";
import { firstRows, IN_ALL, INIT_TO_PRODUCT, STEPS, startRows } from "../../bench/start/sections.ts";
import { ofLater, targets } from "../../bench/start/targets.ts";
import { INTERRUPTED, isBuilt, reportOf, runBench } from "../cli/bench-process.ts";
import { blasm } from "../cli/terminal.ts";

const cold = (scale: number, right = true): ColdStart => ({
  build: "relaxed",
  ms: { boot: 20 * scale, load: 5 * scale, init: 10 * scale, product: 2 * scale, exit: 3 * scale },
  // The first half warms up.
  laterMs: [9, 9, 1, 2, 2].map((ms) => ms * scale),
  right,
});

describe("rows", () => {
  test("each step, from init() to the product, all", () => {
    const rows = startRows("relaxed", [cold(1), cold(2)]);
    expect(rows.map(({ what }) => what)).toEqual([...STEPS.map(([, what]) => what), INIT_TO_PRODUCT, IN_ALL]);
    expect(rows.map(({ values }) => values)).toEqual([
      [20, 40],
      [5, 10],
      [10, 20],
      [2, 4],
      [3, 6],
      [12, 24],
      [40, 80],
    ]);
    expect(startRows("relaxed", [])).toEqual([]);
  });

  test("the first large product and later ones", () => {
    const [first, later] = firstRows("relaxed", 1000, [cold(1)]);
    expect(first).toMatchObject({ what: "first", label: "1000", unit: "GFLOP/s", values: [1000] });
    expect(later).toMatchObject({ what: "later", values: [1000] });
    expect(firstRows("relaxed", 1000, [])).toEqual([]);
  });

  test("one wrong product makes all of them wrong", () => {
    const starts = [cold(1), cold(1, false)];
    for (const { values, wrong } of [...startRows("strict", starts), ...firstRows("strict", 512, starts)])
      expect({ values, wrong }).toEqual({ values: [], wrong: true });
  });
});

const slow: ColdStart = { ...cold(1), ms: { ...cold(1).ms, product: 4 } };
const ROWS: Row[] = [
  ...startRows("relaxed", [cold(1), cold(4)]),
  ...firstRows("relaxed", 512, [slow]),
  ...firstRows("strict", 512, [cold(1)]),
];

test("targets", () => {
  expect(ofLater(ROWS, ROWS[7]!)).toBeCloseTo(0.5);
  expect(targets(ROWS)).toMatchObject([
    { got: "30.0 ms (relaxed)", wanted: "≤ 40.0 ms", state: "reached" },
    { got: "50.0 % (worst of 2: relaxed, n = 512)", state: "missed" },
  ]);
  expect(targets([]).every(({ state }) => state === "not measured")).toBe(true);
});

test("reports", () => {
  const result = { header: { ...INTERRUPTED, selection: QUICK }, rows: ROWS };
  expect(asText(result, false)).toMatch(
    /│ relaxed │\s+50\.0 │\s+12\.5 │\s+25\.0 │\s+5\.00 │\s+7\.50 │\s+30\.0 │\s+100 │/,
  );
  expect(asText(result, true)).toContain("Details");
  expect(asMarkdown(result)).toMatch(/^# blasm bench start\n/);
});

test("bench start --only import is a usage error", async () => {
  const { status, err } = await blasm("bench", "start", "--only", "import");
  expect(status).toBe(2);
  expect(err).toContain('There is no "import"; take start, first.');
});

describe.skipIf(!isBuilt)("of the built package (skipped where there is none)", () => {
  const entry = fileURLToPath(new URL("../../dist/index.js", import.meta.url));

  test.each([64, 300])("a fresh process multiplies %i × %i", async (n) => {
    const { build, ms, laterMs, right } = await coldStarter(entry)("strict", n);
    expect({ build, right }).toEqual({ build: "strict", right: true });
    for (const step of Object.values(ms)) expect(step).toBeGreaterThan(0);
    expect(laterMs.length).toBeGreaterThanOrEqual(1);
  });

  test("a process that fails says so", async () => {
    await expect(coldStarter("/nowhere/index.js")("strict", 64)).rejects.toThrow(
      "printed nothing and ended with 1",
    );
  });

  test("bench start --quick: every build that there is, all products right", async () => {
    const { status, out } = await runBench("start", ["--quick", "--rounds", "1", "--json", "-"]);
    expect(status).toBe(0);
    const { rows } = reportOf<Row>(out);
    expect(rows.filter(({ who }) => who === "strict")).toHaveLength(STEPS.length + 4);
    for (const { values, wrong } of rows)
      expect({ rounds: values.length, wrong }).toEqual({ rounds: 1, wrong: false });
  });

  test("Ctrl-C leaves what was measured", async () => {
    const { status, out } = await runBench("start", ["--rounds", "1000", "--json", "-"], 4000);
    expect(status).toBe(130);
    expect(reportOf(out).interrupted).toBe(true);
  });
});

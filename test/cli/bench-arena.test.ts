import { describe, expect, test } from "vitest";
import { CYCLE, OVERHEAD, REPLACE } from "../../bench/arena/blocks.ts";
import { QUICK } from "../../bench/arena/cases.ts";
import { TURNS } from "../../bench/arena/churn.ts";
import { external, peakOf, type Step } from "../../bench/arena/fragmentation.ts";
import { asMarkdown, asText } from "../../bench/arena/report.ts";
import type { Row } from "../../bench/arena/rows.ts";
import type { Header } from "../../bench/arena/run.ts";
import { targets } from "../../bench/arena/targets.ts";
import { rowsOf as threadsRows } from "../../bench/arena/threads.ts";
import { Tlsf } from "../../bench/arena/tlsf.ts";
import { FRAGMENTATION } from "../../bench/arena/traces.ts";
import { TRANSPOSE } from "../../bench/arena/views.ts";
import { Lot } from "../../bench/common/lot.ts";
import { find } from "../../bench/common/rows.ts";
import { resultsOf, textOf } from "../../bench/results-file/from-rows.ts";
import { readResults } from "../../bench/results-file/read.ts";
import { INTERRUPTED, isBuilt, reportOf, runBench, runQuickly } from "./bench-process.ts";
import { blasm } from "./terminal.ts";

describe("external fragmentation", () => {
  const alloc = (address: number, size: number): Step => ({ event: "alloc", address, size });
  const free = (address: number, size: number): Step => ({ event: "free", address, size });

  test("is none where blocks lie side by side, wherever the first one is", () => {
    const peak = peakOf([alloc(640, 64), alloc(704, 128), alloc(832, 64), free(832, 64)]);
    expect(peak).toEqual({ used: 256, blocks: 3, span: 256 });
    expect(external(peak)).toBe(0);
  });

  test("counts holes between blocks, not what lies behind the last one", () => {
    const steps = [alloc(0, 100), alloc(100, 100), free(0, 100), alloc(200, 300), free(200, 300)];
    expect(peakOf(steps)).toEqual({ used: 400, blocks: 2, span: 500 });
    expect(external(peakOf(steps))).toBeCloseTo(0.2);
  });

  test("is the worst of the times when most is in use", () => {
    const steps = [alloc(0, 100), alloc(100, 100), free(0, 100), alloc(300, 100)];
    expect(peakOf(steps)).toEqual({ used: 200, blocks: 2, span: 400 });
  });

  test("of nothing is 0", () => expect(external(peakOf([]))).toBe(0));
});

test("lots are drawn evenly, and the same for the same seed", () => {
  const draw = (lot: Lot): number[] => Array.from({ length: 10_000 }, () => lot.draw(10));
  const drawn = draw(new Lot(7));
  expect(draw(new Lot(7))).toEqual(drawn);
  for (let value = 0; value < 10; ++value) {
    expect(drawn.filter((one) => one === value).length / drawn.length).toBeCloseTo(0.1, 1);
  }
});

test("AssemblyScript's allocator: blocks do not overlap, and tell their sizes", () => {
  const tlsf = new Tlsf();
  const blocks = Array.from({ length: 1000 }, (_, i) => ({ address: tlsf.alloc(i), bytes: i }));
  for (const { address } of blocks.filter((_, i) => i % 2 === 0)) tlsf.free(address);
  const kept = blocks.filter((_, i) => i % 2 === 1);
  kept.sort((one, other) => one.address - other.address);
  for (const [i, { address, bytes }] of kept.entries()) {
    expect(tlsf.sizeOf(address)).toBeGreaterThanOrEqual(4 + bytes);
    const next = kept[i + 1]?.address ?? Number.POSITIVE_INFINITY;
    expect(address - 4 + tlsf.sizeOf(address)).toBeLessThanOrEqual(next - 4);
  }
});

describe("two threads", () => {
  /** Rounds of all turns; in each, this thread had the same rate. */
  const thread = (rounds: number, rate: number, isFirst: boolean): number[] =>
    Array.from({ length: rounds * TURNS.length }, (_, turn) =>
      isFirst || !TURNS[turn % TURNS.length]!.alone ? rate : 0,
    );

  test("rates are added up; the first round warms up", () => {
    const rows = threadsRows("2 threads", [thread(3, 100, true), thread(3, 60, false)], false);
    expect(rows.map(({ who, what, values }) => [who, what, values])).toEqual([
      ["arena", "one alone", [100, 100]],
      ["arena", "both at once", [160, 160]],
      ["la.zeros", "one alone", [100, 100]],
      ["la.zeros", "both at once", [160, 160]],
    ]);
  });

  test("nothing is said of an arena that came out wrong, nor of rounds that were interrupted", () => {
    const results = [thread(3, 100, true), thread(2, 60, false)];
    for (const { values } of threadsRows("", results, false)) expect(values).toHaveLength(1);
    for (const { values, wrong } of threadsRows("", results, true)) {
      expect({ values, wrong }).toEqual({ values: [], wrong: true });
    }
  });
});

const block = (label: string, who: string, what: string, values: number[]): Row => ({
  section: "blocks",
  label,
  who,
  what,
  unit: what === OVERHEAD ? "bytes" : "ns",
  values,
});

const trace = (label: string, who: string, value: number): Row => ({
  section: "traces",
  label,
  who,
  what: FRAGMENTATION,
  unit: "share",
  values: [value],
});

const ROWS: Row[] = [
  block("10 live", "arena", CYCLE, [200, 300, 100]),
  block("10 live", "arena", OVERHEAD, [64]),
  block("1000 live", "arena", CYCLE, [350, 360, 340]),
  block("1000 live", "arena", REPLACE, [900, 900, 900]),
  block("1000 live", "arena", OVERHEAD, [64]),
  block("10 live", "la.zeros", CYCLE, [410, 420, 400]),
  block("10 live", "AssemblyScript TLSF", CYCLE, [30]),
  { section: "views", label: "4 × 4", who: "blasm", what: TRANSPOSE, unit: "ns", values: [120, 130, 110] },
  ...threadsRows(
    "2 threads",
    [
      [1, 1, 1, 1, 4e6, 3e6, 2e6, 2e6],
      [1, 1, 1, 1, 0, 2e6, 0, 1e6],
    ],
    false,
  ),
  trace("blocked LU", "arena", 0),
  trace("notebook session", "arena", 0.164),
  trace("notebook session", "AssemblyScript TLSF", 0.22),
];

describe("targets", () => {
  const list = targets(ROWS);
  const named = (part: string) => list.find(({ figure }) => figure.includes(part));

  test("are reached or missed by medians, the worst case decides", () => {
    expect(named(`arena: ${CYCLE}`)).toMatchObject({
      wanted: "≤ 400 ns",
      got: "350 ns (worst of 2: 1000 live)",
      state: "reached",
    });
    expect(named(`la.zeros: ${CYCLE}`)).toMatchObject({ got: "410 ns (10 live)", state: "missed" });
    expect(named("a.T")).toMatchObject({ got: "120 ns (4 × 4)", state: "reached" });
    expect(named("block table")).toMatchObject({ got: "64 bytes (1000 live)", state: "reached" });
    expect(named(FRAGMENTATION)).toMatchObject({
      got: "16.4 % (worst of 2: notebook session)",
      state: "missed",
    });
  });

  test("flat is the most blocks' time over the fewest's", () => {
    expect(named("arena: the same")).toMatchObject({
      got: expect.stringMatching(/^1\.75 ×/),
    });
    expect(named("la.zeros: the same")).toMatchObject({ state: "not measured" });
  });

  test("two threads are compared with one, round by round", () => {
    expect(named("two threads")).toMatchObject({ got: "125.0 % (worst of 2: arena)", state: "reached" });
  });

  test("what was not measured says so", () => {
    expect(targets([]).every(({ state }) => state === "not measured")).toBe(true);
  });
});

describe("reports", () => {
  const header: Header = { ...INTERRUPTED, selection: QUICK, sampleMs: 10 };
  const wrong: Row = { ...trace("training loop", "arena", 0), values: [], wrong: true };
  const result = { header, rows: [...ROWS, wrong] };

  test("text has the figures side by side, targets, and says what is wrong", () => {
    const text = asText(result, false);
    expect(text).toMatch(/│ allocate \+ release\s+│ arena\s+│\s+200 │\s+350 │/);
    expect(text).toMatch(/│ allocate \+ release\s+│ AssemblyScript TLSF\s+│\s+30\.0 │\s+– │/);
    expect(text).toMatch(/│ arena\s+│\s+4\.00 M │\s+5\.00 M │\s+125 % │/);
    expect(text).toMatch(/│ notebook session │ AssemblyScript TLSF │\s+22\.0 % │/);
    expect(text).toMatch(/│ training loop\s+│ arena\s+│\s+WRONG │/);
    expect(text).toContain("interrupted");
    expect(text).toMatch(/Targets: \d+ reached, \d+ missed, \d+ not measured\.$/);
    expect(text).not.toMatch(/undefined|NaN|\[object/);
    expect(asText(result, true)).toContain("Details");
  });

  test("Markdown and the file of results have everything", () => {
    const markdown = asMarkdown(result);
    expect(markdown).toMatch(/^# blasm bench arena\n/);
    expect(markdown).toContain("| blocks | 10 live | arena | allocate + release | 200 | 100 | 300 |");
    const { measurements, runs } = readResults(textOf(resultsOf("arena", result)));
    expect(measurements).toHaveLength(result.rows.length);
    expect(runs[0]).toMatchObject({ bench: "arena", selection: QUICK, interrupted: true });
  });

  test("nothing measured is no error", () => {
    expect(asText({ header, rows: [] }, true)).toContain("Targets: 0 reached, 0 missed");
  });
});

test.each([
  [["--only", "holes"], 'There is no "holes"; take blocks, views, threads, traces.'],
  [["--rounds", "0"], '"0" is no whole number from 1 to 1000.'],
  [["--slow"], "unknown option '--slow'"],
  [["A.npy"], "too many arguments"],
])("bench arena %j is a usage error", async (args, message) => {
  const { status, out, err } = await blasm("bench", "arena", ...args);
  expect({ status, out }).toEqual({ status: 2, out: "" });
  expect(err).toContain(message);
});

describe.skipIf(!isBuilt)("dist/cli.js bench arena (skipped where it is not built)", () => {
  test("--quick measures everything; the arena and what was computed in it are right", async () => {
    const { status, out, markdown } = await runQuickly("arena");
    expect(status).toBe(0);
    const { environment, interrupted, rows } = reportOf<Row>(out);
    expect(interrupted).toBe(false);
    expect(environment).toMatchObject({ cores: expect.any(Number), cpu: expect.any(String) });
    expect(environment.runtime).toBe(`node ${process.versions.node}`);
    for (const row of rows) {
      expect(row.values.length, `${row.label} ${row.who} ${row.what}`).toBeGreaterThan(0);
      expect(row.values.every(Number.isFinite)).toBe(true);
      expect(row.wrong ?? false).toBe(false);
    }
    const sections = new Set(rows.map(({ section }) => section));
    expect([...sections].sort()).toEqual(["blocks", "threads", "traces", "views"]);
    for (const who of ["arena", "la.zeros", "AssemblyScript TLSF", "new Float64Array + GC"]) {
      for (const what of [CYCLE, REPLACE]) {
        expect(find(rows, { label: "100000 live", who, what }), `${who} ${what}`).toBeDefined();
      }
    }
    // What does not depend on the machine.
    expect(find(rows, { who: "arena", what: OVERHEAD })?.values).toEqual([64]);
    expect(find(rows, { who: "AssemblyScript TLSF", what: OVERHEAD })?.values).toEqual([16]);
    const fragmentation = (label: string) => find(rows, { label, who: "arena", what: FRAGMENTATION })!.values;
    expect(fragmentation("blocked LU")[0]).toBeLessThan(0.1);
    expect(fragmentation("training loop")[0]).toBeLessThan(0.1);
    expect(fragmentation("notebook session").length).toBeGreaterThan(1);
    expect(markdown).toContain("## Targets");
  });

  test("Ctrl-C leaves what was measured", async () => {
    const { status, out } = await runBench(
      "arena",
      ["--only", "traces,blocks", "--rounds", "1000", "--json", "-"],
      4000,
    );
    expect(status).toBe(130);
    const { interrupted, rows } = reportOf<Row>(out);
    expect(interrupted).toBe(true);
    expect(rows.length).toBeGreaterThan(0);
  });
});

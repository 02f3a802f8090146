import { describe, expect, test } from "vitest";
import { distinct, find, select } from "../../bench/common/rows.ts";
import { resultsOf, textOf } from "../../bench/results-file/from-rows.ts";
import { readResults } from "../../bench/results-file/read.ts";
import { BareCalls } from "../../bench/team/bare.ts";
import { QUICK } from "../../bench/team/cases.ts";
import { type Called, rowsOf as dispatchRows } from "../../bench/team/dispatch.ts";
import { ARENA, rowsOf as memoryRows } from "../../bench/team/memory.ts";
import {
  count,
  packedElements,
  rowsOf as partitionRows,
  SIZES,
  sharesOf,
  THREADS,
} from "../../bench/team/partition.ts";
import { asMarkdown, asText } from "../../bench/team/report.ts";
import type { Row } from "../../bench/team/rows.ts";
import type { Header } from "../../bench/team/run.ts";
import { rowOf as takenRow } from "../../bench/team/taken.ts";
import { targets } from "../../bench/team/targets.ts";
import { INTERRUPTED, isBuilt, reportOf, runBench, runQuickly } from "./bench-process.ts";
import { blasm } from "./terminal.ts";

const called = (who: string, asleep: boolean, latencies: number[], right = true): Called => ({
  who,
  asleep,
  latencies,
  right,
});

describe("dispatch", () => {
  test("quantiles of each round; awake and asleep, each caller by itself", () => {
    const rows = dispatchRows(1, [
      called("team", false, [1, 2, 9]),
      called("bare Atomics", false, [1, 1]),
      called("team", true, [40]),
      called("team", false, [3, 4, 5]),
    ]);
    const awake = { label: "2 threads, awake", who: "team" };
    expect(find(rows, { ...awake, what: "median" })).toMatchObject({ unit: "µs", values: [2, 4] });
    expect(find(rows, { ...awake, what: "99th percentile" })!.values[0]).toBeCloseTo(8.86);
    expect(find(rows, { label: "2 threads, asleep", who: "team", what: "median" })?.values).toEqual([40]);
    expect(find(rows, { ...awake, who: "bare Atomics", what: "median" })?.values).toEqual([1]);
  });

  test("one call that a member has not answered makes all of its rows wrong", () => {
    const rows = dispatchRows(3, [
      called("team", false, [1]),
      called("team", false, [1], false),
      called("bare Atomics", false, [1]),
    ]);
    for (const { who, values, wrong } of select(rows, { label: "4 threads, awake" })) {
      expect(wrong).toBe(who === "team");
      expect(values).toHaveLength(who === "team" ? 0 : 1);
    }
  });

  test("bare calls are ready when every member has answered the last one", () => {
    const words = new Int32Array(new SharedArrayBuffer(BareCalls.bytes(2) + 64));
    const calls = new BareCalls(words, 16, 2);
    words[16] = 7;
    words[32] = 8;
    expect(calls.areReady()).toBe(false);
    words[48] = 7;
    expect(calls.areReady()).toBe(false);
    words[48] = 8;
    expect(calls.areReady()).toBe(true);
  });
});

describe("partition, counted", () => {
  test("elements that are packed, on each path: operands in the cache none; A once for each n-panel", () => {
    expect(packedElements(256, 256, 256, false)).toBe(0);
    expect(packedElements(512, 512, 512, false)).toBe(2 * 512 ** 2);
    // 4096 columns of B are two panels of 2048.
    expect(packedElements(4096, 4096, 4096, false)).toBe(3 * 4096 ** 2);
    // So few columns: A is read in place.
    expect(packedElements(1024, 128, 1024, true)).toBe(128 * 1024);
  });

  test("tickets go to whoever is free first", () => {
    expect(sharesOf([5, 1, 1, 1, 1], 2)).toEqual([5, 4]);
    expect(sharesOf([3], 3)).toEqual([3, 0, 0]);
    expect(sharesOf([4, 3, 2, 1], 3)).toEqual([4, 3, 3]);
  });

  test("two halves of a square", () => {
    // 258 rows (whole tiles of 6) and 254; both pack all of B and their rows of A, one thread B and A once.
    const { tickets, balance, packed, synchronisations, speedUp } = count(512, 2);
    expect({ tickets, packed, synchronisations }).toEqual({ tickets: 2, packed: 1.5, synchronisations: 5 });
    const work = (rows: number): number => rows * 512 ** 2 + 10 * (rows * 512 + 512 ** 2);
    expect(balance).toBeCloseTo((work(258) + work(254)) / 2 / work(258), 12);
    const alone = 512 ** 3 + 10 * 2 * 512 ** 2;
    expect(speedUp).toBeCloseTo(alone / (work(258) + 50_000 + 4 * 5000), 12);
  });

  test("no prediction is above the number of threads, nor below one", () => {
    for (const n of SIZES) {
      for (const threads of THREADS) {
        const { speedUp, balance } = count(n, threads);
        expect(speedUp, `${n}, ${threads}`).toBeLessThanOrEqual(threads);
        expect(speedUp, `${n}, ${threads}`).toBeGreaterThan(1);
        expect(balance).toBeGreaterThan(0.5);
        expect(balance).toBeLessThanOrEqual(1);
      }
    }
  });

  test("where one thread packs nothing there is no ratio", () => {
    const rows = partitionRows(128, 2, count(128, 2));
    expect(find(rows, { what: "tickets" })?.values).toEqual([2]);
    expect(find(rows, { what: "packed" })).toBeUndefined();
  });
});

test("taken: rates from seconds; what is wrong has none", () => {
  const samples = { seconds: [0.5, 1], disturbed: 1 };
  expect(takenRow(1000, "2 threads", samples, true)).toMatchObject({
    label: "1000",
    unit: "GFLOP/s",
    values: [4, 2],
    wrong: false,
    disturbed: 1,
  });
  expect(takenRow(1000, "2 threads", samples, false)).toMatchObject({ values: [], wrong: true });
});

test("memory: the arena's peak without operands, over all members; what is resident, over those that came later", () => {
  const mib = 2 ** 20;
  const few = { members: 1, peak: 28 * mib, resident: 100 * mib };
  const many = { members: 5, peak: 44 * mib, resident: 148 * mib };
  const rows = memoryRows(24 * mib, 4 * mib, few, many);
  expect(rows.map(({ values }) => values)).toEqual([[4], [4], [12]]);
  expect(rows[1]!.what).toBe(ARENA);
});

const ROWS: Row[] = [
  ...dispatchRows(1, [
    called("team", false, [2]),
    called("team", false, [3]),
    called("bare Atomics", false, [1]),
    called("bare Atomics", false, [1]),
    called("team", true, [51]),
    called("bare Atomics", true, [34]),
  ]),
  ...partitionRows(4096, 16, {
    tickets: 48,
    balance: 0.99,
    packed: 4.5,
    synchronisations: 97,
    speedUp: 12.9,
  }),
  ...partitionRows(1024, 16, { tickets: 16, balance: 0.98, packed: 4, synchronisations: 33, speedUp: 14 }),
  takenRow(256, "2 threads", { seconds: [0.001, 0.002], disturbed: 0 }, true),
  takenRow(256, "1 thread", { seconds: [0.001, 0.001], disturbed: 0 }, true),
  takenRow(1024, "2 threads", { seconds: [0.1], disturbed: 0 }, true),
  takenRow(1024, "1 thread", { seconds: [0.15], disturbed: 0 }, true),
  ...memoryRows(
    0,
    2 ** 22,
    { members: 1, peak: 2 ** 22, resident: 0 },
    { members: 2, peak: 2 ** 23, resident: 1 },
  ),
];

describe("targets", () => {
  const list = targets(ROWS);
  const named = (part: string) => list.find(({ figure }) => figure.includes(part));

  test("are reached or missed by medians, by predictions, and by the rounds' ratios", () => {
    expect(named("2 threads, awake")).toMatchObject({ wanted: "≤ 3.0 µs", got: "2.5 µs", state: "reached" });
    expect(named("2 threads, asleep")).toMatchObject({
      wanted: "≤ 50.0 µs",
      got: "51.0 µs",
      state: "missed",
    });
    expect(named("n = 4096: speed-up on 16 cores, predicted")).toMatchObject({ state: "missed" });
    expect(named("n = 1024: speed-up on 16 cores, predicted")).toMatchObject({
      wanted: "≥ 10.00 ×",
      got: "14.00 ×",
      state: "reached",
    });
    expect(named("a core taken")).toMatchObject({ got: "75.0 % (worst of 2: 256)", state: "missed" });
    expect(named("memory")).toMatchObject({ got: "4.0 MiB", state: "reached" });
  });

  test("what was not measured says so", () => {
    const nothing = targets([]);
    expect(nothing.length).toBeGreaterThan(0);
    expect(nothing.every(({ state }) => state === "not measured")).toBe(true);
  });
});

describe("reports", () => {
  const header: Header = { ...INTERRUPTED, selection: QUICK, sampleMs: 10 };
  const wrong = takenRow(512, "2 threads", { seconds: [1], disturbed: 0 }, false);
  const result = { header, rows: [...ROWS, wrong] };

  test("text has the figures side by side, targets, and says what is wrong", () => {
    const text = asText(result, false);
    expect(text).toMatch(/│ 2 threads, awake\s+│ team\s+│\s+2\.50 │\s+2\.50× │/);
    expect(text).toMatch(/│ n = 4096\s+│ 16 threads\s+│\s+48 │\s+99 % │\s+4\.50× │\s+97 │\s+12\.90× │/);
    expect(text).toMatch(/│ 256\s+│\s+33\.6 │\s+25\.2 │\s+75 % │/);
    expect(text).toMatch(/│ 512\s+│\s+– │\s+WRONG │\s+– │/);
    expect(text).toContain("interrupted");
    expect(text).toMatch(/Targets: \d+ reached, \d+ missed, \d+ not measured\./);
    expect(asText(result, true)).toContain("Details");
  });

  test("Markdown and the file of results have everything", () => {
    const markdown = asMarkdown(result);
    expect(markdown).toMatch(/^# blasm bench team\n/);
    expect(markdown).toContain("| dispatch | 2 threads, awake | team | median | 2.50 | 2.00 | 3.00 |");
    const { measurements, runs } = readResults(textOf(resultsOf("team", result)));
    expect(measurements).toHaveLength(result.rows.length);
    expect(runs[0]).toMatchObject({ bench: "team", selection: QUICK, interrupted: true });
  });

  test("nothing measured is no error", () => {
    expect(asText({ header, rows: [] }, true)).toContain("Targets: 0 reached, 0 missed");
  });
});

test.each([
  [["--only", "speed"], 'There is no "speed"; take dispatch, partition, taken, memory.'],
  [["--rounds", "0"], '"0" is no whole number from 1 to 1000.'],
  [["--slow"], "unknown option '--slow'"],
  [["A.npy"], "too many arguments"],
])("bench team %j is a usage error", async (args, message) => {
  const { status, out, err } = await blasm("bench", "team", ...args);
  expect({ status, out }).toEqual({ status: 2, out: "" });
  expect(err).toContain(message);
});

describe.skipIf(!isBuilt)("dist/cli.js bench team (skipped where it is not built)", () => {
  test("--quick measures everything; members answer each call once, products are right", async () => {
    const { status, out, markdown } = await runQuickly("team");
    expect(status).toBe(0);
    const { interrupted, rows } = reportOf<Row>(out);
    expect(interrupted).toBe(false);
    for (const row of rows) {
      // n = 128 and 256 are small enough that nothing is packed.
      const unpacked = row.what === "packed" && ["n = 128", "n = 256"].includes(row.label);
      expect(row.values.length, `${row.label} ${row.who} ${row.what}`).toBe(unpacked ? 0 : 1);
      expect(row.wrong ?? false).toBe(false);
    }
    expect(distinct(rows.map(({ section }) => section))).toEqual([
      "dispatch",
      "partition",
      "taken",
      "memory",
    ]);
    expect(select(rows, { section: "partition" })).toHaveLength(5 * SIZES.length * THREADS.length);
    expect(select(rows, { section: "taken" })).toHaveLength(4);
    expect(find(rows, { what: ARENA })!.values[0]).toBeGreaterThanOrEqual(4);
    expect(markdown).toContain("## Targets");
  });

  test("Ctrl-C leaves what was measured", async () => {
    const args = ["--only", "partition,dispatch", "--rounds", "1000", "--json", "-"];
    const { status, out } = await runBench("team", args, 4000);
    expect(status).toBe(130);
    const { interrupted, rows } = reportOf<Row>(out);
    expect(interrupted).toBe(true);
    expect(rows.length).toBeGreaterThan(0);
    for (const { values } of select(rows, { section: "dispatch" })) expect(values.length).toBeLessThan(1000);
  });
});

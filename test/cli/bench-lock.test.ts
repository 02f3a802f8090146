import { describe, expect, test } from "vitest";
import { find, select } from "../../bench/common/rows.ts";
import { NodeHeapGauge } from "../../bench/host/node/heap.ts";
import { QUICK } from "../../bench/lock/cases.ts";
import { rowsOf as contendedRows, WARM_UP } from "../../bench/lock/contended.ts";
import { rowsOf as gilRows } from "../../bench/lock/gil.ts";
import { type Hammered, TURNS } from "../../bench/lock/hammer.ts";
import { TURNS as PULLS } from "../../bench/lock/ping-pong.ts";
import { asMarkdown, asText } from "../../bench/lock/report.ts";
import type { Row } from "../../bench/lock/rows.ts";
import type { Header } from "../../bench/lock/run.ts";
import { targets } from "../../bench/lock/targets.ts";
import { rowsOf as wakeUpRows } from "../../bench/lock/wake-up.ts";
import { resultsOf, textOf } from "../../bench/results-file/from-rows.ts";
import { readResults } from "../../bench/results-file/read.ts";
import { INTERRUPTED, isBuilt, reportOf, runBench, runQuickly } from "./bench-process.ts";
import { blasm } from "./terminal.ts";

/** Rounds of all turns; in each, this thread did the same. */
const thread = (rounds: number, one: Hammered): Hammered[] =>
  Array.from({ length: rounds * TURNS.length }, () => one);

describe("contended", () => {
  const first = { acquires: 300, ms: 100, longest: 2, counted: 400 };
  const second = { acquires: 100, ms: 50, longest: 3, counted: undefined };

  test("throughput is of all threads, the longest wait and the least share of one; the first rounds warm up", () => {
    const rows = contendedRows("2 threads", [thread(WARM_UP + 2, first), thread(WARM_UP + 2, second)]);
    const of = (who: string, what: string) => find(rows, { who, what })?.values;
    expect(of("blasm Lock", "throughput")).toEqual([5000, 5000]);
    expect(of("blasm Lock", "longest wait")).toEqual([3, 3]);
    expect(of("blasm Lock", "least share")).toEqual([0.25, 0.25]);
    expect(of("no lock", "longest wait")).toEqual([3, 3]);
    expect(of("no lock", "throughput")).toBeUndefined();
    expect(rows.some(({ wrong }) => wrong)).toBe(false);
  });

  test("a counter that is not exact makes all of its lock's rows wrong", () => {
    const spinlock = TURNS.findIndex(({ contestant }) => contestant === "spinlock");
    const miscounted = thread(WARM_UP + 2, first);
    miscounted[TURNS.length + spinlock] = { ...first, counted: 399 };
    const rows = contendedRows("2 threads", [miscounted, thread(WARM_UP + 2, second)]);
    for (const { who, wrong, values } of rows) {
      expect(wrong).toBe(who === "spinlock");
      expect(values).toHaveLength(wrong ? 0 : 2);
    }
  });

  test("what was interrupted has the rounds that all threads have done", () => {
    const rows = contendedRows("2 threads", [thread(WARM_UP + 2, first), thread(WARM_UP + 1, second)]);
    expect(find(rows, { who: "wait/notify", what: "throughput" })?.values).toHaveLength(1);
    expect(select(contendedRows("2 threads", [[], []]), { wrong: true })).toEqual([]);
  });
});

test("wake-ups: quantiles over both threads, the first round warms up", () => {
  const one = (latencies: number[]) => Array.from({ length: 2 * PULLS.length }, () => latencies);
  const rows = wakeUpRows([one([1, 2, 3]), one([4, 5])]);
  const lock = { who: "Lock", label: "blocking" };
  expect(find(rows, { ...lock, what: "median" })).toMatchObject({ unit: "µs", values: [3] });
  expect(find(rows, { ...lock, what: "99th percentile" })!.values[0]).toBeCloseTo(4.96);
  expect(new Set(rows.map(({ label }) => label))).toEqual(new Set(["blocking", "asynchronous"]));
});

test("GIL: shares of the work, switches a second; the first round warms up", () => {
  const ran = (...pieces: number[]) => pieces.map((count) => ({ pieces: count, switches: 100 }));
  const rows = gilRows(500, 5, [ran(1, 60), ran(1, 40)]);
  expect(rows.map(({ what, values }) => [what, values])).toEqual([
    ["share of thread 1", [0.6]],
    ["share of thread 2", [0.4]],
    ["switches", [200]],
  ]);
});

describe("bytes a call allocates", () => {
  let kept: unknown;

  test("are seen, and none where none are", async () => {
    const gauge = new NodeHeapGauge();
    const object = await gauge.bytesPerCall((calls) => {
      for (let i = 0; i < calls; ++i) kept = { value: i & 7 };
    });
    const nothing = await gauge.bytesPerCall((calls) => {
      for (let i = 0; i < calls; ++i) kept = i & 7;
    });
    gauge.close();
    expect(kept).toBeTypeOf("number");
    expect(object).toBeGreaterThan(8);
    expect(nothing).toBeLessThan(1);
  });
});

const ROWS: Row[] = [
  ...(
    [
      ["bare Atomics", "Atomics", "compareExchange + exchange", [20, 10]],
      ["bare Atomics", "Atomics", "load", [8, 4]],
      ["blasm", "Lock", "acquire + release", [30, 15]],
      ["blasm", "RLock", "acquire + release", [90, 45]],
      ["blasm", "Gil", "checkpoint, nobody asks", [9, 9]],
    ] as const
  ).map(
    ([who, label, what, values]): Row => ({ section: "uncontended", who, label, what, unit: "ns", values }),
  ),
  {
    section: "uncontended",
    who: "blasm",
    label: "Lock",
    what: "acquire + release",
    unit: "bytes",
    values: [0.0006, 0.0006],
  },
  ...(
    [
      ["blasm Lock", [9e6, 8e6], [1, 3]],
      ["spinlock", [1e7, 1e7], [4, 4]],
      ["wait/notify", [1e6, 1e6], [1, 1]],
    ] as const
  ).flatMap(([who, throughput, wait]): Row[] => {
    const common = { section: "contended", label: "2 threads", who } as const;
    return [
      { ...common, what: "throughput", unit: "1/s", values: throughput },
      { ...common, what: "longest wait", unit: "ms", values: wait },
    ];
  }),
  ...gilRows(500, 5, [
    [
      { pieces: 1, switches: 1 },
      { pieces: 56, switches: 90 },
    ],
    [
      { pieces: 1, switches: 1 },
      { pieces: 44, switches: 90 },
    ],
  ]),
];

describe("targets", () => {
  const list = targets(ROWS);
  const named = (part: string) => list.find(({ figure }) => figure.includes(part));

  test("are reached or missed by medians, and by the rounds' ratios", () => {
    expect(named("Lock: uncontended acquire")).toMatchObject({ got: "22.5 ns", state: "reached" });
    expect(named("Lock: of bare")).toMatchObject({ got: "1.50 ×", state: "reached" });
    expect(named("Lock: bytes allocated")).toMatchObject({ got: "0.00 bytes", state: "reached" });
    expect(named("RLock: uncontended")).toMatchObject({ got: "67.5 ns", state: "missed" });
    expect(named("checkpoint")).toMatchObject({ got: "9.0 ns", state: "reached" });
    expect(named("share is off")).toMatchObject({ got: expect.stringMatching(/^6\.0 %/), state: "missed" });
  });

  test("the better rival decides", () => {
    expect(named("throughput")).toMatchObject({
      got: "85.0 % (worst of 2: spinlock)",
      wanted: "≥ 80.0 %",
      state: "reached",
    });
    expect(named("longest wait")).toMatchObject({ got: "2.00 × (worst of 2: wait/notify)", state: "missed" });
  });

  test("what was not measured says so", () => {
    expect(named("Semaphore: uncontended")).toMatchObject({ got: "–", state: "not measured" });
    expect(targets([]).every(({ state }) => state === "not measured")).toBe(true);
  });
});

describe("reports", () => {
  const header: Header = { ...INTERRUPTED, selection: QUICK, sampleMs: 10 };
  const wrong: Row = {
    section: "contended",
    label: "4 threads",
    who: "blasm Lock",
    what: "longest wait",
    unit: "ms",
    values: [],
    wrong: true,
  };
  const result = { header, rows: [...ROWS, wrong] };

  test("text has the figures side by side, targets, and says what is wrong", () => {
    const text = asText(result, false);
    expect(text).toMatch(/│ Lock\s+│ acquire \+ release\s+│ 22\.5 │\s+33 % │\s+1\.50× │\s+0\.00 │/);
    expect(text).toMatch(/│ 2 threads │ spinlock\s+│\s+10\.0 │\s+– │\s+4\.00 │\s+4\.00 │/);
    expect(text).toMatch(/│ 4 threads │ blasm Lock\s+│.*WRONG/);
    expect(text).toMatch(/switches\s+│\s+180 │/);
    expect(text).toContain("interrupted");
    expect(text).toMatch(/Targets: \d+ reached, \d+ missed, \d+ not measured\./);
    expect(asText(result, true)).toContain("Details");
  });

  test("Markdown and the file of results have everything", () => {
    const markdown = asMarkdown(result);
    expect(markdown).toMatch(/^# blasm bench lock\n/);
    expect(markdown).toContain("| contended | 2 threads | spinlock | longest wait | 4.00 | 4.00 | 4.00 |");
    const { measurements, runs } = readResults(textOf(resultsOf("lock", result)));
    expect(measurements).toHaveLength(result.rows.length);
    expect(runs[0]).toMatchObject({ bench: "lock", selection: QUICK, interrupted: true });
  });

  test("nothing measured is no error", () => {
    expect(asText({ header, rows: [] }, true)).toContain("Targets: 0 reached, 0 missed");
  });
});

test.each([
  [["--only", "unlocked"], 'There is no "unlocked"; take uncontended, contended, wake-up, gil.'],
  [["--rounds", "0"], '"0" is no whole number from 1 to 1000.'],
  [["--slow"], "unknown option '--slow'"],
  [["A.npy"], "too many arguments"],
])("bench lock %j is a usage error", async (args, message) => {
  const { status, out, err } = await blasm("bench", "lock", ...args);
  expect({ status, out }).toEqual({ status: 2, out: "" });
  expect(err).toContain(message);
});

describe.skipIf(!isBuilt)("dist/cli.js bench lock (skipped where it is not built)", () => {
  test("--quick measures everything; what the locks guarded is exact", async () => {
    const { status, out, markdown } = await runQuickly("lock");
    expect(status).toBe(0);
    const { interrupted, rows } = reportOf<Row>(out);
    expect(interrupted).toBe(false);
    for (const row of rows) {
      const rounds = row.section === "contended" ? 2 : 1;
      expect(row.values.length, `${row.label} ${row.who} ${row.what}`).toBe(rounds);
      expect(row.wrong ?? false).toBe(false);
    }
    const sections = new Set(rows.map(({ section }) => section));
    expect([...sections].sort()).toEqual(["contended", "gil", "uncontended", "wake-up"]);
    expect(select(rows, { what: "throughput" })).toHaveLength(12);
    expect(markdown).toContain("## Targets");
  });

  test("Ctrl-C leaves what was measured", async () => {
    const { status, out } = await runBench(
      "lock",
      ["--only", "gil,contended", "--rounds", "1000", "--json", "-"],
      4000,
    );
    expect(status).toBe(130);
    const { interrupted, rows } = reportOf<Row>(out);
    expect(interrupted).toBe(true);
    expect(rows.length).toBeGreaterThan(0);
  });
});

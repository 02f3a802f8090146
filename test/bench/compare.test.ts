import { describe, expect, test } from "vitest";
import { Lot } from "../../bench/common/lot.ts";
import {
  type Comparison,
  compare,
  differenceOf,
  meanOf,
  regressions,
  type Verdict,
} from "../../bench/results-file/compare.ts";
import { asMarkdown, asText } from "../../bench/results-file/compare-report.ts";
import type { Measurement } from "../../bench/results-file/format.ts";
import { measurement, resultsWith } from "./samples.ts";

const TIGHT = [100, 100.4, 99.7, 100.2, 99.9, 100.1, 99.8, 100.3, 99.6];
const scaled = (factor: number): number[] => TIGHT.map((value) => factor * value);
const of = (values: number[], over: Partial<Measurement> = {}): Measurement =>
  measurement({ values, machine: null, ...over });

describe("a verdict", () => {
  const LOWER = { unit: "ns", better: "lower" } as const;
  const BYTES = { unit: "bytes", better: "lower" } as const;
  const COUNT = { unit: "count", better: "neither" } as const;
  test.each<[string, Measurement, Measurement, Verdict]>([
    ["5 % more GFLOP/s", of(TIGHT), of(scaled(1.05)), "better"],
    ["5 % fewer GFLOP/s", of(TIGHT), of(scaled(0.95)), "worse"],
    ["5 % more nanoseconds", of(TIGHT, LOWER), of(scaled(1.05), LOWER), "worse"],
    ["5 % fewer nanoseconds", of(TIGHT, LOWER), of(scaled(0.95), LOWER), "better"],
    ["another count", of(TIGHT, { better: "neither" }), of(scaled(1.05), { better: "neither" }), "differs"],
    ["0.1 % more", of(TIGHT), of(scaled(1.001)), "noise"],
    ["the same numbers", of([4]), of([4]), "same"],
    ["two values", of([100, 101]), of([50, 51]), "too few"],
    ["one rate", of([100]), of([50]), "too few"],
    ["900 bytes for 100", of([100], BYTES), of([900], BYTES), "worse"],
    ["5 bytes for none", of([0, 0, 0], BYTES), of([5], BYTES), "worse"],
    ["no bytes for 5", of([5], BYTES), of([0], BYTES), "better"],
    ["no bytes for none", of([0], BYTES), of([0], BYTES), "same"],
    ["another count of chains", of([11], COUNT), of([13], COUNT), "differs"],
    ["nothing measured", of([]), of(TIGHT), "too few"],
    ["a wrong result", of(TIGHT), of([], { wrong: true }), "wrong"],
    ["a result that was wrong", of([], { wrong: true }), of(TIGHT), "was wrong"],
    // One bad round is no change.
    ["one round spoilt", of(TIGHT), of([...scaled(1).slice(0, 8), 50]), "noise"],
    // The medians are 4 % apart, within wide spreads.
    ["wide spreads", of([80, 90, 100, 110, 120]), of([84, 94, 104, 114, 124]), "noise"],
  ])("%s: %s", (_, baseline, other, verdict) => {
    expect(differenceOf(baseline, other).verdict).toBe(verdict);
  });

  test("a change that the machine's pace explains is noise", () => {
    const machine = (share: number): number[] => TIGHT.map(() => share);
    const cool = of(TIGHT, { machine: machine(0.98) });
    expect(differenceOf(cool, of(scaled(0.88), { machine: machine(0.85) })).verdict).toBe("noise");
    expect(differenceOf(cool, of(scaled(0.7), { machine: machine(0.85) })).verdict).toBe("worse");
    expect(differenceOf(cool, of(scaled(0.88), { machine: machine(0.98) })).verdict).toBe("worse");
  });

  test("ratios are so that above 1 is better, and have bounds around them", () => {
    const { ratio, low, high } = differenceOf(of(TIGHT, LOWER), of(scaled(2), LOWER));
    expect(ratio).toBeCloseTo(0.5);
    expect(low).toBeGreaterThan(0.49);
    expect(low).toBeLessThanOrEqual(ratio!);
    expect(high).toBeGreaterThanOrEqual(ratio!);
    expect(high).toBeLessThan(0.51);
  });

  test("two runs of the same are seldom called different; of what differs by 10 %, hardly ever the same", () => {
    const lot = new Lot(11);
    const run = (middle: number): Measurement =>
      of(
        Array.from({ length: 9 }, () => {
          const sum = Array.from({ length: 12 }, () => lot.draw(1000) / 1000).reduce(
            (total, x) => total + x,
            -6,
          );
          return middle * (1 + 0.02 * sum);
        }),
      );
    const verdicts = (middle: number): Verdict[] =>
      Array.from({ length: 200 }, () => differenceOf(run(100), run(middle)).verdict);
    expect(verdicts(100).filter((verdict) => verdict !== "noise").length).toBeLessThan(12);
    expect(verdicts(90).filter((verdict) => verdict === "worse").length).toBeGreaterThan(195);
  });
});

const before = {
  name: "before.json",
  results: resultsWith([
    of(TIGHT),
    of(TIGHT, { label: "64", n: 64 }),
    of(TIGHT, { label: "8", n: 8 }),
    of(scaled(0.2), {
      bench: "lock",
      section: "uncontended",
      dtype: null,
      unit: "ns",
      better: "lower",
      n: null,
    }),
  ]),
};
const after = {
  name: "after.json",
  results: resultsWith(
    [
      of(scaled(0.8)),
      of(scaled(1.25), { label: "64", n: 64 }),
      of(scaled(0.1), {
        bench: "lock",
        section: "uncontended",
        dtype: null,
        unit: "ns",
        better: "lower",
        n: null,
      }),
      of(TIGHT, { label: "2048", n: 2048 }),
      of(TIGHT, { label: "4096", n: 4096 }),
    ],
    { runtime: "node 20.1.0", commit: "def" },
  ),
};

describe("files", () => {
  const comparison = compare([before, after]);

  test("are compared in what both have; what only one has is counted", () => {
    expect(comparison.quantities.map(({ quantity }) => quantity.label)).toEqual(["512", "64", "512"]);
    expect(comparison.alone).toEqual([1, 2]);
    expect(comparison.distinctions).toEqual([
      { what: "runtime", values: ["node 26.0.0", "node 20.1.0"] },
      { what: "commit", values: ["abc", "def"] },
    ]);
    expect(meanOf(comparison, "gemm", 0)).toBeCloseTo(1);
    expect(meanOf(comparison, "lock", 0)).toBeCloseTo(2);
    expect(meanOf(comparison, "team", 0)).toBeUndefined();
  });

  test("the same file twice differs in nothing", () => {
    const same = compare([before, { ...before, name: "again.json" }]);
    expect(same.distinctions).toEqual([]);
    for (const { others } of same.quantities) expect(others[0]!.verdict).toBe("noise");
  });

  test("several are each compared with the first", () => {
    const three: Comparison = compare([before, after, { ...before, name: "again.json" }]);
    expect(three.quantities.map(({ others }) => others.map((other) => other?.verdict))).toEqual([
      ["worse", "noise"],
      ["better", "noise"],
      [undefined, "noise"],
      ["better", "noise"],
    ]);
  });

  test("what was counted is a regression; too few numbers are none, and in no mean", () => {
    const file = (bytes: number, rate: number) => ({
      name: `${bytes}.json`,
      results: resultsWith([of([bytes], { unit: "bytes", better: "lower" }), of([rate], { label: "64" })]),
    });
    const more = compare([file(100, 2), file(900, 1)]);
    expect(regressions(more, 0.05).map(({ quantity }) => quantity.unit)).toEqual(["bytes"]);
    expect(meanOf(more, "gemm", 0)).toBeCloseTo(1 / 9);
    expect(regressions(compare([file(0, 1), file(5, 1)]), 0.5)).toHaveLength(1);
    expect(regressions(compare([file(5, 1), file(0, 1)]), 0)).toEqual([]);
  });

  test("regressions are what is worse by more, or wrong", () => {
    expect(regressions(comparison, 0.1).map(({ quantity }) => quantity.label)).toEqual(["512"]);
    expect(regressions(comparison, 0.25)).toEqual([]);
    const wrong = { name: "wrong.json", results: resultsWith([of([], { wrong: true })]) };
    expect(regressions(compare([before, wrong]), 1)).toHaveLength(1);
  });

  test("with nothing in common are refused, saying what each has", () => {
    const other = {
      name: "other.json",
      results: resultsWith([of(TIGHT, { bench: "stream", section: "triad" })]),
    };
    expect(() => compare([before, after, other])).toThrow(
      "They have no quantity in common: before.json has gemm (squares; tuned; float32), lock (uncontended; tuned); " +
        "other.json has stream (triad; tuned; float32).",
    );
    expect(() => compare([before, { name: "none.json", results: resultsWith([]) }])).toThrow(
      "none.json has none at all",
    );
  });

  test("text and Markdown: differences first, a table a bench, geometric means", () => {
    const text = asText(comparison, false);
    expect(text.indexOf("What the files do not have in common")).toBe(0);
    expect(text).toMatch(/│ runtime │ node 26\.0\.0 │ node 20\.1\.0 │/);
    expect(text).toContain("gemm; geometric mean of the ratios: after.json 1.000");
    expect(text).toContain("lock; geometric mean of the ratios: after.json 2.000");
    expect(text).toMatch(
      /│ squares float32 512 │ tuned, gemm │ GFLOP\/s │\s+100 │\s+80\.0 │\s+0\.800 │ 0\.79\d … 0\.80\d │\s+worse │/,
    );
    expect(text).toContain("before.json has 1 quantity that no other file has.");
    expect(text).toContain("after.json has 2 quantities that the baseline does not have.");
    expect(text).not.toMatch(/undefined|NaN|\[object/);
    const markdown = asMarkdown(comparison, false);
    expect(markdown).toContain("| runtime | node 26.0.0 | node 20.1.0 |");
    expect(markdown).toContain("| squares float32 64 | tuned, gemm | GFLOP/s | 100 | 125 | 1.250 |");
  });

  test("few values are said to prove little", () => {
    expect(asText(comparison, false)).not.toContain("weak");
    const few = { name: "few.json", results: resultsWith([of(TIGHT.slice(0, 3))]) };
    expect(asText(compare([before, few]), false)).toContain("Verdicts on fewer than 5 values are weak");
  });

  test("only what changed can be shown", () => {
    const third = compare([before, { ...before, name: "again.json" }]);
    expect(asText(third, true)).toContain("gemm, 0 of 3 that changed");
    expect(asText(third, true)).not.toContain("squares");
    expect(asText(comparison, true)).toContain("gemm, 2 of 2 that changed");
  });
});

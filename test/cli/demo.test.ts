import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { middleOf } from "../../src/cli/demo/figure.ts";
import { paragraph, table } from "../../src/cli/demo/report.ts";
import type { Span } from "../../src/index.ts";
import { blasm } from "./terminal.ts";

const cli = join(import.meta.dirname, "../../dist/cli.js");
const DEMOS = ["lock", "gil-cpu", "gil-io", "gil-kernel"] as const;
type Demo = (typeof DEMOS)[number];

interface Data {
  readonly demo: Demo;
  readonly cores: number;
  readonly pictures: readonly { title: string; ids: number[]; spans: Span[] }[];
}

describe("the command line", () => {
  test("help names the demos", async () => {
    const { status, out } = await blasm("demo", "--help");
    expect(status).toBe(0);
    for (const name of DEMOS) expect(out).toContain(name);
  });

  test.each([
    [["demo"], "Usage: blasm demo"],
    [["demo", "nothing"], "unknown command 'nothing'"],
    [["demo", "lock", "--fast"], "unknown option '--fast'"],
    [["demo", "lock", "extra"], "too many arguments"],
    [["demo", "lock", "--svg"], "option '-o, --svg <file>' argument missing"],
  ])("%j is a usage error", async (args, message) => {
    const { status, out, err } = await blasm(...args);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toContain(message);
  });
});

describe("texts", () => {
  test("paragraphs are broken at spaces, words are not", () => {
    const long = "x".repeat(100);
    expect(paragraph(`${"word ".repeat(17)}${long} end`).split("\n")).toEqual([
      "word ".repeat(16).trimEnd(),
      "word",
      long,
      "end",
    ]);
  });

  test("tables align names to the left and numbers to the right", () => {
    const rows = [
      ["", "time"],
      ["a", "1.0 ms"],
      ["bcd", "10.0 ms"],
    ];
    expect(table(rows).split("\n")).toEqual(["         time", "a      1.0 ms", "bcd   10.0 ms"]);
  });

  test("the middle of a recording: cut off at both ends, from 0", () => {
    const span = (start: number, end: number): Span => ({ thread: 1, activity: "held", start, end });
    const spans = [span(0, 10), span(10, 44), span(44, 48), span(48, 60), span(60, 100)];
    expect(middleOf(spans, 10)).toEqual([span(0, 3), span(3, 10)]);
    expect(middleOf(spans.slice(0, 1), 20)).toEqual([span(5, 15)]);
  });
});

// The times that are measured depend on what else the machine does; nothing is asserted of them.
describe.skipIf(!existsSync(cli))("dist/cli.js (skipped where it is not built)", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "blasm-demo-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function demo(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, "demo", ...args], {
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  }

  function dataOf<T>(name: Demo): Data & T {
    const { status, stdout, stderr } = demo(name, "--json");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return JSON.parse(stdout) as Data & T;
  }

  /** Milliseconds that the threads spent with something, in a picture. */
  const spent = ({ spans }: Data["pictures"][number], activity: Span["activity"]): number =>
    spans.filter((span) => span.activity === activity).reduce((sum, { start, end }) => sum + end - start, 0);

  /** No two threads hold it at once, as far as their clocks agree. */
  function expectExclusion({ spans }: Data["pictures"][number]): void {
    const held = spans.filter(({ activity }) => activity === "held");
    expect(held.length).toBeGreaterThan(0);
    for (const [i, { start }] of held.entries()) {
      expect(start).toBeGreaterThanOrEqual(held[i - 1]?.end ?? 0);
    }
  }

  describe.each(DEMOS)("%s", (name) => {
    test("explains itself on a terminal of 80 columns, and writes its pictures", () => {
      const file = join(folder, `${name}.svg`);
      const { status, stdout, stderr } = demo(name, "--svg", file);
      expect({ status, stderr }).toEqual({ status: 0, stderr: `${file}: the pictures\n` });
      expect(stdout).toMatch(/^thread 1 │.*[█▄·]/m);
      expect(stdout).toMatch(/ \d+\.\d ms/);
      expect(stdout).not.toMatch(/NaN|undefined|Infinity/);
      for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);

      const svg = readFileSync(file, "utf8");
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      expectWellFormed(svg);
      expect(svg.length).toBeLessThan(40_000);
    });
  });

  test("lock: increments get lost without it, none with it, and one thread at a time holds it", () => {
    const { expected, runs, pictures } = dataOf<{
      expected: number;
      runs: Record<"without" | "with", { counted: number; lost: number }>;
    }>("lock");
    const { without } = runs;
    expect(without.counted).toBeGreaterThan(0);
    expect(without.counted).toBeLessThanOrEqual(expected);
    expect(without.lost).toBe(expected - without.counted);
    expect(runs.with).toMatchObject({ counted: expected, lost: 0 });
    const [unguarded, guarded] = pictures;
    expect(spent(unguarded!, "held")).toBe(0);
    expect(spent(unguarded!, "compute")).toBeGreaterThan(0);
    expectExclusion(guarded!);
  });

  test("gil-cpu: two threads take turns", () => {
    const { primes, runs, pictures } = dataOf<{
      primes: number;
      runs: { gil: { shares: number[]; switches: number } };
    }>("gil-cpu");
    expect(primes).toBe(56_543);
    expect(runs.gil.shares).toHaveLength(2);
    const [one, other] = runs.gil.shares;
    expect(one! + other!).toBeGreaterThan(0);
    expect(one! + other!).toBeLessThan(1.001);
    expect(runs.gil.switches).toBeGreaterThan(1);
    expectExclusion(pictures[0]!);
  });

  test("gil-io: IO is done without the GIL, if it is released", () => {
    const { pictures } = dataOf("gil-io");
    const [holding, releasing] = pictures;
    expect(holding!.ids).toHaveLength(3);
    expectExclusion(holding!);
    expectExclusion(releasing!);
    expect(spent(holding!, "io")).toBe(0);
    expect(releasing!.spans.filter(({ activity }) => activity === "io")).toHaveLength(12);
  });

  test("gil-kernel: products are computed without the GIL, if it is released", () => {
    const { pictures } = dataOf("gil-kernel");
    const [holding, releasing] = pictures;
    expectExclusion(holding!);
    expectExclusion(releasing!);
    expect(spent(holding!, "compute")).toBe(0);
    expect(releasing!.spans.filter(({ activity }) => activity === "compute")).toHaveLength(16);
  });

  test("a picture that cannot be written is an error", () => {
    const file = join(folder, "no", "such.svg");
    const { status, stderr } = demo("gil-io", "-o", file);
    expect({ status, stderr }).toEqual({ status: 1, stderr: `blasm: ${file}: no such file or directory\n` });
  });
});

/** Every element is closed, in order; texts and attributes hold no bare markup. */
function expectWellFormed(xml: string): void {
  const open: string[] = [];
  const token = /<(\/?)(\w+)((?: [\w:-]+="[^"<]*")*)(\/?)>|([^<>]+)/y;
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex;
    const found = token.exec(xml);
    expect(found, xml.slice(at, at + 60)).not.toBeNull();
    const [, closing, tag, attributes = "", empty, text = ""] = found!;
    expect(attributes + text).not.toMatch(/&(?!#\d+;)/);
    const names = Array.from(attributes.matchAll(/([\w:-]+)=/g), ([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    if (closing) expect(open.pop()).toBe(tag);
    else if (tag !== undefined && !empty) open.push(tag);
  }
  expect(open).toEqual([]);
}

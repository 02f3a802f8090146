import Table from "cli-table3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BUILDS } from "../../src/kernels/builds.ts";
import { RECIPES } from "../../src/kernels/window.ts";
import { missing } from "../engines/runtimes.ts";
// Hashes over the bits of all that the suite computes: multiplied, then added; and fused, as most CPUs do.
import golden from "./golden.json";
import { Project } from "./project.ts";
import { ROWS, type Row, type Sight } from "./rows.ts";
import type { Conformance } from "./suite/conformance.mjs";
import type { Report } from "./suite/suite.mjs";

// Everywhere its users are: the packed package does the same in every row of rows.ts, as the suite (suite/suite.mjs) tests it.

let project: Project;
const lines: string[][] = [];

beforeAll(async () => {
  project = await Project.create();
}, 120_000);

afterAll(async () => {
  const head = ["row", "threads", "builds", "GFLOP/s, float32, float64", "notes"];
  const table = new Table({
    head,
    style: { head: [], border: [] },
    colWidths: [48, 9, 24, 18, 60],
    wordWrap: true,
  });
  table.push(...lines);
  console.log(table.toString());
  await project?.remove();
});

test.for(ROWS.map((row) => [row.name, row] as const))(
  "%s",
  { timeout: 300_000 },
  async ([, row], { skip }) => {
    const what = row.missing();
    if (what !== undefined) {
      lines.push([row.name, "", "", "", `${what} is not installed here`]);
      return skip(missing(what));
    }
    const report = await row.run(project).catch((error: Error) => {
      lines.push([row.name, "", "", "", `FAILED: ${error.message.split("\n")[0]}`]);
      throw error;
    });
    lines.push(lineOf(row, report));
    checkThreads(report, row.threads);
    checkBuilds(report.builds, row);
  },
);

function lineOf({ name }: Row, { builds, threads }: Report): string[] {
  const usual = builds.find(({ asked }) => asked === "relaxed")!;
  const chosen = [...new Set(builds.map((build) => build.chosen))];
  const { float32, float64 } = usual.gflops;
  const rates = float32 > 0 ? `${float32.toFixed(1)}, ${float64.toFixed(1)}` : "–";
  return [name, String(threads.used), chosen.join(", "), rates, threads.used === 1 ? threads.reason : ""];
}

/** What every host sees of threads. */
const TOGETHER = [
  "a lock between three threads",
  "a product of another thread",
  "an exception with its stack",
  "a holder terminated in an endless loop",
];
const PRODUCT = "an asynchronous product";

function checkThreads({ threads }: Report, sight: Sight): void {
  const { used, reason, checks } = threads;
  if (typeof sight === "object") {
    expect(checks).toEqual(["spawn says why not", "a lock of its own", PRODUCT]);
    expect({ used, reason }).toEqual({ used: 1, reason: expect.stringMatching(sight.alone) });
    return;
  }
  const block = sight === "blocking" ? "this thread may block" : "this thread is told that it may not block";
  expect(checks).toEqual([...TOGETHER, block, PRODUCT]);
  expect(used).toBe(2);
}

function checkBuilds(reports: readonly Conformance[], { threads, builds = BUILDS }: Row): void {
  expect(reports.map(({ asked }) => asked)).toEqual(builds);
  for (const { asked, chosen, reason, bits, relaxedSimd, fused, engine, shared, v8 } of reports) {
    if (chosen === "strict") expect(bits, "the strict build's bits").toBe(golden.strict);
    else if (fused) expect(bits, "the bits of fused multiply-adds").toBe(golden.fused);
    // Relaxed and tuned: the same bits.
    else expect(bits).toBe(reports.find((build) => build.chosen !== "strict")?.bits);
    expect(shared).toBe(typeof threads === "string" || threads.shared === true);
    // The tuned build needs V8's x86-64 back end; elsewhere its fallback must be as good.
    const isTunable = engine.startsWith("node ") && process.arch === "x64";
    const usual = relaxedSimd ? "relaxed" : "strict";
    const expected = { strict: "strict", relaxed: usual, tuned: isTunable ? "tuned" : usual }[asked];
    expect(chosen, reason).toBe(expected);
    if (chosen === "tuned") warnOfNewEngine(v8);
  }
}

function warnOfNewEngine(v8: string): void {
  const version = v8.split("-")[0] ?? "";
  if (RECIPES.some(({ tried }) => tried.includes(version))) return;
  console.warn(`V8 ${version} worked with a recipe that does not list it: add it to RECIPES in window.ts`);
}

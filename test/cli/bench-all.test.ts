import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readResults } from "../../bench/results-file/read.ts";
import { isBuilt, runBench } from "./bench-process.ts";
import { blasm } from "./terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "blasm-all-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  [["--only", "chess"], 2, 'There is no "chess"; take gemm, '],
  [["--rounds", "3"], 2, "unknown option '--rounds'"],
  [["--json", import.meta.filename], 1, "is already there; --force replaces it."],
  [["--json", join(folder, "one"), "--markdown", join(folder, "one")], 1, "one: is to be written twice."],
])("bench all %j ends with status %s", async (args, expected, message) => {
  const { status, out, err } = await blasm("bench", "all", ...args);
  expect({ status, out }).toEqual({ status: expected, out: "" });
  expect(err).toContain(message);
});

describe.skipIf(!isBuilt)("dist/cli.js bench all (skipped where it is not built)", () => {
  test("--quick: one file that compare takes, one screen", async () => {
    const [json, markdown] = [join(folder, "all.json"), join(folder, "all.md")];
    const args = [
      "--quick",
      "--only",
      "gemm,arena,team",
      "--no-native",
      "--json",
      json,
      "--markdown",
      markdown,
    ];
    const { status, out } = await runBench("all", args);
    expect(status).toBe(0);
    expect(out).toContain("The best medians");
    expect(out.split("\n").length).toBeLessThan(40);
    const { runs, measurements, environment } = readResults(readFileSync(json, "utf8"));
    expect(runs.map(({ bench }) => bench)).toEqual(["gemm", "arena", "team"]);
    expect(measurements.every(({ wrong }) => !wrong)).toBe(true);
    expect(measurements.length).toBeGreaterThan(0);
    expect(environment.runtime).toBe(`node ${process.versions.node}`);
    expect(readFileSync(markdown, "utf8")).toContain("## The best medians");
    expect((await blasm("compare", json, json)).status).toBe(0);
  });

  test("Ctrl-C leaves what was measured, in the file too", async () => {
    const json = join(folder, "stopped.json");
    const { status, out } = await runBench("all", ["--no-native", "--json", json], 5000);
    expect(status).toBe(130);
    const { runs, measurements } = readResults(readFileSync(json, "utf8"));
    expect(runs.map(({ bench, interrupted }) => ({ bench, interrupted }))).toEqual([
      { bench: "gemm", interrupted: true },
    ]);
    expect(measurements.length).toBeGreaterThan(0);
    expect(out).toContain("interrupted: this is what had been measured");
  });
});

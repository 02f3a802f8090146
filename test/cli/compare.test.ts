import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Measurement } from "../../bench/results-file/format.ts";
import { textOf } from "../../bench/results-file/from-rows.ts";
import { measurement, resultsWith } from "../bench/samples.ts";
import { blasm } from "./terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "blasm-compare-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, ...measurements: Partial<Measurement>[]): string {
  const path = join(folder, name);
  writeFileSync(path, textOf(resultsWith(measurements.map(measurement))));
  return path;
}
const values = (middle: number): number[] => [0, 0.2, -0.3, 0.1, -0.1].map((part) => middle + part);
const machine = null;

const before = file("before.json", { values: values(100), machine });
const slower = file("slower.json", { values: values(90), machine });
const wrong = file("wrong.json", { values: [], machine, wrong: true });
const lock = file("lock.json", { bench: "lock", values: values(9), machine });

test("prints tables, and fails only beyond what is allowed", async () => {
  const { status, out, err } = await blasm("compare", before, slower);
  expect({ status, err }).toEqual({ status: 0, err: "" });
  expect(out).toMatch(/0\.900 │ 0\.89\d … 0\.90\d │\s+worse/);
  expect((await blasm("compare", before, slower, "--fail-above", "15")).status).toBe(0);
  const failed = await blasm("compare", before, slower, "--fail-above", "5");
  expect(failed.status).toBe(1);
  expect(failed.out).toBe(out);
  expect(failed.err).toBe(
    "blasm: 1 quantity is worse by more than 5 %; the worst, gemm squares float32 512 tuned gemm, has 90.0 % of the baseline's.\n",
  );
  // The other way around it is better.
  expect((await blasm("compare", slower, before, "--fail-above", "0")).status).toBe(0);
});

test("a wrong result is a regression however much is allowed", async () => {
  const { status, err } = await blasm("compare", before, wrong, "--fail-above", "100");
  expect(status).toBe(1);
  expect(err).toContain("gemm squares float32 512 tuned gemm, is wrong.");
});

test("as JSON and as Markdown, on standard output or into a file that is not there", async () => {
  const { out } = await blasm("compare", before, slower, "--json");
  expect(JSON.parse(out)).toMatchObject({
    schema: "blasm-comparison/1",
    names: ["before.json", "slower.json"],
    quantities: [{ baseline: 100, others: [{ verdict: "worse", median: 90, ratio: 0.9 }] }],
  });
  const output = join(folder, "comparison.md");
  const args = ["compare", before, slower, "--markdown", "-o", output];
  expect(await blasm(...args)).toEqual({ status: 0, out: "", err: "" });
  expect(readFileSync(output, "utf8")).toMatch(/^# before\.json, slower\.json: compared with the first\n/);
  expect((await blasm(...args)).err).toBe(`blasm: ${output}: is already there; --force replaces it.\n`);
  expect((await blasm(...args, "--force")).status).toBe(0);
});

test.each([
  [
    [before, lock],
    1,
    "before.json has gemm (squares; tuned; float32); lock.json has lock (squares; tuned; float32).",
  ],
  [[before, join(folder, "none.json")], 1, "none.json: no such file or directory"],
  [[before], 2, "missing required argument 'others.json'"],
  [[before, slower, "--fail-above", "much"], 2, '"much" is no percentage from 0 to 100.'],
  [[before, slower, "--fail-above", "-1"], 2, "is no percentage"],
])("compare %j: status %s, %s", async (args, expected, message) => {
  const { status, out, err } = await blasm("compare", ...args);
  expect({ status, out }).toEqual({ status: expected, out: "" });
  expect(err).toContain(message);
});

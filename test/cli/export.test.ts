import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { textOf } from "../../bench/results-file/from-rows.ts";
import { measurement, resultsWith } from "../bench/samples.ts";
import { blasm } from "./terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "blasm-export-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string): string => join(folder, name);

const file = inFolder("results.json");
writeFileSync(file, textOf(resultsWith([measurement()])));

describe("export", () => {
  test.each([
    ["csv", /^bench,section,/],
    ["markdown", /^# blasm: results\n/],
    ["google-benchmark", /^\{\n {2}"context"/],
  ])("--to %s prints it", async (format, start) => {
    const { status, out, err } = await blasm("export", file, "--to", format);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toMatch(start);
  });

  test("replaces no file without --force", async () => {
    const output = inFolder("out.csv");
    const args = ["export", file, "--to", "csv", "-o", output];
    expect(await blasm(...args)).toEqual({ status: 0, out: "", err: "" });
    writeFileSync(output, "precious");
    const refused = await blasm(...args);
    expect(refused).toEqual({
      status: 1,
      out: "",
      err: `blasm: ${output}: is already there; --force replaces it.\n`,
    });
    expect(readFileSync(output, "utf8")).toBe("precious");
    expect((await blasm(...args, "--force")).status).toBe(0);
    expect(readFileSync(output, "utf8")).toMatch(/^bench,/);
  });

  test("says before it begins that there is no such folder", async () => {
    const output = inFolder("no/such/folder.csv");
    const { status, err } = await blasm("bench", "gemm", "--markdown", output);
    expect(status).toBe(1);
    expect(err).toBe(`blasm: ${output}: ${inFolder("no/such")}: no such file or directory
`);
  });

  test.each([
    ["hpl", '"blasm bench linpack"; this file has gemm.'],
    ["xml", 'There is no "xml"; take csv, markdown, hpl, google-benchmark.'],
  ])("--to %s says why not", async (format, message) => {
    const { status, out, err } = await blasm("export", file, "--to", format);
    expect(status).toBeGreaterThan(0);
    expect(out).toBe("");
    expect(err).toContain(message);
  });

  test.each([
    ["missing.json", undefined, "no such file or directory"],
    ["page.json", "<!DOCTYPE html>", 'No JSON: it begins with "<!DOCTYPE html>".'],
    [
      "cut.json",
      '{"schema": "blasm-resu',
      "Cut off: the file ends in the midst of its JSON, after 22 characters.",
    ],
    ["newer.json", '{"schema": "blasm-results/2"}', "is newer than what this package reads"],
  ])("of %s: one line that names it", async (name, text, message) => {
    const path = inFolder(name);
    if (text !== undefined) writeFileSync(path, text);
    const { status, out, err } = await blasm("export", path, "--to", "csv");
    expect({ status, out }).toEqual({ status: 1, out: "" });
    expect(err).toMatch(/^blasm: .*\n$/);
    expect(err).toContain(`${path}: `);
    expect(err).toContain(message);
  });
});

test.each(["gemm", "lock", "arena", "team"])(
  "bench %s refuses a file that is there before it begins",
  async (name) => {
    const { status, out, err } = await blasm("bench", name, "--json", file);
    expect({ status, out }).toEqual({ status: 1, out: "" });
    expect(err).toBe(`blasm: ${file}: is already there; --force replaces it.\n`);
  },
);

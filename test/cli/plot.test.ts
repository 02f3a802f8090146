import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { KINDS } from "../../bench/plot/kinds.ts";
import { everything, measurement, results } from "../plot/made-up.ts";
import { blasm } from "./terminal.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "blasm-plot-"));
  await writeFile(join(folder, "a.json"), JSON.stringify(everything()));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);

test("an image of each kind that there is data for, in a folder that is made", async () => {
  const { status, out, err } = await blasm("plot", at("a.json"), "-o", at("plots/all"));
  expect({ status, err }).toEqual({ status: 0, err: "" });
  const names = KINDS.map((kind) => `a-${kind}.svg`);
  expect(out.trim().split("\n")).toEqual(names.map((name) => at(`plots/all/${name}`)));
  expect((await readdir(at("plots/all"))).sort()).toEqual(names.sort());
  for (const name of names)
    expect(await readFile(at(`plots/all/${name}`), "utf8")).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
});

test("one image to a file; several files in the same axes, told apart by their names, or else their paths", async () => {
  await writeFile(at("b.json"), JSON.stringify(everything("Chromium 142", 0.8)));
  expect((await blasm("plot", at("a.json"), at("b.json"), "--kind", "gemm", "-o", at("x.svg"))).status).toBe(
    0,
  );
  expect(await readFile(at("x.svg"), "utf8")).toContain(">tuned, b<");
  const again = await blasm("plot", at("a.json"), at("a.json"), "--kind", "stream", "-o", folder);
  expect(again.out).toBe(`${at("compared-stream.svg")}\n`);
  expect(await readFile(at("compared-stream.svg"), "utf8")).toContain(`>relaxed, ${at("a.json")}<`);
});

test("nothing is overwritten without --force, and then all of it or nothing is written", async () => {
  await writeFile(at("a-stream.svg"), "mine");
  const refused = await blasm("plot", at("a.json"), "-o", folder);
  expect(refused).toEqual({
    status: 1,
    out: "",
    err: `blasm: ${at("a-stream.svg")}: is already there; --force replaces it.\n`,
  });
  expect((await readdir(folder)).sort()).toEqual(["a-stream.svg", "a.json"]);
  expect(await readFile(at("a-stream.svg"), "utf8")).toBe("mine");
  expect((await blasm("plot", at("a.json"), "-o", folder, "--force")).status).toBe(0);
  expect(await readFile(at("a-stream.svg"), "utf8")).toContain("<svg");
});

test.each([
  [
    "a kind without data",
    ["--kind", "latency"],
    /x\.json: nothing to plot: latency takes measurements of latency\.$/,
  ],
  ["one of two kinds", ["--kind", "gemm,roofline"], /: roofline takes measurements of peak and stream\.$/],
  ["a kind that there is not", ["--kind", "pie"], /pie/],
])("%s", async (_, args, message) => {
  const gemm = measurement("gemm", 50, { section: "squares", what: "gemm", n: 64 });
  await writeFile(at("x.json"), JSON.stringify(results([gemm])));
  const { status, out, err } = await blasm("plot", at("x.json"), "-o", folder, ...args);
  expect(status).toBeGreaterThan(0);
  expect(out).toBe("");
  expect(err.trim().split("\n")[0]).toMatch(message);
  expect((await readdir(folder)).sort()).toEqual(["a.json", "x.json"]);
});

test.each([
  [
    "a file with nothing to draw",
    JSON.stringify(results([])),
    /nothing to plot: gemm takes measurements of gemm; /,
  ],
  ["no JSON", "{", /x\.json: /],
  [
    "another schema",
    JSON.stringify({ ...results([]), schema: "blasm-results/99" }),
    /x\.json: .*blasm-results\/99/,
  ],
  ["no results", "{}", /x\.json: /],
])("%s", async (_, text, message) => {
  await writeFile(at("x.json"), text);
  const { status, err } = await blasm("plot", at("x.json"), "-o", folder);
  expect(status).toBe(1);
  expect(err).toMatch(message);
  expect(err.trim()).not.toContain("\n");
});

test("several images do not fit in one file; a file that is missing", async () => {
  const several = await blasm("plot", at("a.json"), "-o", at("x.svg"));
  expect(several.status).toBe(1);
  expect(several.err).toMatch(/x\.svg would be 6 images \(gemm, .*stream\): choose one with --kind/);
  expect((await blasm("plot", at("none.json"))).err).toBe(
    `blasm: ${at("none.json")}: no such file or directory\n`,
  );
});

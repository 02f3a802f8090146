import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ArenaSnapshot, HistoryEvent } from "../../src/index.ts";
import { expectApart, parse } from "../helpers/svg.ts";
import { blasm } from "./terminal.ts";

interface Told {
  readonly demo: string;
  readonly steps: readonly (ArenaSnapshot & { readonly statement: string; readonly what: string })[];
  readonly history: readonly HistoryEvent[];
}

const STATEMENTS = [
  "a = la.zeros([64, 64])",
  "b = a.T",
  "c = la.zeros([64, 64])",
  "d = la.zeros([32, 64])",
  "c.release()",
  "e = la.zeros([96, 64])",
  "f = la.zeros([40, 64])",
  "b.release()",
  "a.release()",
];

describe("blasm demo refcount", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "blasm-refcount-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("replays the lecture in a real arena: what fits reuses the hole, what does not goes beyond", async () => {
    const { status, out, err } = await blasm("demo", "refcount", "--json");
    expect({ status, err }).toEqual({ status: 0, err: "" });
    const { demo, steps, history } = JSON.parse(out) as Told;
    expect(demo).toBe("refcount");
    expect(steps.map(({ statement }) => statement)).toEqual(STATEMENTS);
    /** Names and counts in order of address, the unused end left out. */
    const shown = steps.map(({ blocks }) =>
      blocks
        .slice(0, -1)
        .map(({ state, name, refs, size }) => (state === "hole" ? size / 1024 : `${name}${refs}`)),
    );
    expect(shown).toEqual([
      ["a1"],
      ["a2"],
      ["a2", "c1"],
      ["a2", "c1", "d1"],
      ["a2", 32, "d1"],
      ["a2", 32, "d1", "e1"],
      ["a2", "f1", 12, "d1", "e1"],
      ["a1", "f1", 12, "d1", "e1"],
      [32, "f1", 12, "d1", "e1"],
    ]);
    expect(steps[6]!.stats).toMatchObject({
      used: 116 * 1024,
      peak: 116 * 1024,
      blocks: 4,
      holes: 2,
      allocations: 5,
    });
    expect(history.map(({ event, name, refs }) => `${event} ${name}${refs}`)).toEqual([
      "alloc a1",
      "retain a2",
      "alloc c1",
      "alloc d1",
      "release c0",
      "free c0",
      "alloc e1",
      "alloc f1",
      "release a1",
      "release a0",
      "free a0",
    ]);
  });

  it("prints each statement, what it has done, and the arena, in lines that fit a terminal", async () => {
    const { status, out, err } = await blasm("demo", "refcount");
    expect({ status, err }).toEqual({ status: 0, err: "" });
    const lines = out.split("\n");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    let at = -1;
    for (const statement of STATEMENTS) {
      const next = lines.indexOf(statement, at + 1);
      expect(next, statement).toBeGreaterThan(at);
      at = next;
      expect(lines[at + 1]).toMatch(/\w.*[.]$/);
      expect(lines[at + 2]).toMatch(/^┌/);
    }
    expect(out).toContain("20 KiB fit: f is put into the hole, and what is left of it stays a hole.");
    expect(out).toMatch(/^│ a +2 │ f +1 │░+│ d +1 │ e +1 │░+/m);
    expect(out).toMatch(/^The same over time\n9 events in [\d.]+ ms, 5 blocks, at most 116 KiB at once\n/m);
  });

  it("writes an image and a page of the same", async () => {
    const [svg, html] = [join(folder, "steps.svg"), join(folder, "steps.html")];
    expect(await blasm("demo", "refcount", "--svg", svg, "--html", html)).toMatchObject({
      status: 0,
      err: "",
    });
    const image = await readFile(svg, "utf8");
    expect(image.length).toBeLessThan(40_000);
    expect(image).not.toMatch(/<[^>]*\b(?:id|href|style|class|on\w+)=|url\(|<style|<script/);
    const nested = image.indexOf("<svg ", 1);
    const end = image.indexOf("</svg>", nested) + 6;
    const steps = parse(image.slice(0, nested) + image.slice(end));
    expectApart(steps);
    expectApart(parse(image.slice(nested, end)));
    const texts = steps.filter(({ tag }) => tag === "text").map(({ text }) => text);
    for (const statement of STATEMENTS) expect(texts).toContain(statement);
    const page = await readFile(html, "utf8");
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page.match(/<h2 .*?<\/h2>/g)!.map((heading) => heading.replace(/<.*?>/g, ""))).toEqual(STATEMENTS);
    expect(page.match(/<svg /g)).toHaveLength(STATEMENTS.length + 1);
    expect(page.match(/<table /g)).toHaveLength(STATEMENTS.length);
  });

  it("says which file it cannot write", async () => {
    const { status, err } = await blasm("demo", "refcount", "--svg", join(folder, "none/x.svg"));
    expect(status).toBe(1);
    expect(err).toMatch(/none\/x\.svg: no such file or directory\n$/);
  });
});

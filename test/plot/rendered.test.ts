import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KINDS } from "../../bench/plot/kinds.ts";
import { standalone } from "../../bench/plot/standalone.ts";
import { launch } from "../engines/browser.ts";
import { browserPath, missing } from "../engines/runtimes.ts";
import { everything } from "./made-up.ts";

// The pictures as Chromium draws them: with real fonts nothing is cut off, and nothing lies over anything that must be read.

const EXECUTABLE = browserPath("chrome");

let started: Awaited<ReturnType<typeof launch>>;
let folder: string;
let page: Page;

beforeAll(async () => {
  if (EXECUTABLE === undefined) return;
  folder = await mkdtemp(join(tmpdir(), "blasm-plots-"));
  const one = { name: "one", results: everything() };
  const two = { name: "Chromium 142 on a telephone", results: everything("Chromium 142", 0.8) };
  for (const [name, sources] of Object.entries({ one: [one], two: [one, two] }))
    for (const { kind, svg } of standalone(sources))
      await writeFile(join(folder, `${name}-${kind}.svg`), svg);
  started = await launch("chrome", EXECUTABLE);
  page = await started.browser.newPage();
}, 90_000);

afterAll(async () => {
  await started?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const open = (name: string) => page.goto(pathToFileURL(join(folder, `${name}.svg`)).href);

/** Texts that lie outside the image, or over another text. */
const misplaced = (): Promise<string[]> =>
  page.evaluate(() => {
    const image = document.documentElement.getBoundingClientRect();
    const boxes = Array.from(document.querySelectorAll("text"), (element) => ({
      text: element.textContent ?? "",
      box: element.getBoundingClientRect(),
    })).filter(({ box }) => box.width > 0);
    const outside = boxes.filter(
      ({ box }) => box.left < 0 || box.top < 0 || box.right > image.right || box.bottom > image.bottom,
    );
    const over = boxes.flatMap((one, i) =>
      boxes.slice(i + 1).flatMap((other) => {
        const width = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const height = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        // A font's box has air above and below its letters.
        return width > 1 && height > 3 ? [`${one.text} over ${other.text}`] : [];
      }),
    );
    return [...outside.map(({ text }) => `${text} is outside`), ...over];
  });

/** Colours as they are seen: of the card, of its title, of the first line. */
const colours = (): Promise<string[]> =>
  page.evaluate(() => [
    getComputedStyle(document.querySelector("rect")!).fill,
    getComputedStyle(document.querySelector(".title")!).fill,
    getComputedStyle(document.querySelector(".legend path")!).stroke,
  ]);

const LIGHT = ["rgb(255, 255, 255)", "rgb(27, 31, 36)", "rgb(0, 114, 178)"];
const DARK = ["rgb(20, 23, 27)", "rgb(233, 236, 239)", "rgb(86, 180, 233)"];

const inChromium = (): void => {
  test.each(KINDS)("%s: every text is in the image, and over no other", async (kind) => {
    for (const name of ["one", "two"]) {
      await open(`${name}-${kind}`);
      expect(await page.evaluate(() => document.querySelectorAll("text").length)).toBeGreaterThan(10);
      expect(await misplaced(), name).toEqual([]);
    }
  });

  test("light, dark, and on paper", async () => {
    const scheme = (value: string) => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
    await scheme("light");
    await open("one-gemm");
    expect(await colours()).toEqual(LIGHT);
    await scheme("dark");
    expect(await colours()).toEqual(DARK);
    await page.emulateMediaType("print");
    expect(await colours()).toEqual(LIGHT);
    await page.emulateMediaType("screen");
  });
};

if (EXECUTABLE === undefined) test("plots in Chromium", ({ skip }) => skip(missing("chrome")));
else describe("in Chromium", inChromium);

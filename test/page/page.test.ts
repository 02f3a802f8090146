import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import type { ElementHandle, Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { servePage } from "../../examples/serve.mjs";
import type { Context } from "../../src/index.ts";
import { launch } from "../engines/browser.ts";
import { browserPath, missing } from "../engines/runtimes.ts";
import { context } from "../helpers/context.ts";
import {
  begin,
  bytesInUse,
  cardText,
  compare,
  drop,
  generate,
  multiply,
  type Opened,
  type OpenOptions,
  open,
  outcome,
  runs,
  text,
} from "./driver.ts";

// The example page over dist/index.js, as `npm run page` serves it, driven in Chromium.

const EXECUTABLE = browserPath("chrome");
const SERVED = ["isolated", "plain"] as const;
type Served = (typeof SERVED)[number];
/** Numbers of another type among the tests' files. */
const INTEGERS = "i4.npy";

let server: Awaited<ReturnType<typeof servePage>>;
let started: Awaited<ReturnType<typeof launch>>;
let la: Context;
let opened: Opened[] = [];

beforeAll(async () => {
  if (EXECUTABLE === undefined) return;
  la = await context();
  server = await servePage(0);
  started = await launch("chrome", EXECUTABLE);
}, 90_000);

afterEach(async () => {
  await Promise.all(opened.map(({ close }) => close()));
  opened = [];
});

afterAll(async () => {
  await started?.close();
  server?.close();
  la?.close();
});

async function visit(served: Served, options?: OpenOptions): Promise<Page> {
  const one = await open(started.browser, `${server.origin}/${served}/`, options);
  opened.push(one);
  return one.page;
}

const errorsSoFar = (): string[] => opened.flatMap(({ errors }) => errors);

/** The product of two matrices, each element summed plainly. */
function reference(a: number[][], b: number[][]): number[][] {
  return a.map((row) => b[0]!.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0)));
}

/** The matrix that the page draws for an operand: its seed is its name. */
function drawn(name: "A" | "B", shape: readonly [number, number]): number[][] {
  const array = la.random(shape, { seed: name.charCodeAt(0) });
  const rows = array.toArray() as number[][];
  array.release();
  return rows;
}

test("what is served: the page twice, with and without headers, the library, and nothing else", async () => {
  const { origin, close } = await servePage(0);
  try {
    const isolation = async (path: string): Promise<unknown[]> => {
      const { status, headers } = await fetch(`${origin}${path}`);
      return [status, headers.get("Cross-Origin-Opener-Policy"), headers.get("Cross-Origin-Embedder-Policy")];
    };
    expect(await isolation("/isolated/")).toEqual([200, "same-origin", "require-corp"]);
    expect(await isolation("/isolated/main.js")).toEqual([200, "same-origin", "require-corp"]);
    expect(await isolation("/plain/")).toEqual([200, null, null]);
    expect(await isolation("/dist/index.js")).toEqual([200, null, null]);
    for (const path of ["/plain/..%2fserve.mjs", "/plain/%2e%2e%2fserve.mjs", "/dist/..%2fpackage.json"])
      expect(await isolation(path)).toEqual([404, null, null]);
    const elsewhere = await fetch(`${origin}/package.json`, { redirect: "manual" });
    expect([elsewhere.status, elsewhere.headers.get("Location")]).toEqual([302, "/isolated/"]);
  } finally {
    close();
  }
});

const inChromium = (): void => {
  test.each(SERVED)("%s: it loads, says what it runs on, and nothing goes wrong", async (served) => {
    const page = await visit(served);
    const host = await text(page, "#host");
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(served === "isolated");
    if (served === "isolated") expect(host).toMatch(/^\d+ threads? \(one a core\)/);
    else {
      expect(host).toContain("1 thread (memory is not shared: the page is not cross-origin isolated;");
      expect(host).toContain("Cross-Origin-Opener-Policy: same-origin");
    }
    const config = await text(page, "#config");
    for (const part of [
      "SIMD extensions:",
      "Micro-kernels",
      served === "plain" ? "shared: no" : "shared: yes",
    ])
      expect(config).toContain(part);
    expect(await page.$("#map svg")).not.toBeNull();
    expect(errorsSoFar()).toEqual([]);
  });

  test.each(SERVED)("%s: what it multiplies and gives to download is the product", async (served) => {
    const folder = await mkdtemp(join(tmpdir(), "blasm-page-"));
    try {
      const page = await visit(served, { downloads: folder });
      await generate(page, "A", { rows: 203, columns: 307, dtype: "float64" });
      await generate(page, "B", { rows: 307, columns: 101, dtype: "float64" });
      expect(await multiply(page)).toContain("203 × 101 by");
      await page.click("#download");
      const file = join(folder, "C.npy");
      await expect
        .poll(
          () =>
            readFile(file).then(
              () => true,
              () => false,
            ),
          { timeout: 20_000 },
        )
        .toBe(true);
      const c = await la.loadNpy(file);
      const expected = reference(drawn("A", [203, 307]), drawn("B", [307, 101]));
      expect(c.dtype).toBe("float64");
      (c.toArray() as number[][]).forEach((row, i) => {
        row.forEach((x, j) => {
          const exact = expected[i]![j]!;
          // Two sums of 307 positive numbers, in whatever order.
          expect(Math.abs(x - exact)).toBeLessThanOrEqual(2 * 307 * 2 ** -53 * exact);
        });
      });
      expect([c.shape, expected.length, expected[0]!.length]).toEqual([[203, 101], 203, 101]);
      c.release();
      expect(errorsSoFar()).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test.each(SERVED)(
    "%s: the page has frames while it multiplies, shows how far it is, and where the product lies",
    async (served) => {
      const page = await visit(served);
      await compare(page, false);
      for (const name of ["A", "B"] as const) {
        await generate(page, name, { rows: 3072, columns: 3072, dtype: "float64" });
      }
      await begin(page);
      await page.waitForFunction(() => {
        const { value } = document.querySelector<HTMLProgressElement>("#progress")!;
        return (
          value > 0 && value < 1 && /\d GFLOP\/s so far/.test(document.querySelector("#live")!.textContent!)
        );
      });
      await outcome(page);
      expect(Number((await runs(page))[0]?.Frames)).toBeGreaterThan(10);
      for (const name of "ABC") expect(await text(page, "#map")).toMatch(new RegExp(`^${name}$`, "m"));
    },
  );

  test("one thread, to compare, gives the same bits", async ({ skip }) => {
    const page = await visit("isolated");
    const threads = Number.parseInt(await text(page, "#host"), 10);
    if (threads === 1) return skip("one core: nothing to compare");
    await generate(page, "A", { rows: 700, columns: 500 });
    await generate(page, "B", { rows: 500, columns: 600 });
    expect(await multiply(page)).toContain("with the same bits");
    expect((await runs(page)).map((run) => run.Threads)).toEqual(["1", String(threads)]);
    expect(await page.$eval("#compare", (box) => (box as HTMLInputElement).checked)).toBe(true);
  });

  test.each(SERVED)("%s: cancelled, it gives the memory back, and multiplies again", async (served) => {
    const page = await visit(served);
    await compare(page, false);
    for (const name of ["A", "B"] as const) await generate(page, name, { rows: 4096, columns: 4096 });
    const cancelled = async (): Promise<number> => {
      await begin(page);
      await page.waitForFunction(() => document.querySelector<HTMLProgressElement>("#progress")!.value > 0);
      await page.click("#cancel");
      expect(await outcome(page)).toContain("Cancelled");
      return bytesInUse(page);
    };
    // A member that has taken its seat meanwhile has brought scratch memory, which stays.
    let [before, after] = [Number.NaN, await cancelled()];
    for (let round = 0; round < 5 && before !== after; ++round) [before, after] = [after, await cancelled()];
    expect(after).toBe(before);
    expect(after).toBeLessThan(3 * 4096 ** 2 * 4);
    expect(await runs(page)).toEqual([]);
    await generate(page, "B", { rows: 4096, columns: 3 });
    expect(await multiply(page)).toContain("4096 × 3 by");
    expect(errorsSoFar()).toEqual([]);
  });

  test("files: chosen, dropped, two at once, of integers", async () => {
    const page = await visit("isolated");
    const data = new URL("../../bench/data/", import.meta.url);
    const [a, b, expected] = await Promise.all(
      ["A.npy", "B.npy", "AB.npy"].map((name) => readFile(new URL(name, data))),
    );
    const input = (await page.$$("input[type=file]"))[0]!;
    await (input as ElementHandle<HTMLInputElement>).uploadFile(new URL("A.npy", data).pathname);
    await page.waitForFunction(() => document.querySelector(".info")!.textContent!.includes("from A.npy"));
    // One on each card, by two files on the second: B's goes there, A's to the next, which is the first.
    await drop(page, "B", [
      { name: "second.npy", bytes: b! },
      { name: "first.npy", bytes: a! },
    ]);
    await expect.poll(() => cardText(page, "A", ".info")).toContain("from first.npy");
    await expect.poll(() => cardText(page, "B", ".info")).toContain("from second.npy");
    await multiply(page);
    const c = await la.loadNpy(expected!);
    expect(await text(page, "#result-info")).toContain(c.shape.join(" × "));
    c.release();

    const integers = await readFile(new URL(`../data/npy/${INTEGERS}`, import.meta.url));
    await drop(page, "A", [{ name: INTEGERS, bytes: integers }]);
    await expect.poll(() => cardText(page, "A", ".info")).toContain("float64");
    await expect.poll(() => cardText(page, "A", ".info")).toContain(INTEGERS);
    expect(errorsSoFar()).toEqual([]);
  });

  describe("what is wrong is said where it arose, and nothing is lost", () => {
    test("a file that is none", async () => {
      const page = await visit("isolated");
      await generate(page, "A", { rows: 3, columns: 5 });
      const html = new TextEncoder().encode("<!doctype html><title>Not found</title>");
      await drop(page, "A", [{ name: "a.npy", bytes: html }]);
      await expect.poll(() => cardText(page, "A", ".error")).toMatch(/^a\.npy: FormatError: .*byte 0/);
      expect(await cardText(page, "A", ".info")).toContain("3 × 5");
      expect(await cardText(page, "B", ".error")).toBe("");
      await generate(page, "A", { rows: 4, columns: 5 });
      expect(await cardText(page, "A", ".error")).toBe("");
    });

    test("too many files", async () => {
      const page = await visit("isolated");
      await drop(
        page,
        "B",
        Array.from("abc", (name) => ({ name, bytes: new Uint8Array(1) })),
      );
      expect(await cardText(page, "B", ".error")).toContain("3 files were dropped");
    });

    test("nothing to multiply, shapes that do not fit, mixed dtypes", async () => {
      const page = await visit("isolated");
      await expect(multiply(page)).rejects.toThrow("Choose or generate A and B first");
      await generate(page, "A", { rows: 3, columns: 5 });
      await generate(page, "B", { rows: 4, columns: 6 });
      await expect(multiply(page)).rejects.toThrow(/ShapeError: .*5.*4/);
      await generate(page, "B", { rows: 5, columns: 6, dtype: "float64" });
      await expect(multiply(page)).rejects.toThrow(/DTypeError: .*float32.*float64/);
      await generate(page, "B", { rows: 5, columns: 6 });
      expect(await multiply(page)).toContain("3 × 6 by");
      expect(await text(page, "#product-error")).toBe("");
    });

    test.each(SERVED)("%s: memory that is refused", async (served) => {
      const page = await visit(served);
      // As many bytes as wasm32 can address, but for 256 KiB, which others have; then more than that.
      await generate(page, "A", { rows: 2 ** 15, columns: 2 ** 14 - 1, dtype: "float64" });
      expect(await cardText(page, "A", ".error")).toMatch(/^ArenaFullError: /);
      await generate(page, "A", { rows: 2 ** 16, columns: 2 ** 16, dtype: "float64" });
      expect(await cardText(page, "A", ".error")).toMatch(/^ShapeError: .*4294967296/);
      expect(await cardText(page, "A", ".info")).toBe("None.");
    });

    test.each([
      ["no WebAssembly", "delete globalThis.WebAssembly", /^UnsupportedError: /],
      ["no SIMD", "WebAssembly.validate = () => false", /^UnsupportedError: .*SIMD.*Safari 16\.4/],
      [
        "no memory",
        "WebAssembly.Memory = class { constructor() { throw new RangeError() } }",
        /^ArenaFullError: .*grants no wasm memory/,
      ],
    ])("an engine with %s", async (_, before, message) => {
      const page = await visit("isolated", { before });
      expect(await text(page, "#host-error")).toMatch(message);
      expect(await page.$eval("#work", (work) => (work as HTMLElement).inert)).toBe(true);
      expect(await violations(page)).toEqual([]);
      expect(errorsSoFar()).toEqual([]);
    });
  });

  test("what is released is a hole, C after its operands too", async () => {
    const page = await visit("isolated");
    await compare(page, false);
    for (const name of ["A", "B"] as const) await generate(page, name, { rows: 32, columns: 32 });
    await multiply(page);
    const before = await bytesInUse(page);
    for (const button of [".operand .release", ".operand:last-child .release", "#release"])
      await page.click(button);
    expect(before - (await bytesInUse(page))).toBe(3 * 32 ** 2 * 4);
    await expect(multiply(page)).rejects.toThrow("A and B first");
  });

  test("by keyboard alone", async () => {
    const page = await visit("isolated");
    const tabTo = async (label: RegExp): Promise<void> => {
      for (let stop = 0; stop < 60; ++stop) {
        await page.keyboard.press("Tab");
        const [name, visible] = await focus(page);
        expect(visible, `focus on ${name} is seen`).toBe(true);
        if (label.test(name)) return;
      }
      throw new Error(`no stop on ${label}`);
    };
    for (const name of ["A", "B"] as const) {
      await tabTo(/^Rows/);
      await page.keyboard.type("3000");
      await tabTo(/^Columns/);
      await page.keyboard.type("3000");
      await page.keyboard.press("Enter");
      expect(await cardText(page, name, ".info")).toContain("3000 × 3000");
    }
    await tabTo(/^Multiply$/);
    await page.keyboard.press("Enter");
    expect((await focus(page))[0]).toBe("Cancel");
    await page.keyboard.press("Space");
    expect(await outcome(page)).toContain("Cancelled");
    expect((await focus(page))[0]).toBe("Multiply");
    await page.keyboard.press("Space");
    expect(await outcome(page)).toContain("GFLOP/s");
    expect((await focus(page))[0]).toBe("Multiply");
    await tabTo(/^Map of the arena$/);
  });

  describe.each(["light", "dark"] as const)("%s", (scheme) => {
    test.each([1000, 360])("%i pixels wide: axe finds nothing, and nothing is wider", async (width) => {
      const page = await visit("isolated", { scheme, width });
      expect(await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches)).toBe(
        scheme === "dark",
      );
      expect(await violations(page)).toEqual([]);
      await compare(page, false);
      for (const name of ["A", "B"] as const) await generate(page, name, { rows: 900, columns: 900 });
      await multiply(page);
      await drop(page, "A", [{ name: `${"long".repeat(20)}.npy`, bytes: new Uint8Array(9) }]);
      await expect.poll(() => cardText(page, "A", ".error")).toContain("FormatError");
      await generate(page, "B", { rows: 1, columns: 1 });
      await expect(multiply(page)).rejects.toThrow("ShapeError");
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    });
  });

  test("who wants no motion sees none, but the numbers", async () => {
    const page = await visit("isolated");
    const shown = (): Promise<string> => page.$eval("#chart", (chart) => getComputedStyle(chart).display);
    expect(await shown()).toBe("block");
    await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
    expect(await shown()).toBe("none");
    const before = await text(page, "#frames");
    await expect.poll(() => text(page, "#frames")).not.toBe(before);
  });
};

if (EXECUTABLE === undefined) test("the example page", ({ skip }) => skip(missing("chrome")));
else describe("the example page", inChromium);

/** What has the focus (its label), and whether it is seen. */
function focus(page: Page): Promise<readonly [name: string, visible: boolean]> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLInputElement;
    const name = element.ariaLabel ?? element.labels?.[0]?.textContent ?? element.textContent ?? "";
    const { outlineStyle } = getComputedStyle(element);
    return [name.trim(), element.matches(":focus-visible") && outlineStyle !== "none"] as const;
  });
}

/** What axe finds, by its rules for WCAG 2.2 AA and good practice. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
  });
}

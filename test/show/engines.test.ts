import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { launch } from "../engines/browser.ts";
import { browserPath, DRIVEN_NAMES, missing, RUNTIME_NAMES, runtimePath } from "../engines/runtimes.ts";
import { ISOLATED, serve } from "../engines/serve.ts";
import { parse } from "../helpers/svg.ts";
import type { display } from "./display.mjs";

// What notebooks and pages are given, in every engine at hand, by dist/index.js.

type Shown = Awaited<ReturnType<typeof display>>;

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ENTRY = new URL("../../dist/index.js", import.meta.url).href;

/** What holds wherever it was made. */
function check({ bundles, texts, leaks }: Shown): void {
  const kinds = Object.entries(bundles).map(([name, bundle]) => [name, Object.keys(bundle).sort()]);
  expect(Object.fromEntries(kinds)).toEqual({
    array: ["text/html", "text/plain"],
    heatmap: ["image/svg+xml", "text/html", "text/plain"],
    arena: ["image/svg+xml", "text/html", "text/plain"],
    map: ["image/svg+xml", "text/html", "text/plain"],
    timeline: ["image/svg+xml", "text/html", "text/plain"],
    trace: ["image/svg+xml", "text/html", "text/plain"],
  });
  for (const bundle of Object.values(bundles)) {
    for (const [kind, content] of Object.entries(bundle)) {
      if (kind !== "text/plain") expect(parse(content).map(({ tag }) => tag)).not.toContain("script");
    }
  }
  expect(bundles.array!["text/plain"]).toBe("array([[0., 1., 2.],\n       [3., 4., 5.]])");
  expect(texts[0]).toBe("[[0. 1. 2.]\n [3. 4. 5.]]");
  expect(texts.slice(1)).toEqual(
    ["heatmap", "map", "timeline", "trace"].map((name) => bundles[name]!["text/plain"]),
  );
  expect(leaks).toBe(0);
}

test.each(["this node", ...RUNTIME_NAMES] as const)("%s", async (name) => {
  const path = name === "this node" ? process.execPath : runtimePath(name);
  if (path === undefined) return void missing(name);
  const flags = name === "deno" ? ["run", "--quiet", "--allow-read", "--allow-sys", "--allow-env"] : [];
  const { stdout, stderr } = await promisify(execFile)(path, [
    ...flags,
    `${ROOT}test/show/display.mjs`,
    ENTRY,
  ]);
  expect(stderr).toBe("");
  const shown = JSON.parse(stdout) as Shown;
  check(shown);
  expect(shown.elements).toEqual([]);
});

describe.each(DRIVEN_NAMES)("%s", (name) => {
  test("in a page, as elements, too", async ({ skip }) => {
    const executable = browserPath(name);
    if (executable === undefined) return skip(missing(name));
    const [server, { browser, close }] = await Promise.all([
      serve({ folders: [ROOT], headers: ISOLATED }),
      launch(name, executable),
    ]);
    try {
      const page = await browser.newPage();
      await page.goto(`${server.origin}/empty`);
      const shown = (await page.evaluate(
        `Promise.all([import("/dist/index.js"), import("/test/show/display.mjs")])
          .then(([blasm, { display }]) => display(blasm))`,
      )) as Shown;
      check(shown);
      expect(shown.elements.map((html) => /^<(\w+)/.exec(html)?.[1])).toEqual([
        "figure",
        "svg",
        "div",
        "svg",
        "svg",
      ]);
      expect(shown.elements[0]).toContain("“&lt;a&gt;”");
    } finally {
      await close();
      server.close();
    }
  }, 90_000);
});

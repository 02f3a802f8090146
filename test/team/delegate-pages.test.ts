import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { visit } from "../engines/browser.ts";
import { browserPath, DRIVEN_NAMES, missing } from "../engines/runtimes.ts";
import type { Apart } from "./modules/apart-page.mjs";

// The thread apart, in pages that are not isolated: from the library's own text, where a policy forbids that from a file, or not.

const STRICT = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:",
};

describe.each(DRIVEN_NAMES)("%s", (browser) => {
  test.each<[string, Record<string, string>, string, RegExp]>([
    ["a plain page", {}, "{}", /by a thread apart$/],
    ["a strict policy", STRICT, "{}", /here: blob: .*worker-src blob: in the Content-Security-Policy/],
    ["a strict policy, and workerURL", STRICT, `{ workerURL: "/worker.js" }`, /by a thread apart$/],
    [
      "a workerURL that is none",
      {},
      `{ workerURL: "/no-such-file.js" }`,
      /by a thread apart; not from .*no-such/,
    ],
  ])("%s", async (_, headers, options, reason) => {
    if (browserPath(browser) === undefined) return expect(missing(browser)).toBeDefined();
    const folders = ["../../dist", "modules"].map((path) => fileURLToPath(new URL(path, import.meta.url)));
    const files = {
      "/report.js": `import * as blasm from "/index.js";
        import { apart } from "/apart-page.mjs";
        const result = await apart(blasm, ${options}).catch((error) => ({ failed: String(error.stack) }));
        await fetch("/", { method: "POST", body: JSON.stringify(result) });`,
    };
    const body = "<script type=module src=/report.js></script>";
    const seen = (await visit(browser, { folders, headers, files, body })) as Apart;
    expect(seen).toEqual({
      blocks: expect.any(Number),
      same: true,
      turns: expect.any(Number),
      exact: true,
      reason: expect.stringMatching(reason),
    });
    expect(seen.blocks > 1).toBe(/apart/.test(seen.reason));
    expect(seen.turns).toBeGreaterThan(0);
  });
});

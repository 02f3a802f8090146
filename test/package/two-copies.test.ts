import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type * as Blasm from "../../src/index.ts";
import { visit } from "../engines/browser.ts";
import { browserPath, DRIVEN_NAMES, missing } from "../engines/runtimes.ts";
import { ISOLATED } from "../engines/serve.ts";
import { type Refusal, refusals } from "./modules/two-copies.mjs";

// A program that has loaded the package twice, as bundles of two libraries do: what one copy has made is nothing for the other.

const DIST = new URL("../../dist/index.js", import.meta.url);
const copy = async (query: string): Promise<typeof Blasm> =>
  (await import(/* @vite-ignore */ DIST.href + query)) as typeof Blasm;

function check(refused: Record<string, Refusal>): void {
  expect(Object.keys(refused).length).toBeGreaterThanOrEqual(15);
  for (const [call, { name, code, message }] of Object.entries(refused)) {
    expect({ name, code }, call).toEqual({ name: "UnsupportedError", code: "FOREIGN" });
    // What share() gives is plain data: it tells of the context alone.
    if (call === "adopt, shared") expect(message).toMatch(/another context/);
    else
      expect(message, call).toMatch(/this (NDArray|Lock|Gil) was made by another copy of blasm.*fromTyped/);
  }
}

test("in Node", async () => {
  const refused = await refusals(await copy(""), await copy("?another"));
  check(refused);
  expect(refused).toHaveProperty("spawn");
});

describe.each(DRIVEN_NAMES)("in a page of %s", (browser) => {
  test.each([
    ["isolated", ISOLATED],
    ["not isolated", {}],
  ] as const)("%s", async (_, headers) => {
    if (browserPath(browser) === undefined) return expect(missing(browser)).toBeDefined();
    const folders = ["../../dist", "modules"].map((path) => fileURLToPath(new URL(path, import.meta.url)));
    const body = `<script type=module>
      import * as one from "/index.js";
      import * as other from "/index.js?another";
      import { refusals } from "/two-copies.mjs";
      const result = await refusals(one, other).catch((error) => ({ failed: String(error) }));
      await fetch("/", { method: "POST", body: JSON.stringify(result) });
    </script>`;
    check((await visit(browser, { folders, headers, body })) as Record<string, Refusal>);
  });
});

test("attach() takes a context of this version alone", async () => {
  const { init, attach } = await copy("");
  const la = await init({ threads: 1, memory: { initial: "8 MiB", maximum: "64 MiB" } });
  const before = la.arena.stats();
  await expect(attach({ ...la.share(), version: "0.0.1" })).rejects.toMatchObject({
    name: "UnsupportedError",
    code: "FOREIGN",
    message: expect.stringMatching(/the context is of 0\.0\.1/),
  });
  expect(la.arena.stats()).toEqual(before);
  la.close();
});

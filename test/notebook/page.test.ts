import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import axe from "axe-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch } from "../engines/browser.ts";
import { browserPath, missing } from "../engines/runtimes.ts";

// The lecture as one file, in Chromium: as a file that somebody opens, and from a server that isolates it.

const BUILDER = fileURLToPath(new URL("../../examples/notebook/page.mjs", import.meta.url));
const EXECUTABLE = browserPath("chrome");

let folder: string;
let file: string;
let server: Server;
let started: Awaited<ReturnType<typeof launch>> | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "blasm-lecture-"));
  file = join(folder, "lecture.html");
  await promisify(execFile)(process.execPath, [BUILDER, file]);
  const page = await readFile(file);
  server = createServer((_, response) => {
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    response.setHeader("Content-Type", "text/html").end(page);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "localhost", resolve);
  });
  if (EXECUTABLE !== undefined) started = await launch("chrome", EXECUTABLE);
}, 90_000);

afterAll(async () => {
  await started?.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

/** What the page shows when all its cells have run: the texts of their outputs, what is wrong, what axe has found. */
async function visit(url: string, scheme: "light" | "dark") {
  const page = await started!.browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("requestfailed", (request) => errors.push(request.url()));
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) errors.push(message.text());
  });
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url().split(":")[0]!));
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.setViewport({ width: 380, height: 800 });
  await page.goto(url);
  await page.waitForFunction(() =>
    Array.from(document.querySelectorAll(".outputs")).every(({ childElementCount }) => childElementCount > 0),
  );
  await page.evaluate(axe.source);
  const violations = await page.evaluate("axe.run().then(({ violations }) => violations)");
  const seen = await page.evaluate(() => ({
    outputs: Array.from(document.querySelectorAll(".outputs"), ({ textContent }) => textContent ?? ""),
    missing: Array.from(document.querySelectorAll(".missing"), ({ textContent }) => textContent ?? ""),
    tables: document.querySelectorAll(".outputs table").length,
    images: document.querySelectorAll(".outputs svg[role=img]").length,
    width: document.documentElement.scrollWidth,
  }));
  await page.close();
  return { ...seen, errors, violations, requests };
}

test("opened as a file: one thread, and it says why; all else is there", async ({ skip }) => {
  if (started === undefined) return skip(missing("chrome"));
  const { outputs, missing: without, ...seen } = await visit(pathToFileURL(file).href, "light");
  expect(seen).toMatchObject({ errors: [], violations: [], tables: 6, images: 3, width: 380 });
  expect(outputs[0]).toContain(
    "used: 1 (asked: default): memory is not shared: the page is not cross-origin isolated",
  );
  expect(without).toHaveLength(2);
  for (const text of without) expect(text).toMatch(/^spawn: .*Cross-Origin-Opener-Policy: same-origin/);
});

test("isolated: threads too", async ({ skip }) => {
  if (started === undefined) return skip(missing("chrome"));
  const { port } = server.address() as AddressInfo;
  const { outputs, missing: without, ...seen } = await visit(`http://localhost:${port}/`, "dark");
  expect(seen).toMatchObject({ errors: [], violations: [], tables: 6, images: 4, width: 380 });
  expect(without).toEqual([]);
  expect(outputs).toContain("2000");
  expect(outputs[1]).toContain("“a” · 2 references");
  // One file: all else that is loaded lies in it, or is made of it.
  expect(seen.requests.filter((scheme) => !["data", "blob"].includes(scheme))).toEqual(["http"]);
});

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser } from "puppeteer-core";
import type { BrowserName } from "./runtimes.ts";
import { serve } from "./serve.ts";

const profile = () => mkdtemp(join(tmpdir(), "blasm-browser-"));
const discard = (folder: string) =>
  rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });

/** Flags for a browser on a machine without a desktop or a network. */
const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts a browser with an empty profile of its own. */
export async function launch(
  name: BrowserName,
  executablePath: string,
): Promise<{ browser: Browser; close(): Promise<void> }> {
  const userDataDir = await profile();
  const browser = await puppeteer.launch({
    browser: name,
    executablePath,
    headless: true,
    userDataDir,
    args: name === "chrome" ? CHROMIUM_FLAGS : [],
    timeout: 60_000,
  });
  return {
    browser,
    async close() {
      await browser.close();
      await discard(userDataDir);
    },
  };
}

/**
 * What `module` (a script that posts one JSON value to "/") finds on an isolated page, in a browser that nobody drives, as
 * users have it. Driven by WebDriver BiDi, Firefox's main thread attends to each worker's start, and to each worker started
 * by a worker: one that begins to block meanwhile blocks the start of the others, for ever (Firefox 140; not so undriven).
 */
export async function visit(
  name: BrowserName,
  executablePath: string,
  root: string,
  module: string,
): Promise<unknown> {
  const folder = await profile();
  let report = (_body: string): void => {};
  const posted = new Promise<string>((resolve) => {
    report = resolve;
  });
  const server = await serve(root, true, { module, posted: report });
  const flags =
    name === "chrome"
      ? [...CHROMIUM_FLAGS, "--headless", `--user-data-dir=${folder}`]
      : ["--headless", "--no-remote", "--profile", folder];
  const browser = execFile(executablePath, [...flags, `${server.origin}/empty`], { timeout: 50_000 });
  const closed = new Promise((resolve) => browser.on("close", resolve));
  try {
    const ended = closed.then(() => {
      throw new Error(`${name} ended before its page had posted anything`);
    });
    return JSON.parse(await Promise.race([posted, ended]));
  } finally {
    browser.kill();
    await closed;
    server.close();
    await discard(folder);
  }
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser } from "puppeteer-core";
import type { BrowserName } from "./runtimes.ts";

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
  const profile = await mkdtemp(join(tmpdir(), "blasm-browser-"));
  const browser = await puppeteer.launch({
    browser: name,
    executablePath,
    headless: true,
    userDataDir: profile,
    args: name === "chrome" ? CHROMIUM_FLAGS : [],
    timeout: 60_000,
  });
  return {
    browser,
    async close() {
      await browser.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

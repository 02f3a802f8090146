import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser } from "puppeteer-core";
import { type BrowserName, browserPath, type DrivenName } from "./runtimes.ts";
import { type Site, serve } from "./serve.ts";

const profile = () => mkdtemp(join(tmpdir(), "blasm-browser-"));
const discard = (folder: string) =>
  rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });

/** For one page. */
const VISIT_MS = 60_000;

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
  name: DrivenName,
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

/** Without a driver: the command that opens a page, in a browser with the profile in `folder`. */
const COMMANDS: Record<BrowserName, (path: string, folder: string) => [string, ...string[]]> = {
  chrome: (path, folder) => [path, ...CHROMIUM_FLAGS, "--headless", `--user-data-dir=${folder}`],
  firefox: (path, folder) => [path, "--headless", "--no-remote", "--profile", folder],
  // It has no headless mode.
  webkit: (path) => ["xvfb-run", "--auto-servernum", path],
};

/**
 * What a page of a site posts as JSON, in a browser that nobody drives, as users have it. Driven by WebDriver BiDi, Firefox's main
 * thread attends to each worker's start, and to each worker started by a worker: one that begins to block meanwhile blocks the start
 * of the others, for ever (Firefox 140; not so undriven).
 */
export async function visit(
  name: BrowserName,
  site: Site,
  { path = "/empty", environment = {} }: { path?: string; environment?: Record<string, string> } = {},
): Promise<unknown> {
  const executable = browserPath(name);
  if (executable === undefined) throw new Error(`${name} is not here`);
  const folder = await profile();
  let report = (_body: string): void => {};
  const posted = new Promise<string>((resolve) => {
    report = resolve;
  });
  const server = await serve({ ...site, posted: report });
  const [command, ...args] = COMMANDS[name](executable, folder);
  // A group of its own: what it starts ends with it.
  const browser = spawn(command, [...args, `${server.origin}${path}`], {
    detached: true,
    stdio: "ignore",
    env: { ...process.env, ...environment },
  });
  const closed = new Promise((resolve) => browser.on("close", resolve));
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const ended = closed.then(() => {
      throw new Error(`${name} ended before its page had posted anything`);
    });
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${name}: the page has posted nothing`)), VISIT_MS);
    });
    return JSON.parse(await Promise.race([posted, ended, late]));
  } finally {
    clearTimeout(timer);
    endGroup(browser);
    await closed;
    server.close();
    await discard(folder);
  }
}

/** Ends a process that was started as the leader of a group, and what it has started. */
export function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

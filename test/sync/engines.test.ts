import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch } from "../engines/browser.ts";
import {
  browserPath,
  DRIVEN_NAMES,
  missing,
  RUNTIME_NAMES,
  type RuntimeName,
  runtimePath,
} from "../engines/runtimes.ts";
import { ISOLATED, type Server, serve } from "../engines/serve.ts";
import { casesOf } from "./suite/index.mjs";
import type { Report } from "./suite/types.ts";
import { EVERYWHERE, HEAVY, MAIN_THREAD } from "./suites.ts";

// The suites (see threads.test.ts) in every engine at hand: as a program, or in a browser's page and worker. Each engine runs them
// once; then there is a test for each case, so that what fails has a name.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SUITE = `${ROOT}test/sync/suite`;
/** For all suites together: a case that hangs ends by itself long before. */
const LIMIT_MS = 120_000;
const run = promisify(execFile);

/** Tests for what `collect` reports; it answers undefined where the engine is missing. */
function report(
  engine: string,
  suites: readonly string[],
  collect: () => Promise<readonly Report[] | undefined>,
): void {
  let reports: readonly Report[] | undefined;
  beforeAll(async () => {
    reports = await collect();
  }, LIMIT_MS + 30_000);

  test.for(casesOf(suites).map(([suite, name]) => `${suite}.${name}`))("%s", (name, { skip }) => {
    if (reports === undefined) return skip(`${engine} is not installed here: not tested`);
    const found = reports.find((one) => one.name === name);
    expect(found, "the suites ended before this case did").toBeDefined();
    expect(found?.ok, found?.message).toBe(true);
  });
}

/** The command line of a runtime; undefined where it is missing. */
function command(name: RuntimeName): [string, ...string[]] | undefined {
  const path = runtimePath(name);
  if (path === undefined) return undefined;
  const flags = name === "deno" ? ["run", "--quiet", "--allow-read", "--allow-sys", "--allow-env"] : [];
  return [path, ...flags];
}

describe.for(RUNTIME_NAMES)("%s", (name) => {
  const suites = name === "bun" ? [...EVERYWHERE, ...HEAVY] : EVERYWHERE;
  let stderr = "";

  report(name, suites, async () => {
    const [program, ...flags] = command(name) ?? [];
    if (program === undefined) {
      missing(name);
      return undefined;
    }
    const args = [...flags, `${SUITE}/program.mjs`, ...suites];
    const output = await run(program, args, { timeout: LIMIT_MS }).catch((error) => {
      // What it had reported before it failed counts.
      stderr = error.message;
      return error as { stdout: string; stderr: string };
    });
    stderr += output.stderr;
    const lines = output.stdout.split("\n").filter((line) => line.startsWith("{"));
    return lines.map((line) => JSON.parse(line) as Report);
  });

  test("ends cleanly", () => {
    expect(stderr).toBe("");
  });

  test("asynchronous waits keep a process alive, and no longer than they take", async ({ skip }) => {
    const [program, ...flags] = command(name) ?? [];
    if (program === undefined) return skip(missing(name));
    const { stdout } = await run(program, [...flags, `${SUITE}/alone.mjs`], { timeout: 20_000 });
    expect(JSON.parse(stdout)).toEqual([false, false]);
  });
});

describe.for(DRIVEN_NAMES)("%s", (name) => {
  let server: Server;
  let opened: Awaited<ReturnType<typeof launch>> | undefined;

  beforeAll(async () => {
    server = await serve({ folders: [ROOT], headers: ISOLATED });
    const executable = browserPath(name);
    if (executable === undefined) missing(name);
    else opened = await launch(name, executable);
  }, 90_000);

  afterAll(async () => {
    await opened?.close();
    server.close();
  });

  /** What a script (as text: the bundler of the tests must not touch its imports) reports on an isolated page. */
  async function onPage(script: string): Promise<readonly Report[] | undefined> {
    if (opened === undefined) return undefined;
    const page = await opened.browser.newPage();
    const errors: unknown[] = [];
    page.on("pageerror", (error) => errors.push(error));
    try {
      await page.goto(`${server.origin}/empty`);
      // In any case the page answers: with what there is, if something hangs.
      const reports = (await page.evaluate(`new Promise((resolve, reject) => {
        const reports = [];
        setTimeout(() => resolve(reports), ${LIMIT_MS});
        (async () => { ${script} })().then(() => resolve(reports), reject);
      })`)) as Report[];
      expect(errors).toEqual([]);
      return reports;
    } finally {
      await page.close();
    }
  }

  describe("worker", () => {
    const suites = [...EVERYWHERE, ...HEAVY];
    report(name, suites, () =>
      onPage(`
        const { coordinate } = await import("/test/sync/suite/page.mjs");
        await coordinate(${JSON.stringify(suites)}, (report) => reports.push(report));`),
    );
  });

  describe("main thread", () => {
    report(name, MAIN_THREAD, () =>
      onPage(`
        const { runAll } = await import("/test/sync/suite/index.mjs");
        await runAll(${JSON.stringify(MAIN_THREAD)}, (report) => reports.push(report));`),
    );
  });
});

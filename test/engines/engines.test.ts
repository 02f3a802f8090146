import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUILDS, type Build } from "../../src/kernels/builds.ts";
import { RECIPES } from "../../src/kernels/window.ts";
import { launch, visit } from "./browser.ts";
import type { Report } from "./conformance.mjs";
import { BROWSER_NAMES, browserPath, missing, RUNTIME_NAMES, runtimePath } from "./runtimes.ts";
import { serve } from "./serve.ts";
import type { Facts } from "./threads.mjs";

// The same script over dist/index.js in every engine at hand: right results, the same bits, nothing leaked, a clean exit.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SCRIPT = `${ROOT}test/engines/conformance.mjs`;
const ENTRY = new URL("../../dist/index.js", import.meta.url).href;
const run = promisify(execFile);
const reports: (Report & { name: string })[] = [];

/** Runs the script; a child that hangs, fails or writes to standard error is an error. */
async function conformance(command: string, args: readonly string[], build: Build): Promise<Report> {
  const { stdout, stderr } = await run(command, [...args, SCRIPT, ENTRY, build], { timeout: 60_000 });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Report;
}

function keep(name: string, report: Report): Report {
  const { asked, chosen, shared, gflops } = report;
  reports.push({ name, ...report });
  console.log(
    `${name.padEnd(10)} ${asked.padEnd(8)} ${(chosen === asked ? "" : `-> ${chosen}`).padEnd(11)} n = 256:` +
      ` float32 ${gflops.float32.toFixed(1).padStart(6)}, float64 ${gflops.float64.toFixed(1).padStart(6)} GFLOP/s` +
      ` ${shared ? "shared" : "unshared"} memory, bits ${report.bits}, ${report.engine}`,
  );
  return report;
}

/** The strict build's bits, from the Node that runs the tests: every engine must give the same. */
let strictBits = "";

beforeAll(async () => {
  strictBits = (await conformance(process.execPath, [], "strict")).bits;
}, 600_000);

/** What holds for a report wherever it was made. */
function check(name: string, report: Report): void {
  if (report.chosen === "strict") expect(report.bits, "strict differs from this Node's").toBe(strictBits);
  const others = reports.filter((one) => one.name === name && one.chosen !== "strict");
  // relaxed = tuned.
  if (report.chosen !== "strict") for (const { bits } of others) expect(report.bits).toBe(bits);
}

function checkNode(report: Report, build: Build): void {
  expect(report.shared).toBe(true);
  if (build === "relaxed" && !report.relaxedSimd) expect(report.chosen, report.reason).toBe("strict");
  else expect(report.chosen, report.reason).toBe(build);
  if (build !== "tuned") return;
  const version = report.v8.split("-")[0] ?? "";
  if (RECIPES.some(({ tried }) => tried.includes(version))) return;
  console.warn(`V8 ${version} worked with a recipe that does not list it: add it to RECIPES in window.ts`);
}

const nodes = RUNTIME_NAMES.filter((name) => name.startsWith("node"));
for (const name of ["this node", ...nodes] as const) {
  test.for(BUILDS)(`${name}, %s build`, async (build, { skip }) => {
    const path = name === "this node" ? process.execPath : runtimePath(name);
    if (path === undefined) return skip(missing(name));
    const report = keep(name, await conformance(path, [], build));
    // The tuned build needs V8's x86-64 back end; elsewhere its fallback must be as good.
    if (process.arch === "x64") checkNode(report, build);
    check(name, report);
  });
}

for (const name of ["deno", "bun"] as const) {
  test.for(BUILDS)(`${name}, %s build`, async (build, { skip }) => {
    const path = runtimePath(name);
    if (path === undefined) return skip(missing(name));
    const args = name === "deno" ? ["run", "--quiet", "--allow-read", "--allow-sys", "--allow-env"] : [];
    const report = keep(name, await conformance(path, args, build));
    expect(report.chosen).toBe(build === "tuned" ? "relaxed" : build);
    check(name, report);
  });
}

/** What every host sees of threads. */
const SEEN = [
  "a lock between three threads",
  "a product of another thread",
  "an exception with its stack",
  "a holder terminated in an endless loop",
];
const MAY_BLOCK = [...SEEN, "this thread may block"];
const MAY_NOT_BLOCK = [...SEEN, "this thread is told that it may not block"];
const TEAM = "a product of the team";

for (const name of ["this node", ...RUNTIME_NAMES] as const) {
  test(`${name}, threads`, async ({ skip }) => {
    const path = name === "this node" ? process.execPath : runtimePath(name);
    if (path === undefined) return skip(missing(name));
    const args = name === "deno" ? ["run", "--quiet", "--allow-read", "--allow-sys", "--allow-env"] : [];
    const { stdout, stderr } = await run(path, [...args, `${ROOT}test/engines/threads.mjs`, ENTRY], {
      timeout: 60_000,
    });
    expect(stderr).toBe("");
    expect((JSON.parse(stdout) as Facts).checks).toEqual([...MAY_BLOCK, TEAM]);
  });
}

describe.each(BROWSER_NAMES)("%s", (name) => {
  let started: Awaited<ReturnType<typeof launch>> | undefined;
  let browser: Browser | undefined;

  beforeAll(async () => {
    const executable = browserPath(name);
    if (executable === undefined) return;
    started = await launch(name, executable);
    browser = started.browser;
  }, 90_000);

  afterAll(() => started?.close());

  const onPage = async (
    isolated: boolean,
    program: string,
  ): Promise<{ value: unknown; errors: readonly string[] }> => {
    const server = await serve(ROOT, isolated);
    const page = await browser!.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    try {
      await page.goto(`${server.origin}/empty`);
      // As text: the bundler of the tests must not touch the import().
      return { value: await page.evaluate(program), errors };
    } finally {
      await page.close();
      server.close();
    }
  };

  const THREADS = `Promise.all([import(location.origin + "/dist/index.js"), import(location.origin + "/test/engines/threads.mjs")])
    .then(([blasm, { threads }]) => threads(blasm))
    .catch((error) => ({ failed: String(error.stack) }))`;
  const POST = `((report) => fetch("/", { method: "POST", body: JSON.stringify(report) }))`;

  test("threads, from the page, which may not block", async ({ skip }) => {
    const executable = browserPath(name);
    if (executable === undefined) return skip(missing(name));
    const value = await visit(name, executable, ROOT, `${THREADS}.then${POST};`);
    expect(value).toMatchObject({ checks: [...MAY_NOT_BLOCK, TEAM] });
  });

  test("threads, from a worker, which may", async ({ skip }) => {
    const executable = browserPath(name);
    if (executable === undefined) return skip(missing(name));
    const value = await visit(
      name,
      executable,
      ROOT,
      `const url = URL.createObjectURL(new Blob([${JSON.stringify(`${THREADS}.then(postMessage);`)}], { type: "text/javascript" }));
      new Worker(url, { type: "module" }).onmessage = ({ data }) => ${POST}(data);`,
    );
    expect(value).toMatchObject({ checks: [...MAY_BLOCK, TEAM] });
  });

  test("not isolated: no threads, and it says what is missing", async ({ skip }) => {
    if (browser === undefined) return skip(missing(name));
    const { value } = await onPage(
      false,
      `import("/dist/index.js").then(({ init }) => init()).then((la) => la.spawn("/x.js")).catch((error) => error.message)`,
    );
    expect(value).toContain("Cross-Origin-Opener-Policy: same-origin");
  });

  for (const isolated of [true, false]) {
    test.for(BUILDS)(`${isolated ? "isolated" : "not isolated"}, %s build`, async (build, { skip }) => {
      if (browser === undefined) return skip(missing(name));
      const { value, errors } = await onPage(
        isolated,
        `Promise.all([import("/dist/index.js"), import("/test/engines/conformance.mjs")])
          .then(([blasm, { conform }]) => conform(blasm, ${JSON.stringify(build)}))`,
      );
      const report = keep(name, value as Report);
      expect(errors).toEqual([]);
      expect(report.shared).toBe(isolated);
      expect(report.chosen).toBe(build === "tuned" ? "relaxed" : build);
      check(name, report);
    });
  }
});

import { execFile } from "node:child_process";
import { copyFile, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Build } from "../../src/kernels/builds.ts";
import { visit } from "../engines/browser.ts";
import {
  type BrowserName,
  browserPath,
  bundlersPath,
  DRIVEN_NAMES,
  RUNTIME_NAMES,
  type RuntimeName,
  runtimePath,
} from "../engines/runtimes.ts";
import { ISOLATED, type Site, serve } from "../engines/serve.ts";
import type { Project } from "./project.ts";
import type { Report } from "./suite/suite.mjs";

/** What a row must see of threads; or why there is one only, be its memory shared or not. */
export type Sight = "blocking" | "not blocking" | { readonly alone: RegExp; readonly shared?: true };

/** A place where users run the package. */
export interface Row {
  readonly name: string;
  /** What must be installed; undefined if it is here. */
  readonly missing: () => string | undefined;
  /** Runs the suite there, in a project with the package installed. */
  readonly run: (project: Project) => Promise<Report>;
  readonly threads: Sight;
  /** The builds that its entry has, if not all. */
  readonly builds?: readonly Build[];
}

const NOT_ISOLATED: Sight = {
  alone: /not cross-origin isolated; asynchronous products by a thread apart$/,
};
/** Where no worker may be started from a text. */
const NO_WORKER: Sight = {
  alone: /not cross-origin isolated; asynchronous products here: blob: .*worker-src/,
};
/** A Content-Security-Policy that allows what a page needs, but no worker from a text. */
const STRICT_POLICY = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:",
};

// ---- Node, Deno, Bun ----

const start = promisify(execFile);

/** A child that hangs, fails or writes to standard error is an error. */
async function program({ folder }: Project, path: string, ...args: string[]): Promise<Report> {
  const { stdout, stderr } = await start(path, args, { cwd: folder, timeout: 60_000 });
  if (stderr !== "") throw new Error(`it writes to standard error: ${stderr}`);
  return JSON.parse(stdout);
}

const FLAGS: Partial<Record<RuntimeName, string[]>> = {
  deno: ["run", "--quiet", "--allow-read", "--allow-sys", "--allow-env"],
};

function runtimeRow(name: RuntimeName | "this node", file: string, note = ""): Row {
  const path = (): string | undefined => (name === "this node" ? process.execPath : runtimePath(name));
  const title = name === "this node" ? `node ${process.versions.node.split(".")[0]}` : name;
  return {
    name: `${title[0]!.toUpperCase()}${title.slice(1)}${note}`,
    missing: () => (path() === undefined ? name : undefined),
    run: (project) => program(project, path()!, ...((name !== "this node" && FLAGS[name]) || []), file),
    threads: "blocking",
  };
}

// ---- browsers, without a bundler ----

const TITLES: Record<BrowserName, string> = { chrome: "Chromium", firefox: "Firefox", webkit: "WebKitGTK" };

const moduleScript = (path: string): string => `<script type=module src=${path}></script>`;
/** Runs when the page is there, as a module does. */
const classicScript = (path: string): string => `<script defer src=${path}></script>`;

interface PageOptions {
  readonly note: string;
  readonly headers?: Site["headers"];
  readonly threads: Sight;
  /** Which of the package's files is the entry. */
  readonly entry?: "index.js" | "external.js";
  /** Whether init() is told where the threads' program is. */
  readonly workerURL?: boolean;
  /** Starts a worker instead, which reports. */
  readonly inWorker?: boolean;
  /** The package comes from another origin. */
  readonly foreign?: boolean;
  readonly environment?: Record<string, string>;
}

const DIST = "/node_modules/blasm/dist";

function pageRow(browser: BrowserName, options: PageOptions): Row {
  const { note, headers = {}, threads, environment = {} } = options;
  return {
    name: `${TITLES[browser]}, ${note}`,
    missing: () => (browserPath(browser) === undefined ? browser : undefined),
    threads,
    async run(project) {
      const folders = [project.folder];
      const cdn = await serve({ folders, headers: { "Access-Control-Allow-Origin": "*" } });
      const origin = options.foreign ? cdn.origin : "";
      const told = options.workerURL ? `{ workerURL: "${DIST}/worker.js", ...options }` : "options";
      const files = {
        "/report.js": `import { init } from "${origin}${DIST}/${options.entry ?? "index.js"}";
          import { report } from "/suite/page.mjs";
          report({ init: (options) => init(${told}) });`,
        "/worker.js": `new Worker("/report.js", { type: "module" })`,
      };
      const body = moduleScript(options.inWorker ? "/worker.js" : "/report.js");
      try {
        return checked(await visit(browser, { headers, folders, files, body }, { environment }));
      } finally {
        cdn.close();
      }
    },
  };
}

/** @throws what the page has reported as its failure */
function checked(value: unknown): Report {
  const { failed } = value as { failed?: string };
  if (failed !== undefined) throw new Error(failed);
  return value as Report;
}

const PAGES: readonly PageOptions[] = [
  { note: "isolated", headers: ISOLATED, threads: "not blocking" },
  { note: "isolated, in a worker", headers: ISOLATED, inWorker: true, threads: "blocking" },
  { note: "isolated, from a CDN", headers: ISOLATED, foreign: true, threads: "not blocking" },
  {
    note: "isolated, CSP without blob:",
    headers: { ...ISOLATED, ...STRICT_POLICY },
    threads: { alone: /worker-src/, shared: true },
  },
  {
    note: "isolated, CSP without blob:, workerURL",
    headers: { ...ISOLATED, ...STRICT_POLICY },
    workerURL: true,
    threads: "not blocking",
  },
  {
    note: "isolated, CSP without blob:, blasm/external",
    headers: { ...ISOLATED, ...STRICT_POLICY },
    entry: "external.js",
    threads: "not blocking",
  },
  { note: "not isolated", threads: NOT_ISOLATED },
  { note: "not isolated, blasm/external", entry: "external.js", threads: NOT_ISOLATED },
  { note: "not isolated, from a CDN", foreign: true, threads: NOT_ISOLATED },
  { note: "not isolated, CSP without blob:", headers: STRICT_POLICY, threads: NO_WORKER },
  {
    note: "not isolated, CSP without blob:, workerURL",
    headers: STRICT_POLICY,
    workerURL: true,
    threads: NOT_ISOLATED,
  },
];

/** WebKitGTK has no SharedArrayBuffer unless it is told to. */
const WEBKIT_PAGES: readonly PageOptions[] = [
  { note: "isolated", headers: ISOLATED, threads: { alone: /no SharedArrayBuffer; .* by a thread apart$/ } },
  {
    note: "isolated, JSC_useSharedArrayBuffer=1",
    headers: ISOLATED,
    environment: { JSC_useSharedArrayBuffer: "1" },
    threads: "not blocking",
  },
  { note: "not isolated", threads: NOT_ISOLATED },
  {
    note: "not isolated, CSP without blob:",
    headers: STRICT_POLICY,
    threads: { alone: /not cross-origin isolated; asynchronous products here: blob: .*insecure/ },
  },
];

// ---- bundlers ----

/** What a bundler has made of page.mjs or external.mjs, as a site, and where its page is. */
interface Bundle extends Site {
  readonly path?: string;
}

/** All without a file of configuration. */
const BUNDLERS: Record<string, (project: Project) => Promise<Bundle>> = {
  "Vite, dev server": (project) => viteServer(project, "vite"),
  "Vite, dev server, blasm/external": (project) => viteServer(project, "vite-external"),
  async "Vite, build"(project) {
    await project.runTool("vite", "vite", "build");
    return { folders: [`${project.folder}/vite/dist`], path: "/index.html" };
  },
  async "Vite, build, blasm/external"(project) {
    await project.runTool("vite-external", "vite", "build");
    return { folders: [`${project.folder}/vite-external/dist`], path: "/index.html" };
  },
  webpack: (project) => webpack(project, "page"),
  "webpack, blasm/external": (project) => webpack(project, "external"),
  async Rollup(project) {
    await project.runTool("", "rollup", "page.mjs", "--plugin", "node-resolve", "--file", "rollup/page.js");
    return { folders: [`${project.folder}/rollup`], body: moduleScript("/page.js") };
  },
  // Rollup and esbuild leave `new URL(…, import.meta.url)` as it is: who takes blasm/external copies its files beside the bundle.
  async "Rollup, blasm/external, its files copied"(project) {
    await project.runTool(
      "",
      "rollup",
      "external.mjs",
      ...["--plugin", "node-resolve", "--file", "rollup-external/page.js"],
    );
    return besideFiles(project, "rollup-external");
  },
  async "esbuild, blasm/external, its files copied"(project) {
    await project.runTool(
      "",
      "esbuild",
      "external.mjs",
      ...["--bundle", "--format=esm", "--outfile=esbuild-external/page.js"],
    );
    return besideFiles(project, "esbuild-external");
  },
  async esbuild(project) {
    await project.runTool("", "esbuild", "page.mjs", "--bundle", "--minify", "--outfile=esbuild/page.js");
    return { folders: [`${project.folder}/esbuild`], body: classicScript("/page.js") };
  },
  "Next.js, client": async (project) => ({ upstream: await nextServer(project), path: "/" }),
  "Next.js, client, blasm/external": async (project) => ({
    upstream: await nextServer(project),
    path: "/external",
  }),
};

async function viteServer(project: Project, folder: string): Promise<Bundle> {
  const upstream = await project.startServer(folder, {}, "vite", (port) => [
    "--strictPort",
    "--port",
    String(port),
  ]);
  return { upstream, path: "/" };
}

/** A bundle that is a module, with the package's files beside it. */
async function besideFiles({ folder }: Project, name: string): Promise<Bundle> {
  for (const file of ["worker.js", "strict.wasm", "relaxed.wasm"])
    await copyFile(`${folder}${DIST}/${file}`, `${folder}/${name}/${file}`);
  return { folders: [`${folder}/${name}`], body: moduleScript("/page.js") };
}

async function webpack(project: Project, module: "page" | "external"): Promise<Bundle> {
  const folder = `webpack-${module}`;
  await project.runTool("", "webpack", "--mode", "production", "--entry", `./${module}.mjs`, "-o", folder);
  return { folders: [`${project.folder}/${folder}`], body: classicScript("/main.js") };
}

/** The port of the built application. */
function nextServer(project: Project): Promise<number> {
  return project.once("next", async () => {
    await project.runTool("next", "next", "build");
    return project.startServer("next", { TASKS: `${project.folder}/tasks.mjs` }, "next", (port) => [
      "start",
      "--port",
      String(port),
    ]);
  });
}

const bundlersMissing = (): string | undefined => (bundlersPath() === undefined ? "bundlers" : undefined);

function bundlerRow(name: string, isolated: boolean): Row {
  return {
    name: `${name}, ${isolated ? "isolated" : "not isolated"}`,
    missing: () => bundlersMissing() ?? (browserPath("chrome") === undefined ? "chrome" : undefined),
    threads: isolated ? "not blocking" : NOT_ISOLATED,
    async run(project) {
      const { path = "/empty", ...bundle } = await project.once(name, () => BUNDLERS[name]!(project));
      const files = { "/tasks.mjs": await readFile(`${project.folder}/tasks.mjs`, "utf8") };
      return checked(
        await visit("chrome", { ...bundle, files, headers: isolated ? ISOLATED : {} }, { path }),
      );
    },
  };
}

const NEXT_SERVER: Row = {
  name: "Next.js, server",
  missing: bundlersMissing,
  threads: "blocking",
  async run(project) {
    const response = await fetch(`http://localhost:${await nextServer(project)}/report`);
    return checked(await response.json());
  },
};

/** Cloudflare's engine: it compiles no bytes, and has no threads. */
const WORKERD: Row = {
  name: "workerd",
  missing: bundlersMissing,
  builds: ["relaxed"],
  threads: { alone: /memory is not shared.*asynchronous products here: / },
  async run(project) {
    const port = await project.startServer("", {}, "workerd", (port) => [
      "serve",
      "workerd.capnp",
      `--socket-addr=http=localhost:${port}`,
    ]);
    const response = await fetch(`http://localhost:${port}/report`);
    return checked(await response.json());
  },
};

// ---- the matrix ----

export const ROWS: readonly Row[] = [
  ...(["this node", ...RUNTIME_NAMES] as const).flatMap((name) => [
    runtimeRow(name, "program.mjs"),
    runtimeRow(name, "program.cjs", ", require()"),
  ]),
  ...DRIVEN_NAMES.flatMap((browser) => PAGES.map((options) => pageRow(browser, options))),
  ...WEBKIT_PAGES.map((options) => pageRow("webkit", options)),
  ...Object.keys(BUNDLERS).flatMap((name) => [bundlerRow(name, true), bundlerRow(name, false)]),
  NEXT_SERVER,
  WORKERD,
];

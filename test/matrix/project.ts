import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { endGroup } from "../engines/browser.ts";
import { bundlersPath } from "../engines/runtimes.ts";

// The project that the rows of the matrix run in: as a user's, with the packed package installed, and nothing of the source tree.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const HERE = fileURLToPath(new URL(".", import.meta.url));
const run = promisify(execFile);

/** What tools are started with: what the tests' runner sets would change what they build. */
const { NODE_ENV: _, VITEST: __, ...environment } = process.env;
const ENVIRONMENT = { ...environment, NEXT_TELEMETRY_DISABLED: "1" };

/** A project with the package in it, and the tools that rows of the matrix run there. */
export class Project {
  readonly folder: string;
  readonly #made = new Map<string, Promise<unknown>>();
  readonly #servers: (() => Promise<void>)[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Packs the package and installs it into a new project; puts the bundlers beside it, if they are here. */
  static async create(): Promise<Project> {
    const folder = await mkdtemp(join(tmpdir(), "blasm-matrix-"));
    const packing = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder];
    const { stdout: tarball } = await run("npm", packing, { cwd: ROOT });
    await writeFile(`${folder}/package.json`, `{ "name": "project", "private": true, "type": "module" }\n`);
    const installing = ["install", "--silent", "--no-audit", "--no-fund", `./${tarball.trim()}`];
    await run("npm", installing, { cwd: folder });
    await cp(`${HERE}suite`, `${folder}/suite`, { recursive: true });
    await cp(`${ROOT}test/team/modules/tasks.mjs`, `${folder}/tasks.mjs`);
    const filter = (path: string): boolean => !/\/package(-lock)?\.json$/.test(path);
    await cp(`${HERE}projects`, folder, { recursive: true, filter });
    const bundlers = bundlersPath();
    if (bundlers !== undefined) await addPackages(`${bundlers}/node_modules`, `${folder}/node_modules`);
    return new Project(folder);
  }

  /** What `make` makes, made once. */
  once<T>(name: string, make: () => Promise<T>): Promise<T> {
    const made = this.#made.get(name) ?? make();
    this.#made.set(name, made);
    return made as Promise<T>;
  }

  /** Runs a tool in one of the project's folders. @throws what it has printed, if it fails */
  async runTool(folder: string, name: string, ...args: string[]): Promise<void> {
    const options = { cwd: `${this.folder}/${folder}`, env: ENVIRONMENT, timeout: 240_000 };
    await run(this.#binary(name), args, options).catch(({ message, stdout, stderr }) => {
      throw new Error(`${message}\n${stdout}\n${stderr}`);
    });
  }

  /** Starts a tool that serves on a port of localhost, and waits until it answers. @returns the port */
  async startServer(
    folder: string,
    environment: Readonly<Record<string, string>>,
    name: string,
    args: (port: number) => readonly string[],
  ): Promise<number> {
    const port = await freePort();
    const child = spawn(this.#binary(name), args(port), {
      cwd: `${this.folder}/${folder}`,
      detached: true,
      stdio: "ignore",
      env: { ...ENVIRONMENT, ...environment },
    });
    const closed = new Promise((resolve) => child.on("close", resolve));
    this.#servers.push(async () => {
      endGroup(child);
      await closed;
    });
    if (await answers(child, port)) return port;
    throw new Error(`${name} ${args(port).join(" ")} does not answer`);
  }

  /** Ends its servers, and leaves nothing. */
  async remove(): Promise<void> {
    await Promise.all(this.#servers.map((close) => close()));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  #binary(name: string): string {
    return `${this.folder}/node_modules/.bin/${name}`;
  }
}

/** As if they had been installed there: by links, where the file system allows them, since they are 400 MB. */
async function addPackages(from: string, to: string): Promise<void> {
  const names = (await readdir(from)).filter((name) => name !== ".package-lock.json");
  const paths = names.map((name) => `${from}/${name}`);
  await run("cp", ["-al", ...paths, `${to}/`]).catch(() => run("cp", ["-a", "-f", ...paths, `${to}/`]));
}

async function answers(child: ChildProcess, port: number): Promise<boolean> {
  for (const end = Date.now() + 60_000; Date.now() < end && child.exitCode === null; ) {
    const response = await fetch(`http://localhost:${port}/`).catch(() => undefined);
    await response?.text();
    if (response?.ok) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "localhost");
  await new Promise((resolve) => server.on("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

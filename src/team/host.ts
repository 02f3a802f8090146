import { UnsupportedError } from "../errors.ts";
import type { ChildResult, EngineHost } from "../kernels/engine.ts";

// The only file that knows Node from browsers, Deno and Bun.

/** A file that is read from the start. */
export interface SourceFile {
  /** Undefined for what is no regular file: a pipe ends when it ends. */
  readonly size: number | undefined;
  /** Reads the next bytes into `target`; returns how many, 0 at the end. */
  read(target: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/** A file that is written from the start. It gets its name when it is closed: until then nothing is overwritten. */
export interface TargetFile {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
  /** Instead of close(): leaves no trace. */
  abort(): Promise<void>;
}

/** What the host is and what it lets us do. */
export interface Host extends EngineHost {
  /** Cores this process may use. */
  readonly cores: number;
  /** CPU model, where the host tells. */
  readonly cpu: string | undefined;
  /** @throws UnsupportedError in a host without files. */
  openSource(path: string | URL): Promise<SourceFile>;
  /** @throws UnsupportedError in a host without files. */
  openTarget(path: string | URL): Promise<TargetFile>;
  /** Milliseconds from some fixed start. */
  now(): number;
}

/** The parts of Node's `process` that are used here; Deno and Bun have most of them too. */
interface ProcessLike {
  readonly versions?: Record<string, string | undefined>;
  readonly arch?: string;
  readonly execPath: string;
  readonly execArgv?: readonly string[];
  readonly env: Record<string, string | undefined>;
  readonly getBuiltinModule?: (name: string) => unknown;
}

type Builtins = {
  "node:v8": typeof import("node:v8");
  "node:os": typeof import("node:os");
  "node:child_process": typeof import("node:child_process");
  "node:fs/promises": typeof import("node:fs/promises");
};

function runtimeOf(versions: Record<string, string | undefined>): string {
  const { Deno, Bun } = globalThis as { Deno?: unknown; Bun?: unknown };
  if (Deno !== undefined) return "deno";
  if (Bun !== undefined) return "bun";
  // Electron is Node with another V8 build around it; its flags were never tried.
  if (versions.electron !== undefined) return "electron";
  if (versions.node !== undefined) return "node";
  return typeof navigator === "object" ? "browser" : "unknown";
}

function engineOf(runtime: string, userAgent: string): EngineHost["engine"] {
  if (runtime === "bun") return "javascriptcore";
  if (runtime === "node" || runtime === "deno" || runtime === "electron") return "v8";
  if (/Firefox\//.test(userAgent)) return "spidermonkey";
  if (/Chrom(e|ium)\//.test(userAgent)) return "v8";
  return /AppleWebKit\//.test(userAgent) ? "javascriptcore" : "unknown";
}

/** Looks at the globals once. */
export function detectHost(): Host {
  const { process } = globalThis as { process?: ProcessLike };
  const versions = process?.versions ?? {};
  const runtime = runtimeOf(versions);
  const userAgent = typeof navigator === "object" ? (navigator.userAgent ?? "") : "";
  const builtin = <Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined =>
    process?.getBuiltinModule?.(name) as Builtins[Name] | undefined;
  const os = builtin("node:os");
  const engine = engineOf(runtime, userAgent);
  const version = runtime === "deno" || runtime === "bun" ? versions[runtime] : versions.node;
  return {
    runtime,
    version: version ?? userAgent,
    engine,
    v8:
      engine !== "v8"
        ? undefined
        : (versions.v8 ?? /Chrom(?:e|ium)\/(\d+)/.exec(userAgent)?.[1]?.replace(/(\d)$/, ".$1")),
    architecture: process?.arch,
    setFlags: builtin("node:v8")?.setFlagsFromString,
    flags: runtime === "node" && process ? startFlags(process) : [],
    runChild:
      runtime === "node" && process
        ? childRunner(process.execPath, builtin("node:child_process"))
        : undefined,
    cores:
      os?.availableParallelism?.() || (typeof navigator === "object" && navigator.hardwareConcurrency) || 1,
    // Deno asks its user before it tells.
    cpu: runtime === "deno" ? undefined : os?.cpus()[0]?.model.trim(),
    ...files(builtin("node:fs/promises")),
    now: () => performance.now(),
  };
}

/** What V8 was told when the process was started. */
function startFlags({ execArgv = [], env }: ProcessLike): string[] {
  return [...execArgv, ...(env.NODE_OPTIONS ?? "").split(/\s+/).filter(Boolean)];
}

function childRunner(
  execPath: string,
  childProcess: Builtins["node:child_process"] | undefined,
): EngineHost["runChild"] {
  if (childProcess === undefined) return undefined;
  return (program, input, timeoutMs) =>
    new Promise<ChildResult>((resolve) => {
      const child = childProcess.spawn(execPath, ["--eval", program], {
        stdio: ["pipe", "pipe", "ignore"],
        timeout: timeoutMs,
      });
      let output = "";
      child.stdout.on("data", (piece: Uint8Array) => {
        output += new TextDecoder().decode(piece);
      });
      child.on("error", () => resolve({ status: undefined, output }));
      child.on("close", (status: number | null) => resolve({ status: status ?? undefined, output }));
      // A child that has died already refuses its input: its exit status tells.
      child.stdin.on("error", () => {});
      child.stdin.end(input);
    });
}

function files(fs: Builtins["node:fs/promises"] | undefined): Pick<Host, "openSource" | "openTarget"> {
  const filesystem = (path: string | URL): Builtins["node:fs/promises"] => {
    if (fs !== undefined) return fs;
    throw new UnsupportedError(
      `This host has no files (Node has from 20.16 on), so "${path}" cannot be opened. Read from bytes or a Blob, write with npyBytes().`,
    );
  };
  return {
    async openSource(path) {
      const file = await filesystem(path).open(path, "r");
      const stat = await file.stat();
      return {
        size: stat.isFile() ? stat.size : undefined,
        read: async (target) => (await file.read(target, 0, target.length)).bytesRead,
        close: () => file.close(),
      };
    },
    async openTarget(path) {
      const { open, rename, rm } = filesystem(path);
      const part = path instanceof URL ? new URL(`${path.href}.part`) : `${path}.part`;
      const file = await open(part, "w");
      return {
        write: async (bytes) => {
          for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done)).bytesWritten;
        },
        close: async () => {
          await file.close();
          await rename(part, path);
        },
        abort: async () => {
          await file.close();
          await rm(part, { force: true });
        },
      };
    },
  };
}

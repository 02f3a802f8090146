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

/** One end of a channel between two threads. */
export interface Port {
  /** What to hand over when this end is posted to another thread. */
  readonly raw: object;
  post(message: unknown, handedOver?: readonly (Port | ArrayBuffer)[]): void;
  /** Calls `listener` with each message from now on; only messages listened to arrive by themselves. */
  listen(listener: (message: unknown) => void): void;
  /** The next message, if there is one: without waiting, and without leaving this function. Undefined where hosts cannot. */
  take(): unknown;
  /** Whether listening keeps the process alive. At first it does not. */
  keepAlive(alive: boolean): void;
}

/** What a thread hears of a thread that it has started. */
export interface WorkerEvents {
  message(message: unknown): void;
  /** It has ended, and touches no memory any more; with the error that ended it, if one did. */
  exit(error: Error | undefined): void;
}

/** A thread, from outside. By itself it does not keep the process alive. */
export interface WorkerHandle {
  terminate(): void;
}

/** What the host is and what it lets us do. */
export interface Host extends EngineHost, Workers {
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

/** Where a worker's program comes from: a URL made of its text, or a file that does what dist/worker.js does. */
export type WorkerWay = "blob:" | "data:" | { readonly workerURL: string };

/** What the host knows of threads. */
export interface Workers {
  /** Ways to start a thread, the best first: where the first one fails, the next may not. */
  readonly ways: readonly WorkerWay[];
  /**
   * Starts a thread that runs this library's enterWorker(). The thread starts even if this one blocks right afterwards.
   * @param role what enterWorker() is to be told; with the ends of channels in it.
   * @throws UnsupportedError in a host without threads.
   */
  startWorker(way: WorkerWay, role: unknown, handedOver: readonly Port[], events: WorkerEvents): WorkerHandle;
  /** Two ends. @throws UnsupportedError in a host without threads. */
  channel(): [Port, Port];
  /** An end that was handed over. */
  port(raw: object): Port;
  /** In a started thread: the end towards who started it. */
  readonly parent: Port | undefined;
  /** In a started thread, first of all: lets who started it notice its end. */
  begin(): Promise<void>;
  /** In a started thread: ends it, when what it has printed is on its way. */
  finish(): void;
  /** A module's URL, from what a user gave. @throws UnsupportedError for what is none. */
  moduleURL(url: string | URL): string;
}

/** The parts of Node's `process` that are used here; Deno and Bun have most of them too. */
interface ProcessLike {
  readonly versions?: Record<string, string | undefined>;
  readonly arch?: string;
  readonly execPath: string;
  readonly execArgv?: readonly string[];
  readonly env: Record<string, string | undefined>;
  readonly getBuiltinModule?: (name: string) => unknown;
  readonly stdout?: { write(text: string, done: () => void): unknown };
  exit?(): never;
}

type Builtins = {
  "node:v8": typeof import("node:v8");
  "node:zlib": typeof import("node:zlib");
  "node:os": typeof import("node:os");
  "node:child_process": typeof import("node:child_process");
  "node:fs/promises": typeof import("node:fs/promises");
  "node:worker_threads": typeof import("node:worker_threads");
};

function runtimeOf(versions: Record<string, string | undefined>): string {
  const { Deno, Bun } = globalThis as { Deno?: unknown; Bun?: unknown };
  // It has a `process` that says it is Node.
  if (globalThis.navigator?.userAgent === "Cloudflare-Workers") return "workerd";
  if (Deno !== undefined) return "deno";
  if (Bun !== undefined) return "bun";
  // Electron is Node with another V8 build around it; its flags were never tried.
  if (versions.electron !== undefined) return "electron";
  if (versions.node !== undefined) return "node";
  return typeof navigator === "object" ? "browser" : "unknown";
}

function engineOf(runtime: string, userAgent: string): EngineHost["engine"] {
  if (runtime === "bun") return "javascriptcore";
  if (["node", "deno", "electron", "workerd"].includes(runtime)) return "v8";
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
    inflate: runtime === "node" ? builtin("node:zlib")?.inflateRawSync : undefined,
    // What Node takes 15 ms to load is loaded when it is used.
    runChild:
      runtime === "node" && process?.getBuiltinModule
        ? childRunner(process.execPath, () => builtin("node:child_process")!)
        : undefined,
    cores:
      os?.availableParallelism?.() || (typeof navigator === "object" && navigator.hardwareConcurrency) || 1,
    // Deno asks its user before it tells.
    cpu: runtime === "deno" ? undefined : os?.cpus()[0]?.model.trim(),
    ...files(() => builtin("node:fs/promises")),
    ...workers(builtin("node:worker_threads"), process),
    now: () => performance.now(),
  };
}

/** What V8 was told when the process was started. */
function startFlags({ execArgv = [], env }: ProcessLike): string[] {
  return [...execArgv, ...(env.NODE_OPTIONS ?? "").split(/\s+/).filter(Boolean)];
}

function childRunner(
  execPath: string,
  childProcess: () => Builtins["node:child_process"],
): NonNullable<EngineHost["runChild"]> {
  return (program, input, timeoutMs) =>
    new Promise<ChildResult>((resolve) => {
      const child = childProcess().spawn(execPath, ["--eval", program], {
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

function files(
  load: () => Builtins["node:fs/promises"] | undefined,
): Pick<Host, "openSource" | "openTarget"> {
  const filesystem = (path: string | URL): Builtins["node:fs/promises"] => {
    const fs = load();
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

type WorkerThreads = Builtins["node:worker_threads"];

/**
 * In the built package: the function whose body is all of this library. esbuild.config.mjs puts it around, so that workers can
 * run its text: what a bundler makes of the file that it is in, or where that lies, does not matter.
 */
declare const blasmLibrary: (() => unknown) | undefined;

/**
 * The program of every worker: an ES module. It catches the first message at once (browsers drop what nobody listens to, Deno
 * keeps it for a second), and imports the user's module where no bundler can touch the import. What fails must be an error
 * event, which a rejected promise is not in browsers. In stacks it has a name: its URL may be all of its text.
 */
export function workerProgram(): string {
  if (typeof blasmLibrary !== "function") throw new UnsupportedError("Threads need the built package.");
  return `const port = globalThis.process?.getBuiltinModule?.("node:worker_threads").parentPort;
const first = new Promise((resolve) => port
  ? port.once("message", resolve)
  : addEventListener("message", ({ data }) => resolve(data), { once: true }));
(${blasmLibrary})().enterWorker((url) => import(url), first)
  .catch((error) => setTimeout(() => { throw error; }));
//# sourceURL=blasm-thread.js
`;
}

/** The program in a URL. */
const dataURL = (): string => `data:text/javascript,${encodeURIComponent(workerProgram())}`;

/** Threads of Node, Deno and Bun by node:worker_threads (which tells of a thread's end), of browsers by Worker. */
function workers(threads: WorkerThreads | undefined, process: ProcessLike | undefined): Workers {
  if (threads !== undefined) return nodeWorkers(threads, process);
  if (typeof Worker === "function") return webWorkers();
  const none = (): never => {
    throw new UnsupportedError(
      "This host has no threads: neither node:worker_threads (Node has from 20.16 on) nor Worker.",
    );
  };
  const moduleURL = String;
  return {
    ways: [],
    startWorker: none,
    channel: none,
    port: none,
    parent: undefined,
    begin: none,
    finish: none,
    moduleURL,
  };
}

function nodeWorkers(threads: WorkerThreads, process: ProcessLike | undefined): Workers {
  type MessagePort = import("node:worker_threads").MessagePort;
  const raws = (handedOver: readonly (Port | ArrayBuffer)[] | undefined): (MessagePort | ArrayBuffer)[] =>
    (handedOver ?? []).map((one) => (one instanceof ArrayBuffer ? one : (one.raw as MessagePort)));
  const port = (raw: object): Port => {
    const end = raw as MessagePort;
    return {
      raw,
      post: (message, handedOver) => end.postMessage(message, raws(handedOver)),
      listen(listener) {
        end.on("message", listener);
        end.unref();
      },
      take: () => (threads.receiveMessageOnPort(end) as { message: unknown } | undefined)?.message,
      keepAlive: (alive) => (alive ? end.ref() : end.unref()),
    };
  };
  return {
    // Not eval: Deno has none, and it takes Node 10 ms more.
    ways: ["data:"],
    startWorker(way, role, handedOver, { message, exit }) {
      const worker = new threads.Worker(new URL(typeof way === "string" ? dataURL() : way.workerURL));
      worker.postMessage(role, raws(handedOver));
      let failure: Error | undefined;
      worker.on("message", message);
      worker.on("error", (error: Error) => {
        failure = error;
      });
      worker.on("exit", () => exit(failure));
      worker.unref();
      return { terminate: () => void worker.terminate() };
    },
    channel() {
      const { port1, port2 } = new threads.MessageChannel();
      return [port(port1), port(port2)];
    },
    port,
    parent: threads.parentPort ? port(threads.parentPort) : undefined,
    begin: async () => {},
    finish() {
      const end = (): void => process?.exit?.();
      // What was printed goes through other threads, which may be busy.
      process?.stdout?.write("", end);
      setTimeout(end, 100);
    },
    moduleURL(url) {
      if (url instanceof URL || /^[a-z][a-z+.-]+:/.test(url)) return String(url);
      if (url.startsWith("/")) return new URL(`file://${url}`).href;
      throw new UnsupportedError(
        `spawn: "${url}" is no URL; relative to this file it is new URL("./${url.replace(/^\.\//, "")}", import.meta.url).`,
        "OPTION",
      );
    },
  };
}

/** The parts of a browser's worker scope that are used here. */
interface WorkerScope {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  close(): void;
  readonly document?: unknown;
}

function webWorkers(): Workers {
  const raws = (handedOver: readonly (Port | ArrayBuffer)[] | undefined): (MessagePort | ArrayBuffer)[] =>
    (handedOver ?? []).map((one) => (one instanceof ArrayBuffer ? one : (one.raw as MessagePort)));
  const portOf = (end: MessagePort | WorkerScope): Port => ({
    raw: end,
    post: (message, handedOver) => end.postMessage(message, raws(handedOver)),
    listen(listener) {
      (end as MessagePort).addEventListener("message", ({ data }) => listener(data));
      if ("start" in end) end.start();
    },
    take: () => undefined,
    keepAlive() {},
  });
  const scope = globalThis as unknown as WorkerScope;
  /** A way's URL. */
  const urlOf = (way: WorkerWay): string => {
    if (typeof way !== "string") return way.workerURL;
    return URL.createObjectURL(new Blob([workerProgram()], { type: "text/javascript" }));
  };
  return {
    // A worker from data: has an origin of its own, and no locks, by which its end is noticed.
    ways: ["blob:"],
    startWorker(way, role, handedOver, { message, exit }) {
      const url = urlOf(way);
      const worker = new Worker(url, { type: "module" });
      worker.postMessage(role, raws(handedOver));
      let ended = false;
      const end = (error?: Error): void => {
        if (!ended) exit(error);
        ended = true;
      };
      let life: string | undefined;
      worker.addEventListener("message", ({ data }) => {
        if (data?.life === undefined) return message(data);
        if (way === "blob:") URL.revokeObjectURL(url);
        life = data.life as string;
        // Granted when the thread that holds it is no more, however it ended.
        navigator.locks.request(life, () => end());
      });
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        // Once it runs, an error in some callback of its program does not end it.
        if (life !== undefined) return;
        worker.terminate();
        const remedy = "allow worker-src blob: in the Content-Security-Policy, or use init({ workerURL })";
        end(new Error(event.message || `the worker was refused: ${remedy}`));
      });
      return {
        terminate() {
          worker.terminate();
          if (life === undefined) end();
        },
      };
    },
    channel() {
      const { port1, port2 } = new MessageChannel();
      return [portOf(port1), portOf(port2)];
    },
    port: (raw) => portOf(raw as MessagePort),
    parent: scope.document === undefined ? portOf(scope) : undefined,
    begin: () =>
      new Promise((begun, failed) => {
        const life = `blasm ${crypto.randomUUID()}`;
        const held = navigator.locks.request(life, () => {
          scope.postMessage({ life }, []);
          begun();
          return new Promise(() => {});
        });
        // As in a frame with an origin of its own.
        held.catch(failed);
      }),
    finish: () => scope.close(),
    moduleURL: (url) => new URL(url, globalThis.location.href).href,
  };
}

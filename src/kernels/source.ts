import { FormatError, UnsupportedError } from "../errors.ts";
import type { Inflate } from "./engine.ts";

/** The builds that are modules of their own. */
export type FileBuild = "strict" | "relaxed";

/** Where the kernel modules come from. */
export interface KernelSource {
  /** A module for a shared memory; forUnsharedMemory() makes the other. */
  bytes(build: FileBuild, inflate?: Inflate): Promise<Uint8Array<ArrayBuffer>>;
  /** What to call it in an error. */
  name(build: FileBuild): string;
}

/** A module that the user has: where to get it, or its bytes. */
export type WasmSource = string | URL | BufferSource | Response | Promise<Response>;

/** The kernel modules, as files or bytes: dist/strict.wasm and dist/relaxed.wasm of this package. */
export interface WasmOptions {
  strict: WasmSource;
  /** Without it there is the strict build only. */
  relaxed?: WasmSource;
}

/** Reads a whole file of the host, for `file:` URLs. */
type ReadFile = (url: URL) => Promise<Uint8Array<ArrayBuffer>>;

/**
 * Kernels from files or bytes. (Not compiled while they stream: 33 kB are there at once, and an unshared memory needs a bit changed.)
 *
 * @throws FormatError for what is no WebAssembly, with what it is instead; UnsupportedError if it cannot be fetched.
 */
export function fromSources(sources: WasmOptions, readFile: ReadFile): KernelSource {
  const sourceOf = (build: FileBuild): WasmSource => sources[build] ?? sources.strict;
  const name = (build: FileBuild): string => {
    const source = sourceOf(build);
    return `wasm.${build}${typeof source === "string" || source instanceof URL ? `, ${source}` : ""}`;
  };
  return {
    name,
    async bytes(build) {
      const source = await sourceOf(build);
      const what = `init: ${name(build)}`;
      const bytes =
        source instanceof Response ? await bytesOf(source, what) : await read(source, what, readFile);
      checkMagic(bytes, what);
      return bytes;
    },
  };
}

async function read(
  source: Exclude<WasmSource, Response | Promise<Response>>,
  what: string,
  readFile: ReadFile,
): Promise<Uint8Array<ArrayBuffer>> {
  if (ArrayBuffer.isView(source)) {
    return new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength);
  }
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  const url = new URL(source, (globalThis as { location?: { href: string } }).location?.href);
  if (url.protocol === "file:") return readFile(url);
  const response = await fetch(url).catch((error: Error) => {
    throw new UnsupportedError(`${what}: it cannot be fetched: ${error.message}.`, "UNSUPPORTED", {
      cause: error,
    });
  });
  return bytesOf(response, what);
}

async function bytesOf(response: Response, what: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!response.ok) {
    throw new UnsupportedError(
      `${what}: the server answers ${response.status} ${response.statusText}. Is the file there?`,
    );
  }
  return new Uint8Array(await response.arrayBuffer());
}

const MAGIC = "00 61 73 6d";

/** The commonest mistake is a server that sends its start page for a file that it does not have. */
function checkMagic(bytes: Uint8Array, what: string): void {
  const found = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  if (found === MAGIC) return;
  const text = String.fromCharCode(...bytes.subarray(0, 15));
  const page = /^\s*</.test(text) ? ` That is "${text}": the server has sent a page instead.` : "";
  throw new FormatError(
    `${what} is no WebAssembly module: expected magic word ${MAGIC}, found ${found || "nothing"}.${page}`,
  );
}

/** What is written into a module of this package: its build, and whether its memory is shared. */
const SECTION = "blasm";

/** What a compiled module is. @throws UnsupportedError (`OPTION`) for one of another origin. */
export function kindOf(module: WebAssembly.Module): { build: FileBuild; shared: boolean } {
  const [section] =
    module instanceof WebAssembly.Module ? WebAssembly.Module.customSections(module, SECTION) : [];
  const [build, memory] = section ? new TextDecoder().decode(section).split(" ") : [];
  if (build !== "strict" && build !== "relaxed") {
    throw new UnsupportedError(
      "init: module is no compiled module of this package: dist/strict.wasm, dist/relaxed.wasm or dist/unshared.wasm.",
      "OPTION",
    );
  }
  return { build, shared: memory === "shared" };
}

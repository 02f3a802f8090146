import packed from "../../build/kernels.packed";
import { UnsupportedError } from "../errors.ts";
import type { Inflate } from "./engine.ts";
import type { FileBuild, KernelSource } from "./source.ts";

/** The two compiled kernel modules. The tuned build is the relaxed one, compiled differently. */
export type Binaries = Readonly<Record<FileBuild, Uint8Array<ArrayBuffer>>>;

/**
 * The kernel modules, unpacked when first asked for and remembered for the process. They come in one deflate stream,
 * which every host can inflate: two modules as they are would weigh more than all the rest of the library.
 *
 * @throws UnsupportedError in a host without DecompressionStream.
 */
export const loadBinaries: (inflate?: Inflate) => Promise<Binaries> = /* @__PURE__ */ (() => {
  let binaries: Promise<Binaries> | undefined;
  return (inflate) => {
    binaries ??= unpack(inflate ?? inflateStream);
    return binaries;
  };
})();

/** Kernels from this file. */
export const INLINED: KernelSource = {
  bytes: async (build, inflate) => (await loadBinaries(inflate))[build],
  name: (build) => `the ${build} kernels`,
};

/**
 * What a raw deflate stream holds, in any host. (Without Response and Blob: Node spends 20 ms on loading those.)
 * @throws UnsupportedError
 */
async function inflateStream(deflated: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  if (typeof DecompressionStream !== "function") {
    throw new UnsupportedError(
      "This host has no DecompressionStream to unpack the kernels with. Node 18, Chromium 103, Firefox 113, Safari 16.4, Bun 1.3 or newer have it.",
    );
  }
  const { readable, writable } = new DecompressionStream("deflate-raw");
  const writer = writable.getWriter();
  const written = Promise.all([writer.write(deflated), writer.close()]);
  const reader = readable.getReader();
  const pieces: Uint8Array[] = [];
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) pieces.push(piece.value);
  await written;
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** (A loop over the letters, where there is no better way, takes 2 ms of a start.) */
function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const { fromBase64 } = Uint8Array as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };
  return fromBase64?.(text) ?? Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** Inflates and unpacks the modules, the strict one when it is asked for; esbuild.config.mjs packs them, and describes the format. */
async function unpack(
  inflate: (deflated: Uint8Array<ArrayBuffer>) => Uint8Array | Promise<Uint8Array>,
): Promise<Binaries> {
  const bytes = await inflate(fromBase64(packed));
  let at = 0;
  const number = (): number => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const numbers = (): number[] => Array.from({ length: number() }, number);
  const twins = numbers();
  const edits = numbers();

  const relaxed = new Uint8Array(number());
  relaxed.set(bytes.subarray(at, at + relaxed.length));
  at += relaxed.length;
  let to = 0;
  for (let i = 0; i < twins.length; i += 2) {
    const length = twins[i + 1]!;
    to += twins[i]!;
    for (const end = to + length; to < end; ++to) relaxed[to]! ^= relaxed[to - length]!;
  }

  const makeStrict = (): Uint8Array<ArrayBuffer> => {
    const strict = new Uint8Array(number());
    let from = 0;
    let to = 0;
    for (let i = 0; i < edits.length; i += 3) {
      const [copy, skip, insert] = [edits[i]!, edits[i + 1]!, edits[i + 2]!];
      strict.set(relaxed.subarray(from, from + copy), to);
      strict.set(bytes.subarray(at, at + insert), to + copy);
      from += copy + skip;
      to += copy + insert;
      at += insert;
    }
    return strict;
  };
  let strict: Uint8Array<ArrayBuffer> | undefined;
  return {
    relaxed,
    get strict() {
      strict ??= makeStrict();
      return strict;
    },
  };
}

/**
 * How the import of a memory ends: its name, "memory" with its length, then kind 2, and flags: has a maximum (1), is
 * shared (2). WebAssembly core specification, binary modules, sections 5.5.5 and 5.3.8.
 */
const SHARED_MEMORY = "\x06memory\x02\x03";

/**
 * The same module for an unshared memory: one bit of its only import differs, so that no second pair of files need be
 * shipped.
 */
export function forUnsharedMemory(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  const at = String.fromCharCode(...copy.subarray(0, 1024)).indexOf(SHARED_MEMORY);
  if (at < 0) throw new Error("This kernel module does not import a shared memory.");
  copy[at + SHARED_MEMORY.length - 1] = 1;
  return copy;
}

/**
 * The same module with other bytes: an empty custom section without a name more. V8 keeps native code by a module's bytes, so without
 * it a module compiled with other flags would be taken for this one.
 */
export function withMark(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array([...bytes, 0, 1, 0]);
}

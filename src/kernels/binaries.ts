import relaxed from "../../build/relaxed.wasm";
import strict from "../../build/strict.wasm";

/** The two compiled kernel modules. The tuned build is the relaxed one, compiled differently. */
export const BINARIES: Readonly<Record<"strict" | "relaxed", Uint8Array<ArrayBuffer>>> = { strict, relaxed };

/** Id of the import section, and the limits flags of a memory: bit 0 "has a maximum", bit 1 "shared". */
const IMPORT_SECTION = 2;
const SHARED_WITH_MAXIMUM = 3;
const MAXIMUM = 1;

/**
 * The same module for an unshared memory: one bit of its only import differs, so that no second pair of files need be
 * shipped. Format: WebAssembly core specification, binary modules, sections 5.5.2, 5.5.5, 5.3.8.
 */
export function forUnsharedMemory(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  let at = 8;
  const leb = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = copy[at++]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < copy.length) {
    const id = copy[at++]!;
    const size = leb();
    if (id !== IMPORT_SECTION) {
      at += size;
      continue;
    }
    for (let count = leb(); count > 0; --count) {
      for (let name = 0; name < 2; ++name) {
        const length = leb();
        at += length;
      }
      const kind = copy[at++]!;
      if (kind === 2 && copy[at] === SHARED_WITH_MAXIMUM) {
        copy[at] = MAXIMUM;
        return copy;
      }
    }
    break;
  }
  throw new Error("The kernel module does not import a shared memory: it was not built by asconfig.json.");
}

/**
 * The same module with other bytes: an empty custom section more. V8 keeps native code by a module's bytes, so without
 * it a module compiled with other flags would be taken for this one.
 */
export function withMark(bytes: Uint8Array<ArrayBuffer>, mark: string): Uint8Array<ArrayBuffer> {
  const name = Array.from(mark, (letter) => letter.charCodeAt(0));
  const marked = new Uint8Array(bytes.length + name.length + 3);
  marked.set(bytes);
  marked.set([0, name.length + 1, name.length, ...name], bytes.length);
  return marked;
}

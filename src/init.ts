import type { Context, InitOptions } from "./context.ts";
import { INLINED } from "./kernels/binaries.ts";
import { start } from "./start.ts";

/**
 * Makes a context: one memory with an arena in it, and the kernels compiled for this engine.
 *
 * @throws UnsupportedError if the engine has no WebAssembly SIMD, or an option is unknown or out of range; FormatError if
 * `wasm` is no WebAssembly; ArenaFullError if the host grants no memory.
 */
export async function init(options: InitOptions = {}): Promise<Context> {
  return start(options, INLINED);
}

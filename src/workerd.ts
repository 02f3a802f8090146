import type { Context, InitOptions } from "./context.ts";
import { start } from "./start.ts";
import unshared from "./unshared.wasm";

// The entry `blasm` under the condition "workerd": engines that compile no bytes take modules that are imported. No threads.

export * from "./names.ts";

/** As the other entries' init(): with the relaxed build, imported as a module, on an unshared memory. */
export async function init(options: InitOptions = {}): Promise<Context> {
  return start({ module: unshared, ...options });
}

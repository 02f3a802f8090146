import type { Context, InitOptions } from "./context.ts";
import { start } from "./start.ts";

// The entry `blasm/external`: the kernels and the threads' program are files beside this one, which bundlers copy, servers and
// browsers cache, and policies without `blob:` allow.

export * from "./names.ts";

/** As the other entries' init(): with the kernels and the threads' program from files of this package. */
export async function init(options: InitOptions = {}): Promise<Context> {
  return start({
    workerURL: new URL("./worker.js", import.meta.url),
    ...(options.module === undefined && {
      wasm: {
        strict: new URL("./strict.wasm", import.meta.url),
        relaxed: new URL("./relaxed.wasm", import.meta.url),
      },
    }),
    ...options,
  });
}

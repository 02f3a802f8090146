import { instantiateSync } from "@assemblyscript/loader";
import type { KernelExports } from "./exports.ts";
import { type KernelTable, tabulate } from "./table.ts";

/**
 * The kernels over a memory: one instance per member, from a module that was compiled once. The only use of
 * `@assemblyscript/loader`. Its `exports` wrap every function to count arguments; the plain ones are the instance's.
 */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): KernelTable {
  return tabulate(instantiateSync(module, { env: { memory } }).instance.exports as unknown as KernelExports);
}

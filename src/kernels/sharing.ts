import { UnsupportedError } from "../errors.ts";
import { CONTROL, WORD } from "../memory/layout.ts";
import type { LinearMemory } from "../memory/linear.ts";
import type { KernelTable } from "./table.ts";

const CONTEXT = CONTROL + 4 * WORD.context;
const PROOF = CONTROL + 4 * WORD.proof;

function copyWord(kernels: KernelTable, from: number, to: number): void {
  kernels.float32.copy(1, 1, from, 4, 4, to, 4, 4);
}

/** In the thread that makes a context: wasm writes what other threads must see. */
export function writeProof(kernels: KernelTable): void {
  copyWord(kernels, CONTEXT, PROOF);
}

/**
 * In any other thread: what wasm has written there must be what wasm and JavaScript read here. (In Bun it was not:
 * github.com/oven-sh/bun/issues/25677.) Products of such a team would be garbage.
 *
 * @param free the address of a word that may be overwritten.
 * @throws UnsupportedError
 */
export function checkProof(kernels: KernelTable, linear: LinearMemory, free: number): void {
  copyWord(kernels, PROOF, free);
  const context = linear.i32[CONTEXT / 4];
  if (linear.i32[free / 4] === context && linear.i32[PROOF / 4] === context) return;
  throw new UnsupportedError(
    "This engine's threads do not see what wasm writes into shared memory in another thread: one thread computes.",
  );
}

import { UnsupportedError } from "../errors.ts";
import { itemSize } from "../kernels/job.ts";
import { NDArray, type SharedArray } from "./ndarray.ts";
import { show, sizeOf } from "./shape.ts";
import type { ArrayStore } from "./store.ts";

/** Whether something is made as share() makes it. What it says may still not be so. */
function isWellFormed({ dtype, shape, strides, offset }: SharedArray): boolean {
  return (
    ["float32", "float64"].includes(dtype) &&
    Array.isArray(shape) &&
    Array.isArray(strides) &&
    shape.length === strides.length &&
    shape.every((extent) => extent >= 0) &&
    [...shape, ...strides, offset].every(Number.isSafeInteger)
  );
}

/**
 * The array that another thread has shared.
 * @throws UnsupportedError (`FOREIGN`) if it is of another context, was adopted already, or is not what share() gave.
 */
export function adoptArray(store: ArrayStore, shared: SharedArray): NDArray {
  store.checkOpen();
  const { context, id, generation, dtype, shape, strides, offset } = shared;
  const refuse = (why: string): Error =>
    new UnsupportedError(
      `adopt: ${why} (block ${id}, generation ${generation}). share() once for each adopt().`,
      "FOREIGN",
    );
  if (!isWellFormed(shared)) throw refuse("share() gives no such dtype, shape, strides or offset");
  if (context !== store.context) {
    throw new UnsupportedError(
      `adopt: an array ${show(shape)} of another context. Post its elements (toTyped()) instead.`,
      "FOREIGN",
    );
  }
  // The block may lie where the memory was grown by another thread.
  store.linear.refresh();
  const { arena } = store;
  const block = { id, generation };
  if (!arena.blocks.has(id)) throw refuse("there is no such block");
  if (arena.elementsOf(block) !== dtype) throw refuse(`there are no ${dtype} elements in it`);
  const elements = arena.requestedOf(block) / itemSize(dtype);
  const steps = shape.map((extent, axis) => (extent - 1) * strides[axis]!);
  const reach = (sign: 1 | -1): number => steps.reduce((sum, step) => sum + Math.max(0, sign * step), 0);
  const inside = sizeOf(shape) === 0 || (offset >= reach(-1) && offset + reach(1) < elements);
  if (!inside) throw refuse(`elements ${show(shape)} beyond their block`);
  if (!arena.blocks.adopt(block)) throw refuse("nothing is on its way: it was adopted already, or released");
  return new NDArray(store, block, dtype, shape, strides, offset);
}

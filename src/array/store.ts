import { ClosedError, ShapeError } from "../errors.ts";
import type { DType } from "../kernels/exports.ts";
import { itemSize } from "../kernels/job.ts";
import type { KernelTable } from "../kernels/table.ts";
import type { Arena } from "../memory/arena.ts";
import type { BlockHandle } from "../memory/block.ts";
import { CONTROL, WORD } from "../memory/layout.ts";
import type { LinearMemory } from "../memory/linear.ts";
import { NDArray } from "./ndarray.ts";
import { type Hold, Net } from "./net.ts";
import type { Pictures } from "./pictures.ts";
import { contiguousStrides, show, sizeOf } from "./shape.ts";

/** An array that was collected as garbage while it still held its block, and so was released by the net. */
export interface Forgotten {
  readonly block: BlockHandle;
  readonly refs: number;
  /** Where it was allocated; see Debug. Asked for at once: the record may soon describe another block. */
  readonly stack: string | undefined;
}

/** What the arrays of one context share: its memory, its arena, the kernels that copy, what draws them, the open scopes. */
export class ArrayStore {
  readonly linear: LinearMemory;
  readonly arena: Arena;
  readonly kernels: KernelTable;
  readonly pictures: Pictures;
  /** Byte address of this thread's scratch. */
  readonly scratch: number;
  /** In a thread that has attached, how often it holds each block: close() releases them. */
  readonly #held: Map<number, { readonly block: BlockHandle; refs: number }> | undefined;
  readonly net: Net;
  readonly forgotten: Forgotten[] = [];
  /** Arrays made since each open `scope` began, the innermost last. */
  readonly scopes: NDArray[][] = [];
  closed = false;

  constructor(arena: Arena, kernels: KernelTable, pictures: Pictures, scratch: number, attached: boolean) {
    this.linear = arena.linear;
    this.arena = arena;
    this.kernels = kernels;
    this.pictures = pictures;
    this.scratch = scratch;
    this.#held = attached ? new Map() : undefined;
    this.net = new Net((hold) => this.#release(hold));
  }

  /** A new handle: it belongs to the open scope, and to the net. */
  track(array: NDArray): void {
    this.scopes.at(-1)?.push(array);
    this.net.add(array);
    this.hold(array.block, 1);
  }

  /** Releases what an array held that was forgotten. */
  #release({ block, refs }: Hold): void {
    // close() has released all that this thread held.
    if (this.closed) return;
    this.forgotten.push({ block, refs, stack: this.arena.debug?.allocation(block) });
    this.hold(block, -refs);
    for (let i = 0; i < refs; ++i) this.arena.release(block);
  }

  /** Makes arrays that belong to no scope, as what is still needed when the scope has ended. */
  apart<R>(make: () => R): R {
    this.scopes.push([]);
    try {
      return make();
    } finally {
      this.scopes.pop();
    }
  }

  /** This thread holds a block so many times more. */
  hold(block: BlockHandle, by: number): void {
    if (this.#held === undefined) return;
    const held = this.#held.get(block.id) ?? { block, refs: 0 };
    held.refs += by;
    if (held.refs === 0) this.#held.delete(block.id);
    else this.#held.set(block.id, held);
  }

  /** Releases all that this thread still holds. */
  releaseAll(): void {
    for (const { block, refs } of this.#held?.values() ?? []) {
      for (let i = 0; i < refs; ++i) this.arena.release(block);
    }
    this.#held?.clear();
  }

  /** The number that tells this context's memory from others. */
  get context(): number {
    return this.linear.i32[CONTROL / 4 + WORD.context]!;
  }

  /** @throws ClosedError after `close()`. */
  checkOpen(): void {
    if (this.closed) throw new ClosedError("This context has been closed. Make another with init().");
  }

  /**
   * A C-contiguous array with undefined contents.
   * @throws ShapeError if it is larger than wasm32 can address, ArenaFullError if it does not fit, ClosedError.
   */
  allocate(shape: readonly number[], dtype: DType, name = ""): NDArray {
    this.checkOpen();
    const bytes = sizeOf(shape) * itemSize(dtype);
    if (bytes > 2 ** 32) {
      throw new ShapeError(
        `Shape ${show(shape)} of ${dtype} is ${bytes} bytes; wasm32 addresses 4294967296 in all.`,
      );
    }
    const before = this.linear.size;
    const block = this.arena.allocate(bytes, { elements: dtype, shape, name });
    // Where memory runs short, nothing that was forgotten may be kept only because it is young.
    if (this.linear.size > before) this.net.flush();
    return new NDArray(this, block, dtype, shape, contiguousStrides(shape), 0);
  }
}

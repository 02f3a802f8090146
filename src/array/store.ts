import { ClosedError, ShapeError } from "../errors.ts";
import type { DType } from "../kernels/exports.ts";
import { itemSize } from "../kernels/job.ts";
import type { KernelTable } from "../kernels/table.ts";
import type { Arena } from "../memory/arena.ts";
import { CONTROL, WORD } from "../memory/layout.ts";
import type { LinearMemory } from "../memory/linear.ts";
import { NDArray } from "./ndarray.ts";
import { contiguousStrides, show, sizeOf } from "./shape.ts";

/** What the arrays of one context share: its memory, its arena, the kernels that copy, the open scopes. */
export class ArrayStore {
  readonly linear: LinearMemory;
  readonly arena: Arena;
  readonly kernels: KernelTable;
  /** Byte address of this thread's scratch. */
  readonly scratch: number;
  /** In a thread that has attached, all its arrays that are not released yet: close() releases them. */
  readonly live: Set<NDArray> | undefined;
  /** Arrays made since each open `scope` began, the innermost last. */
  readonly scopes: NDArray[][] = [];
  closed = false;

  constructor(arena: Arena, kernels: KernelTable, scratch: number, live?: Set<NDArray>) {
    this.linear = arena.linear;
    this.arena = arena;
    this.kernels = kernels;
    this.scratch = scratch;
    this.live = live;
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
  allocate(shape: readonly number[], dtype: DType): NDArray {
    this.checkOpen();
    const bytes = sizeOf(shape) * itemSize(dtype);
    if (bytes > 2 ** 32) {
      throw new ShapeError(
        `Shape ${show(shape)} of ${dtype} is ${bytes} bytes; wasm32 addresses 4294967296 in all.`,
      );
    }
    return new NDArray(this, this.arena.allocate(bytes), dtype, shape, contiguousStrides(shape), 0);
  }
}

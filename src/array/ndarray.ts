import { elementOf, INSPECT, JUPYTER, type Picture } from "../base/picture.ts";
import { ReleasedError, ShapeError } from "../errors.ts";
import type { DType } from "../kernels/exports.ts";
import { itemSize } from "../kernels/job.ts";
import type { BlockHandle } from "../memory/block.ts";
import { DISPOSE } from "../sync/wait.ts";
import { toRepr, toText } from "./display.ts";
import type { Hold } from "./net.ts";
import type { HeatmapOptions } from "./pictures.ts";
import {
  contiguousStrides,
  isContiguous,
  reshapedStrides,
  resolveRange,
  resolveReshape,
  type SliceRange,
  show,
  sizeOf,
  wrapIndex,
} from "./shape.ts";
import type { ArrayStore } from "./store.ts";

/** What postMessage() carries of an array: where it is, not its elements. One reference travels with it. */
export interface SharedArray {
  readonly blasm: "NDArray";
  /** Which memory it is in. */
  readonly context: number;
  readonly id: number;
  readonly generation: number;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Nested arrays of numbers, as deep as an array has axes; a number for 0-d. */
export type NestedArray = number | NestedArray[];

/**
 * An n-dimensional array of float32 or float64 in the arena: the owner of a block, or a view of one. Owner and views
 * hold one reference each; the block becomes a hole when the last is released.
 *
 * Made by a context (`la.zeros(…)`, `la.array(…)`, `la.matmul(…)`), not by `new`. Strides and offset are in elements.
 */
export class NDArray {
  /** @internal */
  readonly store: ArrayStore;
  /** @internal */
  readonly block: BlockHandle;
  /** Byte address of the element with all indices 0. @internal */
  readonly address: number;
  /** "float32" or "float64". */
  readonly dtype: DType;
  /** Elements along each axis; empty for 0-d. */
  readonly shape: readonly number[];
  /** Elements from one index to the next, along each axis; may be negative or 0. */
  readonly strides: readonly number[];
  /** Elements from the start of the block to the element with all indices 0. */
  readonly offset: number;
  /** References this handle holds: one, and one more for each retain(). */
  #held = 1;
  /** The same for the net, once it watches over this handle. */
  #watched: Hold | undefined;

  /** @internal */
  constructor(
    store: ArrayStore,
    block: BlockHandle,
    dtype: DType,
    shape: readonly number[],
    strides: readonly number[],
    offset: number,
  ) {
    this.store = store;
    this.block = block;
    this.dtype = dtype;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.address = store.arena.addressOf(block) + offset * itemSize(dtype);
    store.track(this);
  }

  /**
   * The name of its block, for lists and pictures of the arena: of an array and its views. 12 bytes of UTF-8 are kept.
   * @throws ReleasedError.
   */
  get name(): string {
    this.check();
    return this.store.arena.nameOf(this.block);
  }

  set name(name: string) {
    this.check();
    this.store.arena.rename(this.block, String(name));
  }

  /** Number of axes. */
  get ndim(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Reference count of the block: its owner and all views. 0 after the last release. */
  get refs(): number {
    return this.store.arena.blocks.refs(this.block);
  }

  /** Whether this handle has been released; the block lives on while other handles hold it. */
  get released(): boolean {
    return this.#held === 0;
  }

  /** Whether the elements lie in C order without holes between them. */
  get isContiguous(): boolean {
    return isContiguous(this.shape, this.strides);
  }

  /** The transpose: a view with the axes reversed. No bytes move. @throws ReleasedError. */
  get T(): NDArray {
    return this.#view([...this.shape].reverse(), [...this.strides].reverse(), this.offset);
  }

  /**
   * The elements themselves, not a copy: a typed array over the arena. Derived anew at each access, because a typed
   * array taken earlier may be short or detached once the memory has grown.
   *
   * @throws ShapeError if the array is strided: `copy()` it first. ReleasedError after release.
   */
  get data(): Float32Array | Float64Array {
    this.check();
    if (!this.isContiguous) {
      throw new ShapeError(
        `data: this view is strided (shape ${show(this.shape)}, strides ${show(this.strides)}), so its elements are not ` +
          "adjacent. Take copy().data, or toTyped().",
      );
    }
    const { buffer } = this.store.linear;
    // (A view without elements may begin beyond the memory.)
    if (this.size === 0)
      return this.dtype === "float32" ? new Float32Array(buffer, 0, 0) : new Float64Array(buffer, 0, 0);
    return this.dtype === "float32"
      ? new Float32Array(buffer, this.address, this.size)
      : new Float64Array(buffer, this.address, this.size);
  }

  /** @throws ReleasedError, ClosedError. @internal */
  check(): void {
    this.store.checkOpen();
    if (this.#held === 0) {
      throw new ReleasedError(
        `This array ${show(this.shape)} has been released (block ${this.block.id}, generation ${this.block.generation}). ` +
          "retain() it, or take a view, before what still needs it lets go." +
          (this.store.arena.debug?.of(this.block) ?? ""),
      );
    }
  }

  /**
   * The element at one index for each axis; negative ones count from the end.
   * @throws ShapeError (`INDEX`), ReleasedError.
   */
  at(...index: number[]): number {
    return this.elements()[this.#position(index)]!;
  }

  /**
   * Sets one element, rounded to the dtype.
   * @throws ShapeError (`INDEX`), ReleasedError.
   */
  set(value: number, ...index: number[]): void {
    this.elements()[this.#position(index)] = value;
  }

  /**
   * A view of ranges, one [start, stop, step] for each axis, with Python's rules (negative numbers count from the end,
   * null or nothing is the default, a negative step goes backwards). Axes not named are whole.
   *
   * @throws ShapeError (`INDEX`) for too many ranges, a step of 0, or what is not a whole number.
   */
  slice(...ranges: (SliceRange | null)[]): NDArray {
    if (ranges.length > this.ndim) {
      throw new ShapeError(
        `slice: ${ranges.length} ranges for the ${this.ndim} axes of ${show(this.shape)}.`,
        "INDEX",
      );
    }
    const shape = [...this.shape];
    const strides = [...this.strides];
    let offset = this.offset;
    ranges.forEach((range, axis) => {
      const [first, count, step] = resolveRange(range ?? [], shape[axis]!, axis);
      if (count > 0) offset += first * strides[axis]!;
      shape[axis] = count;
      strides[axis]! *= step;
    });
    return this.#view(shape, strides, offset);
  }

  /** A 1-D view of row `index` of a matrix. @throws ShapeError if this is no matrix, or has no such row. */
  row(index: number): NDArray {
    return this.#line(index, 0, "row");
  }

  /** A 1-D view of column `index` of a matrix. @throws ShapeError if this is no matrix, or has no such column. */
  col(index: number): NDArray {
    return this.#line(index, 1, "col");
  }

  /**
   * The same elements in C order under another shape, one extent of which may be −1: a view where the strides allow it,
   * else a copy.
   *
   * @throws ShapeError if the number of elements differs.
   */
  reshape(shape: number | readonly number[]): NDArray {
    this.check();
    const to = resolveReshape(this.shape, shape);
    const strides = reshapedStrides(this.shape, this.strides, to);
    if (strides) return this.#view(to, strides, this.offset);
    const copy = this.copy();
    const reshaped = copy.#view(to, contiguousStrides(to), 0);
    copy.release();
    return reshaped;
  }

  /** A C-contiguous array of its own with the same elements. @throws ArenaFullError, ReleasedError. */
  copy(): NDArray {
    this.check();
    const result = this.store.allocate(this.shape, this.dtype);
    copyElements(this, result);
    return result;
  }

  /** The elements as nested arrays. @throws ReleasedError. */
  toArray(): NestedArray {
    const elements = this.elements();
    const size = itemSize(this.dtype);
    const nest = (axis: number, position: number): NestedArray =>
      axis === this.ndim
        ? elements[position]!
        : Array.from({ length: this.shape[axis]! }, (_, i) =>
            nest(axis + 1, position + i * this.strides[axis]!),
          );
    return nest(0, this.address / size);
  }

  /** A copy of the elements in C order, in a typed array of its own (never shared memory). @throws ReleasedError. */
  toTyped(): Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> {
    this.check();
    const Typed = this.dtype === "float32" ? Float32Array : Float64Array;
    const result = new Typed(this.size);
    if (this.isContiguous) {
      result.set(this.data);
      return result;
    }
    const elements = this.elements();
    let next = 0;
    const walk = (axis: number, position: number): void => {
      const [extent, stride] = [this.shape[axis]!, this.strides[axis]!];
      for (let i = 0; i < extent; ++i) {
        if (axis === this.ndim - 1) result[next++] = elements[position + i * stride]!;
        else walk(axis + 1, position + i * stride);
      }
    };
    walk(0, this.address / itemSize(this.dtype));
    return result;
  }

  /** One reference more, held by this handle: it takes one release() more. @throws ReleasedError. */
  retain(): this {
    this.check();
    this.store.arena.blocks.retain(this.block);
    this.#hold(1);
    return this;
  }

  /**
   * One reference less. The handle's last one ends it; the block's last one makes it a hole.
   * @throws ReleasedError if this handle holds no reference any more.
   */
  release(): void {
    if (this.store.closed) {
      this.#held = 0;
      return;
    }
    this.check();
    this.store.arena.release(this.block);
    this.#hold(-1);
  }

  #hold(by: 1 | -1): void {
    this.#held += by;
    this.store.hold(this.block, by);
    if (this.#watched === undefined) return;
    this.#watched.refs = this.#held;
    if (this.#held === 0) this.store.net.remove(this.#watched);
  }

  /** What the net is to release if this handle is collected. @internal */
  watch(): Hold {
    this.#watched = { block: this.block, refs: this.#held };
    return this.#watched;
  }

  /**
   * What to post to another thread of this context, for `la.adopt()` there: no elements move. One reference travels with the
   * message, so the array may be released here at once. share() once for each thread.
   * @throws ReleasedError.
   */
  share(): SharedArray {
    this.check();
    const { store, block, dtype, shape, strides, offset } = this;
    store.arena.blocks.post(block);
    return { blasm: "NDArray", context: store.context, ...block, dtype, shape, strides, offset };
  }

  /** `using a = …` releases at the end of the block. Harmless after release(). */
  [DISPOSE](): void {
    if (!this.released) this.release();
  }

  /** As NumPy's str(): the elements, the middle left out above 1000 of them. */
  toString(): string {
    return this.#gone() ?? toText(this);
  }

  /**
   * A table of the elements that toString() shows, with indices, and beneath it dtype, shape, strides, block and references. For
   * notebooks and pages, in their own colours; all that is a user's is escaped, and there is no script.
   */
  toHTML(): string {
    const gone = this.#gone();
    return gone === undefined ? this.store.pictures.html(this) : `<code>${gone}</code>`;
  }

  /**
   * toHTML() as an element of this page, for Observable and all that shows elements. It does not change with the array.
   * @throws UnsupportedError where there is no DOM.
   */
  toElement(): HTMLElement {
    return elementOf(this.toHTML());
  }

  /**
   * An image of a matrix (or of a row, or of one number): each element a cell in the colour of its value; of many elements the
   * cells show means or extremes, and the image says so. One colour for NaN, one for infinities, and how many there are. Colours
   * are even to the eye and made for all eyes: from dark to light, or, where signs mix, from blue over white, which is 0, to brown.
   * The image is drawn from what the array holds now, and needs it no more.
   *
   * @throws ShapeError for more than two axes, UnsupportedError (`OPTION`), ReleasedError.
   */
  heatmap(options?: HeatmapOptions): Picture {
    this.check();
    return this.store.pictures.heatmap(this, options);
  }

  /** What notebooks show (Deno's, and others with JavaScript kernels). */
  [JUPYTER](): Record<"text/plain" | "text/html", string> {
    return { "text/plain": this.#repr(), "text/html": this.toHTML() };
  }

  /** What `console.log` shows in Node, Deno and Bun: NumPy's repr(). */
  [INSPECT](): string {
    return this.#repr();
  }

  #repr(): string {
    return this.#gone() ?? toRepr(this);
  }

  /** What is said instead of elements that are no longer there. */
  #gone(): string | undefined {
    return this.released || this.store.closed
      ? `array(released, shape=${show(this.shape)}, dtype=${this.dtype})`
      : undefined;
  }

  #view(shape: readonly number[], strides: readonly number[], offset: number): NDArray {
    this.check();
    this.store.arena.blocks.retain(this.block);
    return new NDArray(this.store, this.block, this.dtype, shape, strides, offset);
  }

  #line(index: number, axis: 0 | 1, name: string): NDArray {
    if (this.ndim !== 2)
      throw new ShapeError(`${name}: wants a matrix, this array has shape ${show(this.shape)}.`);
    const other = 1 - axis;
    const first = wrapIndex(index, this.shape[axis]!, axis);
    return this.#view(
      [this.shape[other]!],
      [this.strides[other]!],
      this.offset + first * this.strides[axis]!,
    );
  }

  /** The whole memory. @throws ReleasedError, ClosedError. @internal */
  elements(): Float32Array | Float64Array {
    this.check();
    return this.dtype === "float32" ? this.store.linear.f32 : this.store.linear.f64;
  }

  /** Where an element is, in elements from address 0. */
  #position(index: readonly number[]): number {
    if (index.length !== this.ndim) {
      throw new ShapeError(
        `${index.length} indices for the ${this.ndim} axes of ${show(this.shape)}.`,
        "INDEX",
      );
    }
    let position = this.address / itemSize(this.dtype);
    for (let axis = 0; axis < index.length; ++axis) {
      position += wrapIndex(index[axis]!, this.shape[axis]!, axis) * this.strides[axis]!;
    }
    return position;
  }
}

/** Copies all elements between two arrays of one shape, dtype and context, with the kernel, two axes at a time. */
function copyElements(from: NDArray, to: NDArray): void {
  // (A view without elements may begin beyond the memory.)
  if (from.size === 0) return;
  const { kernels } = from.store;
  const size = itemSize(from.dtype);
  const { copy } = kernels[from.dtype];
  if (from.isContiguous && to.isContiguous) {
    copy(1, from.size, from.address, 0, size, to.address, 0, size);
    return;
  }
  const matrix = Math.max(0, from.ndim - 2);
  const walk = (axis: number, source: number, target: number): void => {
    if (axis < matrix) {
      for (let i = 0; i < from.shape[axis]!; ++i) {
        walk(axis + 1, source + i * from.strides[axis]! * size, target + i * to.strides[axis]! * size);
      }
      return;
    }
    const rows = from.ndim < 2 ? 1 : from.shape[matrix]!;
    const columns = from.shape.at(-1) ?? 1;
    const step = (strides: readonly number[]): [number, number] => [
      from.ndim < 2 ? 0 : strides[matrix]! * size,
      (strides.at(-1) ?? 1) * size,
    ];
    const [rss, css] = step(from.strides);
    const [rsd, csd] = step(to.strides);
    copy(rows, columns, source, rss, css, target, rsd, csd);
  };
  walk(0, from.address, to.address);
}

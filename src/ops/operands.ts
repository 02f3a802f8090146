import { type ArrayLike, array, outlineOf } from "../array/create.ts";
import { NDArray } from "../array/ndarray.ts";
import { show } from "../array/shape.ts";
import type { ArrayStore } from "../array/store.ts";
import { refuseOtherCopy } from "../base/copies.ts";
import { DTypeError, ShapeError, UnsupportedError } from "../errors.ts";
import type { DType } from "../kernels/exports.ts";
import { itemSize } from "../kernels/job.ts";
import type { MatrixRef } from "./matrix-ref.ts";
import type { Engine } from "./multiply.ts";

/** What can be checked of an operand before anything is made of it. */
export interface Outline {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/**
 * An operand as it is to be checked: an array of this context itself, or the outline of a literal.
 * @throws UnsupportedError (`FOREIGN`), ReleasedError, ShapeError or DTypeError for a literal that is no array.
 */
export function outline(store: ArrayStore, where: string, value: ArrayLike): NDArray | Outline {
  return value instanceof NDArray ? ours(store, where, value) : outlineOf(value);
}

/** Calls `run` with two checked operands, literals copied in for as long as it runs. */
export function withOperands(
  store: ArrayStore,
  left: ArrayLike,
  right: ArrayLike,
  run: (a: NDArray, b: NDArray) => void,
): void {
  if (left instanceof NDArray && right instanceof NDArray) {
    run(left, right);
    return;
  }
  const { a, b, release } = held(store, left, right);
  try {
    run(a, b);
  } finally {
    release();
  }
}

/** Two checked operands that stay what they are until `release()`: literals copied in, arrays with a reference more. */
export function held(
  store: ArrayStore,
  left: ArrayLike,
  right: ArrayLike,
): { readonly a: NDArray; readonly b: NDArray; readonly release: () => void } {
  const a = hold(store, left);
  try {
    const b = hold(store, right);
    return {
      a,
      b,
      release() {
        a.release();
        b.release();
      },
    };
  } catch (error) {
    a.release();
    throw error;
  }
}

/** A checked operand that stays what it is until it is released: a literal copied in, an array with a reference more. */
export function hold(store: ArrayStore, value: ArrayLike): NDArray {
  return value instanceof NDArray ? value.retain() : store.apart(() => array(store, value));
}

/** Multiply-adds from which on a product is computed without the GIL: passing it on and taking it back costs 1 % of so many. */
const RELEASE_FROM = 64 ** 3;

/**
 * Calls `run`, which does so many multiply-adds on these arrays: without the GIL, if there is one and this thread holds it.
 * Meanwhile other threads run, and may release what is read and written here: so it is held for as long.
 */
export function withoutGil({ gil }: Engine, work: number, arrays: readonly NDArray[], run: () => void): void {
  if (gil === undefined || work < RELEASE_FROM || !gil.held) {
    run();
    return;
  }
  for (const array of arrays) array.retain();
  try {
    gil.allowThreads(run);
  } finally {
    for (const array of arrays) array.release();
  }
}

/** @throws UnsupportedError (`FOREIGN`), ReleasedError, ClosedError. */
export function ours(store: ArrayStore, where: string, value: NDArray): NDArray {
  if (!(value instanceof NDArray)) {
    refuseOtherCopy(where, value);
    throw new ShapeError(`${where}: the result must be an array of this context, not ${typeof value}.`);
  }
  value.check();
  if (value.store !== store) {
    throw new UnsupportedError(
      `${where}: an array ${show(value.shape)} of another context; its memory cannot be read here. Copy it over with ` +
        "la.array(other).",
      "FOREIGN",
    );
  }
  return value;
}

/** A matrix as the kernels take it, in byte strides; of a vector its one column. */
export function refOf({ dtype, address, strides }: NDArray): MatrixRef {
  const size = itemSize(dtype);
  const [rs = 1, cs = 1] = strides;
  return { address, rs: rs * size, cs: cs * size };
}

/** @throws DTypeError naming both where two operands differ. */
export function sameDType(where: string, one: Outline, other: Outline): void {
  if (one.dtype !== other.dtype) {
    throw new DTypeError(
      `${where}: ${one.dtype} and ${other.dtype} do not mix. Convert one, as with la.array(b, { dtype: "${one.dtype}" }).`,
    );
  }
}

/** First and one past the last byte that an array's elements touch. */
function extentOf(array: NDArray): [begin: number, end: number] {
  const size = itemSize(array.dtype);
  let [low, high] = [0, 0];
  array.shape.forEach((extent, axis) => {
    const reach = (extent - 1) * array.strides[axis]! * size;
    if (reach < 0) low += reach;
    else high += reach;
  });
  return [array.address + low, array.address + high + size];
}

function gcd(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : gcd(b, a % b);
}

/**
 * Whether two arrays may have an element in common. Exact for what touches separate bytes, for interleaved lattices
 * (even and odd columns) and for two rectangles of one matrix; other views of crossing extents count as overlapping.
 */
export function overlap(one: NDArray, other: NDArray): boolean {
  if (one.block.id !== other.block.id || one.size === 0 || other.size === 0) return false;
  const [begin1, end1] = extentOf(one);
  const [begin2, end2] = extentOf(other);
  if (end1 <= begin2 || end2 <= begin1) return false;
  const size = itemSize(one.dtype);
  const distance = (other.address - one.address) / size;
  const lattice = [...one.strides, ...other.strides].reduce(gcd, 0);
  if (lattice !== 0 && distance % lattice !== 0) return false;
  return !disjointRectangles(one, other, size);
}

/** Whether two views are rectangles of one row-major matrix (same row stride, adjacent columns) that do not meet. */
function disjointRectangles(one: NDArray, other: NDArray, size: number): boolean {
  const rectangle = (
    array: NDArray,
  ): { row: number; rows: number; column: number; columns: number } | undefined => {
    const [rows, columns] = array.shape as [number, number];
    const pitch = array.strides[0]!;
    if (array.ndim !== 2 || array.strides[1] !== 1 || pitch <= 0) return undefined;
    const position = (array.address - Math.min(one.address, other.address)) / size + originColumn(pitch);
    return { row: Math.floor(position / pitch), rows, column: position % pitch, columns };
  };
  // Columns counted from the start of the block, where the matrix that both are cut from begins.
  const originColumn = (pitch: number): number => Math.min(one.offset, other.offset) % pitch;
  const [first, second] = [rectangle(one), rectangle(other)];
  if (!first || !second || one.strides[0] !== other.strides[0]) return false;
  const pitch = one.strides[0]!;
  if (first.column + first.columns > pitch || second.column + second.columns > pitch) return false;
  return (
    first.row + first.rows <= second.row ||
    second.row + second.rows <= first.row ||
    first.column + first.columns <= second.column ||
    second.column + second.columns <= first.column
  );
}

/** @throws ShapeError (`OVERLAP`) if the output shares elements with an input (literals, copied in, cannot). */
export function refuseOverlap(where: string, output: NDArray, input: NDArray | Outline): void {
  if (input instanceof NDArray && overlap(output, input)) {
    throw new ShapeError(
      `${where}: the output ${show(output.shape)} shares elements with the input ${show(input.shape)} (block ` +
        `${output.block.id}); results would be read back as operands. Write into an array of its own.`,
      "OVERLAP",
    );
  }
}

/** @throws UnsupportedError (`OPTION`) if a value is none of two letters. */
export function checkLetter(where: string, name: string, value: unknown, letters: string): void {
  if (typeof value === "string" && value.length === 1 && letters.includes(value)) return;
  const [one, other] = [...letters];
  throw new UnsupportedError(
    `${where}: ${name} is ${JSON.stringify(value)}; it takes "${one}" or "${other}".`,
    "OPTION",
  );
}

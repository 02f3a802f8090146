import { refuseOtherCopy } from "../base/copies.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import type { DType } from "../kernels/exports.ts";
import { itemSize } from "../kernels/job.ts";
import { SCRATCH_PARTS } from "../memory/layout.ts";
import { type DTypeName, parseDType } from "./dtype.ts";
import { NDArray, type NestedArray } from "./ndarray.ts";
import { seedState, zigguratTables } from "./random.ts";
import { checkOptions, parseShape, sameShape, show, sizeOf } from "./shape.ts";
import type { ArrayStore } from "./store.ts";

/** Numbers in a typed array that float64 holds exactly. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** What is taken wherever an array is: it is copied in. */
export type ArrayLike = NDArray | NestedArray | NumberArray | readonly NumberArray[];

/** Options of the functions that make arrays. */
export interface CreateOptions {
  /** Default "float64". */
  dtype?: DTypeName;
  /** For lists and pictures of the arena; see NDArray.name. */
  name?: string;
}

/** Options of random() and standardNormal(). */
export interface RandomOptions extends CreateOptions {
  /** A whole number ≥ 0 of any size; the same seed gives the same numbers. Default: fresh entropy. */
  seed?: number | bigint;
}

/** Whether a value is one of the typed arrays that can be copied in. */
function isNumberArray(value: unknown): value is NumberArray {
  return (
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView || value instanceof BigInt64Array || value instanceof BigUint64Array)
  );
}

/** Elements that are set one by one. */
const SMALL = 32;

const DTYPE = { dtype: true, name: true } as const;
const RANDOM_OPTIONS = { dtype: true, name: true, seed: true } as const;

function dtypeOf(
  options: CreateOptions | undefined,
  where: string,
  known: Readonly<Record<string, true>> = DTYPE,
): DType {
  checkOptions(options, known, where);
  return parseDType(options?.dtype);
}

/** All elements `value`; `where` is the public name, for messages. */
export function full(
  store: ArrayStore,
  shape: number | readonly number[],
  value: number,
  options: CreateOptions | undefined,
  where: string,
): NDArray {
  const dtype = dtypeOf(options, where);
  if (typeof value !== "number")
    throw new DTypeError(`${where}: the value is a ${typeof value}, not a number.`);
  const array = store.allocate(parseShape(shape), dtype, options?.name);
  const elements = dtype === "float32" ? store.linear.f32 : store.linear.f64;
  const from = array.address / itemSize(dtype);
  const to = from + array.size;
  // (To call fill(), or to make a view of the array alone, takes longer than a small array's elements.)
  if (to - from > SMALL) elements.fill(value, from, to);
  else for (let i = from; i < to; ++i) elements[i] = value;
  return array;
}

/** Ones on a diagonal, zeros elsewhere. */
export function eye(
  store: ArrayStore,
  rows: number,
  columns: number = rows,
  options: CreateOptions & { k?: number } = {},
): NDArray {
  const { k = 0 } = options;
  const dtype = dtypeOf(options, "eye", { dtype: true, k: true, name: true });
  if (!Number.isSafeInteger(k)) throw new ShapeError(`eye: the diagonal k = ${k} is no whole number.`);
  const array = store.allocate(parseShape([rows, columns]), dtype, options.name);
  const { data } = array;
  data.fill(0);
  for (let i = Math.max(0, -k); i < rows && i + k < columns; ++i) data[i * columns + i + k] = 1;
  return array;
}

/** start, start + step, … below stop; computed as NumPy does (start + i·((start + step) − start)). */
export function arange(
  store: ArrayStore,
  start: number,
  stop: number,
  step: number,
  options?: CreateOptions,
): NDArray {
  const dtype = dtypeOf(options, "arange");
  const count = Math.ceil((stop - start) / step);
  if (!Number.isSafeInteger(count)) {
    throw new ShapeError(
      `arange(${start}, ${stop}, ${step}) has ${count} elements; give finite numbers and a step ≠ 0.`,
    );
  }
  const array = store.allocate([Math.max(0, count)], dtype, options?.name);
  const { data } = array;
  const round = dtype === "float32" ? Math.fround : (value: number): number => value;
  const first = round(start);
  const delta = round(round(start + step) - first);
  for (let i = 0; i < count; ++i) data[i] = i === 1 ? start + step : first + round(i * delta);
  return array;
}

/** The shape of nested arrays. @throws ShapeError where they are ragged, DTypeError for what is no number. */
function nestedShape(value: unknown, path: number[] = []): number[] {
  if (typeof value === "number") return [];
  if (isNumberArray(value)) return [value.length];
  if (!Array.isArray(value)) {
    refuseOtherCopy("array", value);
    throw new DTypeError(
      `array: ${typeof value} at [${path.join(", ")}]; nested arrays of numbers are wanted.`,
    );
  }
  if (value.length === 0) return [0];
  const inner = nestedShape(value[0], [...path, 0]);
  for (let i = 1; i < value.length; ++i) {
    const other = nestedShape(value[i], [...path, i]);
    if (!sameShape(other, inner)) {
      throw new ShapeError(
        `array: ragged: element [${[...path, i].join(", ")}] has shape ${show(other)}, its neighbour ${show(inner)}.`,
      );
    }
  }
  return [value.length, ...inner];
}

/** Shape and dtype that array() would give, without making anything. @throws as array(), but for ArenaFullError. */
export function outlineOf(value: ArrayLike): { readonly shape: readonly number[]; readonly dtype: DType } {
  if (value instanceof NDArray) return value;
  return { shape: nestedShape(value), dtype: value instanceof Float32Array ? "float32" : "float64" };
}

/** From nested arrays, typed arrays, or an array (copied). */
export function array(store: ArrayStore, value: ArrayLike, options?: CreateOptions): NDArray {
  checkOptions(options, DTYPE, "array");
  if (value instanceof NDArray) {
    value.check();
    const dtype = options?.dtype === undefined ? value.dtype : parseDType(options.dtype);
    const copy =
      value.store === store && value.dtype === dtype
        ? value.copy()
        : fromTyped(store, value.toTyped(), value.shape, { dtype });
    if (options?.name !== undefined) copy.name = options.name;
    return copy;
  }
  if (isNumberArray(value)) return fromTyped(store, value, undefined, options);
  const shape = nestedShape(value);
  const result = store.allocate(shape, parseDType(options?.dtype), options?.name);
  const { data } = result;
  let next = 0;
  const walk = (item: unknown): void => {
    if (typeof item === "number") data[next++] = item;
    else if (Array.isArray(item)) item.forEach(walk);
    else {
      data.set(item as NumberArray, next);
      next += (item as NumberArray).length;
    }
  };
  walk(value);
  return result;
}

/** From the elements of a typed array in C order; Float32Array gives float32, every other float64, unless asked for. */
export function fromTyped(
  store: ArrayStore,
  typed: NumberArray,
  shape?: number | readonly number[],
  options?: CreateOptions,
): NDArray {
  checkOptions(options, DTYPE, "fromTyped");
  if (!isNumberArray(typed)) {
    throw new DTypeError(
      "fromTyped: wants a typed array of numbers (not BigInt64Array, BigUint64Array or DataView).",
    );
  }
  const dtype =
    options?.dtype === undefined && typed instanceof Float32Array ? "float32" : parseDType(options?.dtype);
  const extents = shape === undefined ? [typed.length] : parseShape(shape);
  if (sizeOf(extents) !== typed.length) {
    throw new ShapeError(
      `fromTyped: ${typed.length} elements do not fill shape ${show(extents)} (${sizeOf(extents)}).`,
    );
  }
  const result = store.allocate(extents, dtype, options?.name);
  result.data.set(typed);
  return result;
}

/**
 * Uniform in [0, 1): the stream of NumPy's `default_rng(seed).random(shape, dtype)`, bit for bit. The algorithm is PCG64
 * (O'Neill 2014) seeded by NumPy's SeedSequence.
 */
export function random(
  store: ArrayStore,
  shape: number | readonly number[],
  options?: RandomOptions,
): NDArray {
  const dtype = dtypeOf(options, "random", RANDOM_OPTIONS);
  const state = seedState(options?.seed);
  const result = store.allocate(parseShape(shape), dtype, options?.name);
  const at = store.scratch + SCRATCH_PARTS.random;
  store.linear.i32.set(state, at / 4);
  store.kernels[dtype].random(at, result.address, result.size);
  return result;
}

/** The stream of NumPy's `default_rng(seed).standard_normal(shape, dtype)`, by the ziggurat method. */
export function standardNormal(
  store: ArrayStore,
  shape: number | readonly number[],
  options?: RandomOptions,
): NDArray {
  const dtype = dtypeOf(options, "standardNormal", RANDOM_OPTIONS);
  const state = seedState(options?.seed);
  const result = store.allocate(parseShape(shape), dtype, options?.name);
  const { i32, f32, f64 } = store.linear;
  const at = store.scratch + SCRATCH_PARTS.random;
  const tables = store.scratch + SCRATCH_PARTS[dtype];
  i32.set(state, at / 4);
  // The tables take 8 ms to derive, so they are written once; strip 0 is wider than nothing, so 0 means "not yet".
  if (dtype === "float32" && f32[tables / 4] === 0) f32.set(zigguratTables("float32"), tables / 4);
  if (dtype === "float64" && f64[tables / 8] === 0) f64.set(zigguratTables("float64"), tables / 8);
  store.kernels[dtype].standardNormal(at, tables, result.address, result.size);
  return result;
}

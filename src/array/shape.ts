import { ShapeError, UnsupportedError } from "../errors.ts";

/** "(2, 3)", "(4,)", "()": as Python prints a tuple. */
export function show(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

/** Whether two shapes are equal. */
export function sameShape(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((extent, axis) => extent === other[axis]);
}

/** Elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const extent of shape) size *= extent;
  return size;
}

/** A shape given as a number or an array. @throws ShapeError naming what is not a whole number ≥ 0. */
export function parseShape(shape: number | readonly number[]): number[] {
  const extents = typeof shape === "number" ? [shape] : Array.isArray(shape) ? [...shape] : undefined;
  const wrong = extents?.findIndex((extent) => !Number.isSafeInteger(extent) || extent < 0) ?? 0;
  if (extents === undefined || wrong >= 0) {
    const what = extents === undefined ? String(shape) : `${String(extents[wrong])} (axis ${wrong})`;
    throw new ShapeError(`A shape is made of whole numbers ≥ 0; ${what} is none.`);
  }
  return extents;
}

/** Strides, in elements, of an array whose last axis is adjacent (C order). */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; --axis) {
    strides[axis] = step;
    step *= Math.max(1, shape[axis]!);
  }
  return strides;
}

/** Whether the elements lie in C order without holes; strides of axes with one element do not matter. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; --axis) {
    const extent = shape[axis]!;
    if (extent !== 1 && strides[axis] !== step) return shape.includes(0);
    step *= extent;
  }
  return true;
}

/** An index or axis position counted from the end if negative. @throws ShapeError (`INDEX`) beyond the extent. */
export function wrapIndex(index: number, extent: number, axis: number): number {
  const wrapped = index < 0 ? index + extent : index;
  if (!Number.isInteger(index) || wrapped < 0 || wrapped >= extent) {
    throw new ShapeError(`Index ${index} is out of range for axis ${axis} with ${extent} elements.`, "INDEX");
  }
  return wrapped;
}

/** One axis of a slice: Python's start:stop:step; null or a missing number stands for Python's default. */
export type SliceRange = readonly [start?: number | null, stop?: number | null, step?: number | null];

/** First index, number of elements and step of a range over `extent` elements: Python's `slice.indices`. */
export function resolveRange(
  range: SliceRange,
  extent: number,
  axis: number,
): [first: number, count: number, step: number] {
  if (!Array.isArray(range)) {
    throw new ShapeError(`slice: axis ${axis} wants [start, stop, step], not ${String(range)}.`, "INDEX");
  }
  const step = range[2] ?? 1;
  for (const number of range) {
    if (number !== null && number !== undefined && !Number.isSafeInteger(number)) {
      throw new ShapeError(
        `slice: axis ${axis} has ${number} in [${range.join(", ")}]; whole numbers or null.`,
        "INDEX",
      );
    }
  }
  if (step === 0 || range.length > 3) {
    throw new ShapeError(
      `slice: axis ${axis} wants [start, stop, step] with step ≠ 0, not [${range.join(", ")}].`,
      "INDEX",
    );
  }
  const [low, high] = step > 0 ? [0, extent] : [-1, extent - 1];
  const clip = (value: number): number => Math.min(Math.max(value < 0 ? value + extent : value, low), high);
  const start = range[0] === null || range[0] === undefined ? (step > 0 ? low : high) : clip(range[0]);
  const stop = range[1] === null || range[1] === undefined ? (step > 0 ? high : low) : clip(range[1]);
  return [start, Math.max(0, Math.ceil((stop - start) / step)), step];
}

/** A new shape with one −1 worked out. @throws ShapeError if the sizes do not match. */
export function resolveReshape(from: readonly number[], to: number | readonly number[]): number[] {
  const wanted: number[] = Array.isArray(to) ? [...to] : [to as number];
  const open = wanted.indexOf(-1);
  const known = parseShape(wanted.map((extent, axis) => (axis === open ? 1 : extent)));
  const size = sizeOf(from);
  if (open >= 0) known[open] = size / sizeOf(known);
  if (sizeOf(known) !== size || !Number.isInteger(known[open] ?? 0)) {
    throw new ShapeError(
      `reshape: ${size} elements of shape ${show(from)} do not fill shape ${show(wanted)}.`,
    );
  }
  return known;
}

/**
 * The strides under which an array can be seen in a new shape without copying, undefined if it cannot: groups of axes of
 * equal size on both sides must each be adjacent in memory (NumPy's `_attempt_nocopy_reshape`).
 */
export function reshapedStrides(
  shape: readonly number[],
  strides: readonly number[],
  to: readonly number[],
): number[] | undefined {
  if (sizeOf(to) === 0) return contiguousStrides(to);
  const axes = shape
    .map((extent, axis) => ({ extent, stride: strides[axis]! }))
    .filter(({ extent }) => extent !== 1);
  const result = new Array<number>(to.length).fill(1);
  let oldFrom = 0;
  let newFrom = 0;
  while (oldFrom < axes.length) {
    let oldTo = oldFrom + 1;
    let newTo = newFrom + 1;
    let oldSize = axes[oldFrom]!.extent;
    let newSize = to[newFrom]!;
    while (oldSize !== newSize) {
      if (newSize < oldSize) newSize *= to[newTo++]!;
      else oldSize *= axes[oldTo++]!.extent;
    }
    for (let axis = oldFrom; axis < oldTo - 1; ++axis) {
      if (axes[axis]!.stride !== axes[axis + 1]!.extent * axes[axis + 1]!.stride) return undefined;
    }
    let step = axes[oldTo - 1]!.stride;
    for (let axis = newTo - 1; axis >= newFrom; --axis) {
      result[axis] = step;
      step *= to[axis]!;
    }
    oldFrom = oldTo;
    newFrom = newTo;
  }
  return result;
}

/** @throws UnsupportedError (`OPTION`) for a key that `where` does not know: a misspelt option must not be ignored. */
export function checkOptions(
  options: object | undefined,
  known: Readonly<Record<string, true>>,
  where: string,
): void {
  for (const key in options) {
    if (known[key] !== true) {
      throw new UnsupportedError(
        `${where}: unknown option "${key}". It knows ${Object.keys(known).join(", ")}.`,
        "OPTION",
      );
    }
  }
}

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  contiguousStrides,
  isContiguous,
  parseShape,
  reshapedStrides,
  resolveRange,
  resolveReshape,
  show,
  sizeOf,
  wrapIndex,
} from "../../src/array/shape.ts";
import { ShapeError } from "../../src/errors.ts";
import { pythonRange } from "../helpers/python.ts";

test("tuples as Python prints them", () => {
  expect([show([]), show([4]), show([2, 3]), show([0, 1, 2])]).toEqual(["()", "(4,)", "(2, 3)", "(0, 1, 2)"]);
});

describe("ranges", () => {
  // list(range(*slice(start, stop, step).indices(extent))) in Python 3.
  test.each<[[number | null, number | null, number], number, number[]]>([
    [[null, null, -1], 4, [3, 2, 1, 0]],
    [[-1, null, -2], 5, [4, 2, 0]],
    [[1, -1, 1], 5, [1, 2, 3]],
    [[10, -10, -3], 5, [4, 1]],
    [[-10, 10, 2], 5, [0, 2, 4]],
    [[3, 1, 1], 5, []],
    [[1, 3, -1], 5, []],
    [[null, -6, -1], 5, [4, 3, 2, 1, 0]],
    [[-6, null, -1], 5, []],
    [[0, 0, 1], 0, []],
    [[null, null, -1], 0, []],
  ])("%j of %d", ([start, stop, step], extent, indices) => {
    const [first, count] = resolveRange([start, stop, step], extent, 0);
    expect(Array.from({ length: count }, (_, i) => first + i * step)).toEqual(indices);
    expect(pythonRange(start, stop, step, extent)).toEqual(indices);
  });

  test("as Python's, for any numbers", () => {
    const number = fc.option(fc.integer({ min: -14, max: 14 }), { nil: null });
    const step = fc.integer({ min: -6, max: 6 }).filter((n) => n !== 0);
    fc.assert(
      fc.property(number, number, step, fc.nat(10), (start, stop, by, extent) => {
        const [first, count, resolved] = resolveRange([start, stop, by], extent, 0);
        const got = Array.from({ length: count }, (_, i) => first + i * resolved);
        expect(got).toEqual(pythonRange(start, stop, by, extent));
      }),
      { numRuns: 3000 },
    );
  });
});

test("indices: from either end, whole, and inside", () => {
  expect([0, 4, -1, -5].map((i) => wrapIndex(i, 5, 0))).toEqual([0, 4, 4, 0]);
  for (const index of [5, -6, 0.5, Number.NaN, Number.POSITIVE_INFINITY, "1" as never]) {
    expect(() => wrapIndex(index, 5, 2), String(index)).toThrow(/axis 2 with 5 elements/);
  }
});

test("shapes: whole numbers ≥ 0", () => {
  expect(parseShape(3)).toEqual([3]);
  expect(parseShape([])).toEqual([]);
  expect(() => parseShape([1, -1])).toThrow(ShapeError);
});

/** Byte-free model of a view: where each element lies, in C order. */
function positions(shape: readonly number[], strides: readonly number[]): number[] {
  return shape.reduce<number[]>(
    (at, extent, axis) => at.flatMap((p) => Array.from({ length: extent }, (_, i) => p + i * strides[axis]!)),
    [0],
  );
}

const shapes = fc.array(fc.nat(4), { maxLength: 4 });
const views = shapes.chain((shape) =>
  fc.tuple(
    fc.constant(shape),
    fc.oneof(
      fc.array(fc.integer({ min: -12, max: 12 }), { minLength: shape.length, maxLength: shape.length }),
      fc.constant(contiguousStrides(shape)),
      fc.shuffledSubarray([0, 1, 2, 3].slice(0, shape.length), { minLength: shape.length }).map((order) => {
        // Strides of a transposed C-contiguous array.
        const base = contiguousStrides(order.map((axis) => shape[axis]!));
        return shape.map((_, axis) => base[order.indexOf(axis)]!);
      }),
    ),
  ),
);

test("contiguous: exactly what lies in C order without holes", () => {
  fc.assert(
    fc.property(views, ([shape, strides]) => {
      const at = positions(shape, strides);
      expect(isContiguous(shape, strides)).toBe(at.every((position, i) => position === i));
      expect(isContiguous(shape, contiguousStrides(shape))).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("reshape without a copy: right elements, and wherever strides allow it", () => {
  // All strides of a shape with which it would see the given positions in C order: axes of one element are free.
  const seen = (at: readonly number[], to: readonly number[]): boolean => {
    const steps = contiguousStrides(to);
    const strides = to.map((extent, axis) => (extent > 1 ? at[steps[axis]!]! - at[0]! : 0));
    return positions(to, strides).every((position, i) => position + at[0]! === at[i]!);
  };
  const cases = views.chain(([shape, strides]) => {
    const size = sizeOf(shape);
    return fc.tuple(fc.constant(shape), fc.constant(strides), factorings(size));
  });
  let [views_, copies] = [0, 0];
  fc.assert(
    fc.property(cases, ([shape, strides, to]) => {
      const at = positions(shape, strides);
      const result = reshapedStrides(shape, strides, to);
      if (result === undefined) copies += 1;
      else {
        views_ += 1;
        expect(positions(to, result)).toEqual(at);
      }
      expect(result !== undefined).toBe(sizeOf(shape) === 0 || seen(at, to));
    }),
    { numRuns: 3000 },
  );
  expect(views_).toBeGreaterThan(300);
  expect(copies).toBeGreaterThan(100);
});

/** Shapes of `size` elements, with ones strewn in. */
function factorings(size: number): fc.Arbitrary<number[]> {
  if (size === 0) return fc.constantFrom([0], [0, 3], [2, 0], [1, 0, 1]);
  return fc.array(fc.nat(1000), { minLength: 6, maxLength: 6 }).map((picks) => {
    const shape: number[] = [];
    let left = size;
    for (const pick of picks) {
      const divisors = Array.from({ length: left }, (_, i) => i + 1).filter((d) => left % d === 0);
      const divisor = divisors[pick % divisors.length]!;
      if (divisor > 1 || pick % 3 === 0) shape.push(divisor);
      left /= divisor;
    }
    if (left > 1) shape.push(left);
    return shape;
  });
}

test("the extent of −1 is worked out; sizes must agree", () => {
  expect(resolveReshape([2, 3], [3, -1])).toEqual([3, 2]);
  expect(resolveReshape([2, 3], -1)).toEqual([6]);
  expect(resolveReshape([6], [1, 6, 1])).toEqual([1, 6, 1]);
  expect(resolveReshape([], [])).toEqual([]);
  expect(resolveReshape([1], [])).toEqual([]);
  expect(resolveReshape([0, 5], [3, 0])).toEqual([3, 0]);
  expect(resolveReshape([0], [-1, 4])).toEqual([0, 4]);
  for (const to of [
    [4],
    [4, -1],
    [-1, -1],
    [0, -1],
    [-2, -3],
    [2.5, -1],
    [6, 0],
    5,
    undefined,
    null,
    "6",
    {},
  ]) {
    expect(() => resolveReshape([2, 3], to as number[]), JSON.stringify(to)).toThrow(ShapeError);
  }
  // np.zeros(0).reshape(0, -1): "cannot reshape array of size 0 into shape (0,newaxis)".
  expect(() => resolveReshape([0], [0, -1])).toThrow(ShapeError);
});

import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { Context, NDArray, SliceRange } from "../../src/index.ts";
import { overlap } from "../../src/ops/operands.ts";
import { context, refuses } from "../helpers/context.ts";

let la: Context;

beforeAll(async () => {
  la = await context();
});

/** Offsets of all elements in the block: what an overlap is decided by, without cleverness. */
function elementsOf({ shape, strides, offset }: NDArray): Set<number> {
  return new Set(
    shape.reduce<number[]>(
      (at, extent, axis) =>
        at.flatMap((p) => Array.from({ length: extent }, (_, i) => p + i * strides[axis]!)),
      [offset],
    ),
  );
}

function meet(one: NDArray, other: NDArray): boolean {
  const elements = elementsOf(one);
  return [...elementsOf(other)].some((position) => elements.has(position));
}

describe("exact", () => {
  test.each<[string, boolean, (a: NDArray) => [NDArray, NDArray]]>([
    ["the same array", true, (a) => [a, a]],
    ["its transpose", true, (a) => [a, a.T]],
    ["even and odd columns", false, (a) => [a.slice([], [0, null, 2]), a.slice([], [1, null, 2])]],
    ["columns by threes", false, (a) => [a.slice([], [0, null, 3]), a.slice([], [2, null, 3])]],
    ["columns by twos and threes", true, (a) => [a.slice([], [0, null, 2]), a.slice([], [0, null, 3])]],
    ["even and odd rows", false, (a) => [a.slice([0, null, 2]), a.slice([1, null, 2])]],
    ["one column and the next", false, (a) => [a.col(3), a.col(4)]],
    ["one column twice", true, (a) => [a.col(3), a.slice([], [3, 4])]],
    ["one row and the next", false, (a) => [a.row(3), a.row(4)]],
    ["a row and a column", true, (a) => [a.row(3), a.col(3)]],
    ["left and right half", false, (a) => [a.slice([], [0, 6]), a.slice([], [6, 12])]],
    ["upper and lower half", false, (a) => [a.slice([0, 6]), a.slice([6, 12])]],
    ["left and right with a column in common", true, (a) => [a.slice([], [0, 7]), a.slice([], [6, 12])]],
    ["four quarters: first and last", false, (a) => [a.slice([0, 6], [0, 6]), a.slice([6, 12], [6, 12])]],
    ["four quarters: second and third", false, (a) => [a.slice([0, 6], [6, 12]), a.slice([6, 12], [0, 6])]],
    ["rectangles that meet in one corner", true, (a) => [a.slice([0, 7], [0, 7]), a.slice([6, 12], [6, 12])]],
    [
      "rectangles side by side, lower one right",
      false,
      (a) => [a.slice([1, 5], [2, 5]), a.slice([3, 9], [5, 9])],
    ],
    [
      "rectangles side by side, lower one left",
      false,
      (a) => [a.slice([1, 5], [7, 9]), a.slice([3, 9], [2, 7])],
    ],
    ["rectangles of every other row", false, (a) => [a.slice([0, 9, 2], [0, 4]), a.slice([2, 9, 2], [4, 9])]],
    ["no elements", false, (a) => [a, a.slice([3, 3])]],
    ["reversed", true, (a) => [a.slice([null, null, -1]), a.slice([0, 1])]],
  ])("%s: %s", (_, expected, views) => {
    la.scope(() => {
      const [one, other] = views(la.zeros([12, 12]));
      expect(meet(one, other)).toBe(expected);
      expect(overlap(one, other)).toBe(expected);
      expect(overlap(other, one)).toBe(expected);
    });
  });

  test("arrays of their own never do", () => {
    la.scope(() => {
      const [a, b] = [la.zeros([4, 4]), la.zeros([4, 4])];
      expect(overlap(a, b)).toBe(false);
      expect(overlap(a.T, b.slice([2, 4]))).toBe(false);
    });
  });
});

test("never misses an overlap; never sees one between rectangles of a matrix, or lattices, that do not meet", () => {
  const bound = fc.option(fc.integer({ min: -7, max: 7 }), { nil: null, freq: 1 });
  const by = fc.option(
    fc.integer({ min: -3, max: 4 }).filter((n) => n !== 0),
    { nil: null },
  );
  const range: fc.Arbitrary<SliceRange> = fc.tuple(bound, bound, by);
  const view = fc.record({
    rows: range,
    columns: range,
    // Matrices of other widths over the same block, transposes, single lines.
    shape: fc.constantFrom([6, 6], [4, 9], [3, 12], [36], [2, 3, 6]),
    transpose: fc.boolean(),
    line: fc.option(fc.nat(100), { nil: null }),
  });
  type View = typeof view extends fc.Arbitrary<infer V> ? V : never;
  let [met, apart, refused] = [0, 0, 0];
  const make = (owner: NDArray, { rows, columns, shape, transpose, line }: View): NDArray => {
    const matrix = owner.reshape(shape);
    const part = shape.length === 1 ? matrix.slice(rows) : matrix.slice(rows, columns);
    const seen = transpose ? part.T : part;
    if (line === null || seen.ndim !== 2 || seen.shape[0] === 0) return seen;
    return seen.row(line % seen.shape[0]!);
  };
  fc.assert(
    fc.property(view, view, (first, second) => {
      la.scope(() => {
        const owner = la.zeros([36]);
        const [one, other] = [make(owner, first), make(owner, second)];
        const expected = meet(one, other);
        if (expected) met += 1;
        else apart += 1;
        if (expected) expect(overlap(one, other)).toBe(true);
        expect(overlap(other, one)).toBe(overlap(one, other));
        if (!expected && overlap(one, other)) refused += 1;
      });
    }),
    { numRuns: 4000, seed: 5 },
  );
  expect(met).toBeGreaterThan(300);
  expect(apart).toBeGreaterThan(500);
  // Some views of crossing extents that do not meet are refused all the same: not many.
  expect(refused / apart).toBeLessThan(0.25);
});

test("rectangles of one matrix: exact, and none missed wherever in its block the matrix begins", () => {
  const side = fc.tuple(fc.nat(8), fc.integer({ min: 1, max: 4 }));
  fc.assert(
    fc.property(fc.tuple(side, side), fc.tuple(side, side), fc.nat(23), (one, other, skip) => {
      la.scope(() => {
        const matrix = la
          .zeros([14 * 12])
          .slice([skip, skip + 144])
          .reshape([12, 12]);
        const [a, b] = [one, other].map(([[i, m], [j, n]]) => matrix.slice([i, i + m], [j, j + n])) as [
          NDArray,
          NDArray,
        ];
        const expected = meet(a, b);
        // Rows of a matrix that begins in the middle of a row of its block are cut in two: then some are refused.
        if (skip % 12 === 0 || expected) expect(overlap(a, b)).toBe(expected);
      });
    }),
    { numRuns: 4000, seed: 3 },
  );
});

describe("operations", () => {
  test("write beside their inputs in one block", () => {
    la.scope(() => {
      const a = la.random([8, 8], { seed: 1 });
      const [left, right] = [a.slice([], [0, 4]), a.slice([], [4, 8])];
      const expected = la.matmul(left.slice([0, 4]), left.slice([4, 8])).toTyped();
      la.matmul(left.slice([0, 4]), left.slice([4, 8]), { out: right.slice([2, 6]) });
      expect(right.slice([2, 6]).toTyped()).toEqual(expected);
      const even = la.random([8, 8], { seed: 2 });
      const [from, into] = [even.slice([0, 4], [0, 8, 2]), even.slice([0, 4], [1, 8, 2])];
      const product = la.matmul(from, from).toTyped();
      la.gemm({ a: from, b: from, c: into });
      expect(into.toTyped()).toEqual(product);
    });
  });

  test("refuse an output over an input, with the shapes and the remedy", () => {
    const a = la.random([8, 8], { seed: 3 });
    const before = a.toTyped();
    const [top, shifted] = [a.slice([0, 4], [0, 4]), a.slice([3, 7], [3, 7])];
    refuses(la, () => la.matmul(top, top, { out: shifted }), [
      "ShapeError",
      "OVERLAP",
      "(4, 4)",
      "of its own",
    ]);
    refuses(la, () => la.gemm({ a: top, b: top, c: shifted }), ["ShapeError", "OVERLAP", "gemm", "(4, 4)"]);
    refuses(la, () => la.gemm({ a: shifted, b: top, c: shifted }), ["ShapeError", "OVERLAP"]);
    refuses(la, () => la.gemm({ a: top, b: shifted, beta: 1, c: shifted }), ["ShapeError", "OVERLAP"]);
    expect(a.toTyped()).toEqual(before);
  });
});

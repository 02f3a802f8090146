import * as fc from "fast-check";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Context, NDArray, NestedArray, SliceRange } from "../../src/index.ts";
import { context, type Refusal, refuses } from "../helpers/context.ts";
import { pythonRange } from "../helpers/python.ts";

let la: Context;

beforeAll(async () => {
  la = await context();
});

// Every test cleans up after itself: nothing may be left in the arena.
let made: NDArray[] = [];
beforeEach(() => {
  made = [];
});
afterEach(() => {
  for (const array of made) array.release();
  expect(la.arena.stats()).toMatchObject({ blocks: 0, used: 0, requested: 0 });
});

/** Keeps an array until the end of the test. */
function keep(array: NDArray): NDArray {
  made.push(array);
  return array;
}

/** Shape and elements in C order, the plain way. */
interface Plain {
  readonly shape: readonly number[];
  readonly elements: readonly number[];
}

function plainOf(array: NDArray): Plain {
  return { shape: array.shape, elements: (array.toArray() as number[]).flat?.(Infinity) ?? [array.at()] };
}

/** Takes rows of indices along each axis: what a slice is, without strides. */
function take({ shape, elements }: Plain, indices: readonly (readonly number[])[]): Plain {
  const steps = shape.map((_, axis) => shape.slice(axis + 1).reduce((x, y) => x * y, 1));
  const at = indices.reduce<number[]>(
    (from, picks, axis) => from.flatMap((p) => picks.map((i) => p + i * steps[axis]!)),
    [0],
  );
  return { shape: indices.map((picks) => picks.length), elements: at.map((p) => elements[p]!) };
}

const counting = (shape: readonly number[], dtype: "float32" | "float64" = "float64"): NDArray =>
  la.fromTyped(
    Float64Array.from({ length: shape.reduce((x, y) => x * y, 1) }, (_, i) => i + 1),
    shape,
    { dtype },
  );

const bound = fc.option(fc.integer({ min: -8, max: 8 }), { nil: null });
const step = fc.option(
  fc.integer({ min: -3, max: 4 }).filter((n) => n !== 0),
  { nil: null },
);
const range: fc.Arbitrary<SliceRange | null> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(bound, bound, step) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<SliceRange | null>(null, [], [1], [-2], [null, 3]),
  },
);
const shapes = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 5 }) },
  ),
  {
    maxLength: 4,
  },
);
const dtypes = fc.constantFrom("float32" as const, "float64" as const);

/** Up to three of: slice, transpose. */
const steps = fc.array(fc.oneof(fc.constant("T" as const), fc.array(range, { maxLength: 4 })), {
  maxLength: 3,
});

/** Walks an array and its plain counterpart through the same views; releases every view but the last. */
function walk(array: NDArray, through: readonly ("T" | readonly (SliceRange | null)[])[]): [NDArray, Plain] {
  let view = array.slice();
  let plain = plainOf(view);
  for (const what of through) {
    const before = view;
    if (what === "T") {
      view = before.T;
      const reversed = [...plain.shape].reverse();
      const indices = positions(reversed).map((index) => [...index].reverse());
      plain = { shape: reversed, elements: indices.map((index) => pick(plain, index)) };
    } else {
      const ranges = what.slice(0, plain.shape.length);
      view = before.slice(...ranges);
      plain = take(
        plain,
        plain.shape.map((extent, axis) => {
          const [start, stop, by] = ranges[axis] ?? [];
          return pythonRange(start, stop, by ?? 1, extent);
        }),
      );
    }
    before.release();
  }
  return [view, plain];
}

/** All indices of a shape, in C order. */
function positions(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, extent) => all.flatMap((index) => Array.from({ length: extent }, (_, i) => [...index, i])),
    [[]],
  );
}

function pick({ shape, elements }: Plain, index: readonly number[]): number {
  return elements[index.reduce((at, i, axis) => at * shape[axis]! + i, 0)]!;
}

describe("slices and transposes, against arrays that know no strides", () => {
  test("elements, through at(), toArray(), toTyped(), copy() and data", () => {
    fc.assert(
      fc.property(shapes, dtypes, steps, (shape, dtype, through) => {
        const array = counting(shape, dtype);
        const [view, plain] = walk(array, through);
        expect(view.shape).toEqual(plain.shape);
        expect(view.size).toBe(plain.elements.length);
        expect(view.dtype).toBe(dtype);
        expect([view.refs, array.refs]).toEqual([2, 2]);
        expect(Array.from(view.toTyped())).toEqual(plain.elements);
        expect(positions(view.shape).map((index) => view.at(...index))).toEqual(plain.elements);
        if (plain.elements.length > 0) expect(plainOf(view)).toEqual(plain);
        const copy = view.copy();
        expect(copy).toMatchObject({ shape: plain.shape, dtype, refs: 1, isContiguous: true, offset: 0 });
        expect(Array.from(copy.data)).toEqual(plain.elements);
        if (view.isContiguous) expect(Array.from(view.data)).toEqual(plain.elements);
        else expect(() => view.data).toThrow(/strided/);
        for (const each of [copy, view, array]) each.release();
      }),
      { numRuns: 1200 },
    );
  });

  test("set() through a view is seen by the owner, at that element alone", () => {
    const cases = fc.tuple(shapes, dtypes, steps, fc.nat());
    fc.assert(
      fc.property(cases, ([shape, dtype, through, where]) => {
        const array = counting(shape, dtype);
        const before = array.toTyped();
        const [view, plain] = walk(array, through);
        if (plain.elements.length > 0) {
          const index = positions(view.shape)[where % plain.elements.length]!;
          // Each element's number says where in the owner it lies.
          const at = pick(plain, index) - 1;
          view.set(-7.1, ...index);
          before[at] = -7.1;
          expect(view.at(...index)).toBe(before[at]);
          const fromEnd = index.map((i, axis) => i - view.shape[axis]!);
          expect(view.at(...fromEnd)).toBe(before[at]);
        }
        expect(array.toTyped()).toEqual(before);
        view.release();
        array.release();
      }),
      { numRuns: 600 },
    );
  });

  test("reshape: right elements; shares the block if and only if the strides allow it", () => {
    let [shared, copied] = [0, 0];
    const cases = fc.tuple(shapes, dtypes, steps, fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 }));
    fc.assert(
      fc.property(cases, ([shape, dtype, through, picks]) => {
        const array = counting(shape, dtype);
        const [view, plain] = walk(array, through);
        const to = factored(plain.elements.length, picks);
        const blocks = la.arena.stats().blocks;
        const reshaped = view.reshape(to);
        expect(reshaped.shape).toEqual(to);
        expect(Array.from(reshaped.toTyped())).toEqual(plain.elements);
        // A view where elements that follow each other along an axis are equally far apart in the owner.
        const possible = plain.elements.length === 0 || uniform({ shape: to, elements: plain.elements });
        expect(la.arena.stats().blocks - blocks).toBe(possible ? 0 : 1);
        expect(reshaped.refs).toBe(possible ? 3 : 1);
        if (possible) shared += 1;
        else copied += 1;
        for (const each of [reshaped, view, array]) each.release();
        expect(la.arena.stats().blocks).toBe(0);
      }),
      { numRuns: 1200 },
    );
    expect(shared).toBeGreaterThan(30);
    expect(copied).toBeGreaterThan(30);
  });
});

/** Some shape of `size` elements. */
function factored(size: number, picks: readonly number[]): number[] {
  if (size === 0) return [[0], [3, 0], [0, 2], [1, 0, 5]][picks[0]! % 4]!;
  const shape: number[] = [];
  let left = size;
  for (const pick of picks) {
    const divisors = Array.from({ length: left }, (_, i) => i + 1).filter((d) => left % d === 0);
    const divisor = divisors[pick % divisors.length]!;
    shape.push(divisor);
    left /= divisor;
  }
  return left > 1 ? [...shape, left] : shape;
}

/** Whether the numbers, in this shape, grow by a fixed step along every axis. */
function uniform(plain: Plain): boolean {
  const { shape } = plain;
  const origin = shape.map(() => 0);
  const strides = shape.map((extent, axis) =>
    extent > 1 ? pick(plain, origin.with(axis, 1)) - plain.elements[0]! : 0,
  );
  return positions(shape).every(
    (index) =>
      pick(plain, index) === plain.elements[0]! + index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0),
  );
}

describe("strides and offsets, as NumPy gives them", () => {
  test("T", () => {
    const a = keep(counting([2, 3, 4]));
    const t = keep(a.T);
    expect(t).toMatchObject({
      shape: [4, 3, 2],
      strides: [1, 4, 12],
      offset: 0,
      refs: 2,
      isContiguous: false,
    });
    expect(keep(t.T)).toMatchObject({ shape: [2, 3, 4], strides: [12, 4, 1], refs: 3, isContiguous: true });
    expect(t.at(3, 2, 1)).toBe(a.at(1, 2, 3));
    expect(keep(keep(counting([5])).T)).toMatchObject({ shape: [5], strides: [1], isContiguous: true });
  });

  test("slice", () => {
    const a = keep(counting([6, 8]));
    const s = keep(a.slice([1, 5, 2], [-1, 0, -3]));
    expect(s).toMatchObject({ shape: [2, 3], strides: [16, -3], offset: 15 });
    expect(s.toArray()).toEqual([
      [16, 13, 10],
      [32, 29, 26],
    ]);
    expect(keep(s.slice([-1])).toArray()).toEqual([[32, 29, 26]]);
    expect(keep(a.slice()).toArray()).toEqual(a.toArray());
    expect(keep(a.slice(null, [0, 1])).shape).toEqual([6, 1]);
    expect(keep(a.slice([3, 3])).shape).toEqual([0, 8]);
  });

  test("row and col", () => {
    const a = keep(counting([3, 4]));
    const [row, col] = [keep(a.row(1)), keep(a.col(-1))];
    expect(row).toMatchObject({ shape: [4], strides: [1], offset: 4, isContiguous: true, refs: 3 });
    expect(row.data).toEqual(new Float64Array([5, 6, 7, 8]));
    expect(col).toMatchObject({ shape: [3], strides: [4], offset: 3, isContiguous: false });
    expect(col.toArray()).toEqual([4, 8, 12]);
    const t = keep(a.T);
    expect(keep(t.row(-1)).toArray()).toEqual([4, 8, 12]);
    const reversed = keep(a.slice([null, null, -1], [null, null, -1]));
    expect(keep(reversed.row(0)).toArray()).toEqual([12, 11, 10, 9]);
    expect(keep(reversed.col(0)).toArray()).toEqual([12, 8, 4]);
    const f = keep(counting([2, 2], "float32"));
    expect(keep(f.col(0)).toTyped()).toEqual(new Float32Array([1, 3]));
  });

  test("arrays without elements are contiguous, whatever their strides", () => {
    // NumPy: np.zeros((3, 4))[0:0, ::2].flags.c_contiguous is True.
    const none = keep(keep(counting([3, 4])).slice([0, 0], [null, null, 2]));
    expect(none).toMatchObject({ shape: [0, 2], isContiguous: true, size: 0 });
    expect(none.data).toHaveLength(0);
    expect(none.toArray()).toEqual([]);
    const deep = keep(la.zeros([2 ** 30, 0]));
    const row = keep(deep.row(-1));
    expect(row.shape).toEqual([0]);
    expect(row.data).toHaveLength(0);
    expect(row.toTyped()).toHaveLength(0);
    expect(keep(row.copy()).shape).toEqual([0]);
  });
});

describe("data is the arena itself", () => {
  test("writes go through, both ways", () => {
    const a = keep(counting([2, 3]));
    const row = keep(a.row(1));
    row.data[0] = 40;
    expect(a.at(1, 0)).toBe(40);
    a.set(50, 1, 1);
    expect(row.data[1]).toBe(50);
    expect(a.data.buffer).toBe(row.data.buffer);
    expect(a.data.byteOffset % 64).toBe(0);
  });

  test("toTyped and toArray are copies, in memory of their own", () => {
    const a = keep(counting([3]));
    const typed = a.toTyped();
    expect(typed.buffer).toBeInstanceOf(ArrayBuffer);
    expect(typed.buffer).not.toBe(a.data.buffer);
    typed[0] = 99;
    expect(a.at(0)).toBe(1);
    const single = keep(counting([2], "float32"));
    expect(single.toTyped()).toBeInstanceOf(Float32Array);
  });

  test("set rounds to the dtype", () => {
    const a = keep(counting([1], "float32"));
    a.set(0.1, 0);
    expect(a.at(0)).toBe(Math.fround(0.1));
    const zero = keep(la.full([], 2));
    zero.set(3);
    expect(zero.toArray()).toBe(3);
  });
});

describe("refused", () => {
  const cases: [string, (a: NDArray) => unknown, Refusal][] = [
    ["at(): too few", (a) => a.at(0), ["ShapeError", "INDEX", "1 indices", "2 axes", "(3, 4)"]],
    ["at(): too many", (a) => a.at(0, 0, 0), ["ShapeError", "INDEX", "3 indices"]],
    ["at(3, 0)", (a) => a.at(3, 0), ["ShapeError", "INDEX", "Index 3", "axis 0", "3 elements"]],
    ["at(0, -5)", (a) => a.at(0, -5), ["ShapeError", "INDEX", "Index -5", "axis 1", "4 elements"]],
    ["at(0.5, 0)", (a) => a.at(0.5, 0), ["ShapeError", "INDEX", "0.5"]],
    ["at(NaN, 0)", (a) => a.at(Number.NaN, 0), ["ShapeError", "INDEX", "NaN"]],
    ["at('1', 0)", (a) => a.at("1" as never, 0), ["ShapeError", "INDEX", "1"]],
    ["set(1, 3, 0)", (a) => a.set(1, 3, 0), ["ShapeError", "INDEX", "Index 3"]],
    ["set(1)", (a) => a.set(1), ["ShapeError", "INDEX", "0 indices"]],
    ["row(3)", (a) => a.row(3), ["ShapeError", "INDEX", "Index 3"]],
    ["row(-4)", (a) => a.row(-4), ["ShapeError", "INDEX", "Index -4"]],
    ["col(4)", (a) => a.col(4), ["ShapeError", "INDEX", "Index 4", "axis 1"]],
    ["col(1.5)", (a) => a.col(1.5), ["ShapeError", "INDEX", "1.5"]],
    ["slice: too many", (a) => a.slice([], [], []), ["ShapeError", "INDEX", "3 ranges", "2 axes"]],
    ["slice: step 0", (a) => a.slice([0, 3, 0]), ["ShapeError", "INDEX", "axis 0", "step ≠ 0"]],
    ["slice: fraction", (a) => a.slice([], [0.5]), ["ShapeError", "INDEX", "axis 1", "0.5"]],
    ["slice: NaN", (a) => a.slice([null, Number.NaN]), ["ShapeError", "INDEX", "NaN"]],
    ["slice: infinite", (a) => a.slice([0, Number.POSITIVE_INFINITY]), ["ShapeError", "INDEX", "Infinity"]],
    ["slice: four numbers", (a) => a.slice([0, 1, 1, 1] as never), ["ShapeError", "INDEX", "0, 1, 1, 1"]],
    ["slice: no range", (a) => a.slice(3 as never), ["ShapeError", "INDEX", "3"]],
    ["slice: a string", (a) => a.slice("1:2" as never), ["ShapeError", "INDEX", "1:2"]],
    [
      "reshape: another size",
      (a) => a.reshape([5, 2]),
      ["ShapeError", "SHAPE", "12 elements", "(3, 4)", "(5, 2)"],
    ],
    ["reshape: −1 that does not divide", (a) => a.reshape([5, -1]), ["ShapeError", "SHAPE", "(5, -1)"]],
    ["reshape: two −1", (a) => a.reshape([-1, -1]), ["ShapeError", "SHAPE", "-1"]],
    ["reshape: negative", (a) => a.reshape([-3, -4]), ["ShapeError", "SHAPE", "-3"]],
    ["reshape: fractions", (a) => a.reshape([2.5, 4.8]), ["ShapeError", "SHAPE", "2.5"]],
    ["reshape: nothing", (a) => a.reshape(undefined as never), ["ShapeError", "SHAPE", "undefined"]],
  ];
  test.each(cases)("%s", (_, run, refusal) => {
    const a = keep(counting([3, 4]));
    const before = a.toArray();
    refuses(la, () => run(a), refusal);
    expect(a.refs).toBe(1);
    expect(a.toArray()).toEqual(before);
  });

  test("rows of what is no matrix", () => {
    const [vector, cube] = [keep(counting([3])), keep(counting([2, 2, 2]))];
    refuses(la, () => vector.row(0), ["ShapeError", "SHAPE", "row", "(3,)"]);
    refuses(la, () => cube.col(0), ["ShapeError", "SHAPE", "col", "(2, 2, 2)"]);
  });

  test("data of a strided view names shape and strides", () => {
    const a = keep(counting([3, 4]));
    const t = keep(a.T);
    refuses(la, () => t.data, ["ShapeError", "SHAPE", "(4, 3)", "(1, 4)", "copy()"]);
  });

  test("a copy that does not fit", () => {
    const big = keep(la.zeros([2 ** 24]));
    const t = keep(keep(big.reshape([4096, 4096])).T);
    refuses(la, () => t.copy(), ["ArenaFullError", "ARENA_FULL"]);
    refuses(la, () => t.reshape(-1), ["ArenaFullError", "ARENA_FULL"]);
  });
});

test("nested arrays of any depth", () => {
  const a = keep(counting([2, 1, 2]));
  const nested: NestedArray = [[[1, 2]], [[3, 4]]];
  expect(a.toArray()).toEqual(nested);
  expect(keep(la.zeros([0])).toArray()).toEqual([]);
});

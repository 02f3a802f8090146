import { beforeAll, describe, expect, test } from "vitest";
import type { Context, NumberArray } from "../../src/index.ts";
import { context, type Refusal, refuses } from "../helpers/context.ts";

let la: Context;
let foreign: Context;

beforeAll(async () => {
  la = await context();
  foreign = await context();
});

const NOTHING = { blocks: 0, used: 0, holes: 1 };

describe("full, zeros, ones", () => {
  test("every element, also where a block was used before", () => {
    la.full([1000], Number.NaN).release();
    expect(la.zeros([3, 2]).toArray()).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(la.ones(3).toArray()).toEqual([1, 1, 1]);
    expect(la.full([2], -2.5).toArray()).toEqual([-2.5, -2.5]);
    expect(la.full([], 7).toArray()).toBe(7);
    expect(la.full([2], 0.1, { dtype: "float32" }).at(1)).toBe(Math.fround(0.1));
  });

  test("shape, strides and dtype", () => {
    const a = la.zeros([2, 3, 4], { dtype: "f32" });
    expect(a).toMatchObject({
      shape: [2, 3, 4],
      strides: [12, 4, 1],
      offset: 0,
      dtype: "float32",
      size: 24,
      ndim: 3,
    });
    expect(la.zeros(5)).toMatchObject({ shape: [5], strides: [1], dtype: "float64" });
    expect(la.zeros([])).toMatchObject({ shape: [], strides: [], size: 1, ndim: 0 });
    expect(la.zeros([0, 3])).toMatchObject({ shape: [0, 3], size: 0 });
    expect(la.zeros([2, 0, 3]).toArray()).toEqual([[], []]);
    expect(la.zeros([2], { dtype: "f64" }).data).toBeInstanceOf(Float64Array);
    expect(la.zeros([2], { dtype: "float32" }).data).toBeInstanceOf(Float32Array);
  });

  test("the shape given is not held on to", () => {
    const shape = [2, 3];
    const a = la.zeros(shape);
    shape[0] = 99;
    expect(a.shape).toEqual([2, 3]);
  });
});

describe("eye", () => {
  // np.eye(rows, columns, k=k)
  const reference = (rows: number, columns: number, k: number): number[][] =>
    Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => (j - i === k ? 1 : 0)));

  for (const [rows, columns] of [
    [3, 3],
    [2, 4],
    [4, 2],
    [1, 1],
    [0, 3],
    [3, 0],
  ] as const) {
    test(`${rows} × ${columns}, every diagonal and those beyond`, () => {
      la.full([40], Number.NaN).release();
      for (let k = -6; k <= 6; ++k) {
        const array = la.eye(rows, columns, { k });
        expect(array.shape).toEqual([rows, columns]);
        expect(array.toArray()).toEqual(reference(rows, columns, k));
        array.release();
      }
    });
  }

  test("square by itself; dtype", () => {
    expect(la.eye(3).toArray()).toEqual(reference(3, 3, 0));
    expect(la.eye(2, 2, { dtype: "f32" }).dtype).toBe("float32");
    expect(la.eye(2, undefined, { k: 1 }).toArray()).toEqual(reference(2, 2, 1));
  });
});

describe("arange", () => {
  // Bits from NumPy 2.4: np.arange(…).tolist().
  test.each<[number[], number[]]>([
    [[5], [0, 1, 2, 3, 4]],
    [
      [2, 7],
      [2, 3, 4, 5, 6],
    ],
    [
      [5, 0, -2],
      [5, 3, 1],
    ],
    [[0, 5, -1], []],
    [[5, 0], []],
    [[0], []],
    [[-3], []],
    [
      [0, 1, 0.1],
      [0, 0.1, 0.2, 0.30000000000000004, 0.4, 0.5, 0.6000000000000001, 0.7000000000000001, 0.8, 0.9],
    ],
    [
      [1, 1.3, 0.1],
      [1, 1.1, 1.2000000000000002, 1.3000000000000003],
    ],
    [
      [0.5, -0.5, -0.3],
      [0.5, 0.2, -0.09999999999999998, -0.3999999999999999],
    ],
    [
      [1e16, 10000000000000010, 3],
      [1e16, 10000000000000004, 10000000000000008, 10000000000000012],
    ],
    [[2.5], [0, 1, 2]],
  ])("arange(%j)", (given, elements) => {
    expect(la.arange(...(given as [number])).toArray()).toEqual(elements);
  });

  test("float32 rounds the product and the sum, as NumPy does", () => {
    // np.arange(0.1, 100, 0.7, dtype=np.float32)[[1, 2, 3, 17, 99, 142]]
    const a = la.arange(0.1, 100, 0.7, { dtype: "float32" });
    expect(a.shape).toEqual([143]);
    const [start, delta] = [Math.fround(0.1), Math.fround(Math.fround(0.1 + 0.7) - Math.fround(0.1))];
    const expected = Array.from({ length: 143 }, (_, i) =>
      i === 1 ? Math.fround(0.1 + 0.7) : Math.fround(start + Math.fround(i * delta)),
    );
    expect(a.toArray()).toEqual(expected);
    expect([2, 3, 17, 99, 142].map((i) => a.at(i))).toEqual(NUMPY_FLOAT32);
  });

  test.each([
    [0, 1, 0],
    [5, 0, 0],
    [0, 0, 0],
    [0, Number.POSITIVE_INFINITY, 1],
    [0, Number.NEGATIVE_INFINITY, 1],
    [Number.NaN, 1, 1],
    [0, Number.NaN, 1],
    [0, 1, Number.NaN],
    [0, 1e300, 1],
  ])("arange(%d, %d, %d) is endless, or no range", (start, stop, step) => {
    refuses(la, () => la.arange(start, stop, step), [
      "ShapeError",
      "SHAPE",
      `arange(${start}, ${stop}, ${step})`,
    ]);
  });

  test("a range larger than the memory", () => {
    refuses(la, () => la.arange(2 ** 31), ["ShapeError", "SHAPE", `${2 ** 34}`]);
    refuses(la, () => la.arange(2 ** 27), ["ArenaFullError", "ARENA_FULL", `${2 ** 30}`]);
  });
});

// np.arange(0.1, 100, 0.7, dtype=np.float32)[[2, 3, 17, 99, 142]] under NumPy 2.4.6.
const NUMPY_FLOAT32: readonly number[] = [1.5, 2.1999998092651367, 12.0, 69.39999389648438, 99.5];

describe("array", () => {
  test("nested arrays of any depth, and a number", () => {
    expect(la.array(3.5)).toMatchObject({ shape: [], ndim: 0 });
    expect(la.array(3.5).at()).toBe(3.5);
    expect(la.array([1, 2, 3])).toMatchObject({ shape: [3], dtype: "float64" });
    const nested = [
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      [
        [7, 8],
        [9, 10],
        [11, Number.NaN],
      ],
    ];
    const a = la.array(nested);
    expect(a.shape).toEqual([2, 3, 2]);
    expect(a.toArray()).toEqual(nested);
    expect(la.array([[], []])).toMatchObject({ shape: [2, 0] });
    expect(la.array([])).toMatchObject({ shape: [0] });
    expect(la.array([0.1], { dtype: "f32" }).toArray()).toEqual([Math.fround(0.1)]);
  });

  test("rows of typed arrays", () => {
    const a = la.array([new Float32Array([1, 2]), new Float32Array([3, 4])]);
    expect(a.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(a.dtype).toBe("float64");
  });

  test("another array: a copy, also to another dtype and from another context", () => {
    const a = la.array([
      [1, 0.1],
      [3, 4],
    ]);
    const same = la.array(a.T);
    expect(same.toArray()).toEqual([
      [1, 3],
      [0.1, 4],
    ]);
    expect(same.refs).toBe(1);
    expect(la.array(a, { dtype: "float32" }).at(0, 1)).toBe(Math.fround(0.1));
    expect(la.array(a, { dtype: "f64" }).dtype).toBe("float64");
    const over = foreign.array(a.T);
    expect(over.toArray()).toEqual(same.toArray());
    expect(foreign.matmul(over, over).shape).toEqual([2, 2]);
    expect(foreign.array(la.zeros([0, 4])).shape).toEqual([0, 4]);
  });

  test.each<[string, unknown, Refusal]>([
    ["a short row", [[1, 2], [3]], ["ShapeError", "SHAPE", "ragged", "[1]", "(1,)", "(2,)"]],
    ["a long row", [[1], [2, 3]], ["ShapeError", "SHAPE", "ragged", "(2,)"]],
    ["a number among rows", [[1], 2], ["ShapeError", "SHAPE", "ragged", "()"]],
    ["a row among numbers", [1, [2]], ["ShapeError", "SHAPE", "ragged", "[1]"]],
    ["deep inside", [[[1, 2]], [[3]]], ["ShapeError", "SHAPE", "ragged"]],
    [
      "deeper than its neighbour",
      [
        [1, 2],
        [[1], [2]],
      ],
      ["ShapeError", "SHAPE", "ragged"],
    ],
    ["an empty row among full ones", [[], [1]], ["ShapeError", "SHAPE", "ragged"]],
    [
      "typed rows of two lengths",
      [new Float64Array(2), new Float64Array(3)],
      ["ShapeError", "SHAPE", "ragged"],
    ],
    ["a hole", Object.assign(Array<number>(3), { 0: 1, 2: 3 }), ["DTypeError", "DTYPE", "undefined", "[1]"]],
    ["a string", [1, "2"], ["DTypeError", "DTYPE", "string", "[1]"]],
    ["null", null, ["DTypeError", "DTYPE"]],
    ["nothing", undefined, ["DTypeError", "DTYPE", "undefined"]],
    ["a bigint", [[1n]], ["DTypeError", "DTYPE", "bigint", "[0, 0]"]],
    ["a boolean", [true], ["DTypeError", "DTYPE", "boolean"]],
    ["an object", { length: 2 }, ["DTypeError", "DTYPE", "object"]],
    ["a DataView", new DataView(new ArrayBuffer(8)), ["DTypeError", "DTYPE"]],
    ["big integers", new BigInt64Array(2), ["DTypeError", "DTYPE"]],
    ["no big integers", new BigUint64Array(0), ["DTypeError", "DTYPE"]],
  ])("refused: %s", (_, value, refusal) => {
    refuses(la, () => la.array(value as number[]), refusal);
  });

  test("refused: released arrays", () => {
    const a = la.zeros(3);
    a.release();
    refuses(la, () => la.array(a), ["ReleasedError", "RELEASED", "(3,)"]);
  });
});

describe("fromTyped", () => {
  const kinds: [string, NumberArray, number[]][] = [
    ["Float64Array", new Float64Array([0.1, -2]), [0.1, -2]],
    ["Float32Array", new Float32Array([0.1, -2]), [Math.fround(0.1), -2]],
    ["Int8Array", new Int8Array([-128, 127]), [-128, 127]],
    ["Uint8Array", new Uint8Array([0, 255]), [0, 255]],
    ["Uint8ClampedArray", new Uint8ClampedArray([0, 300]), [0, 255]],
    ["Int16Array", new Int16Array([-32768, 32767]), [-32768, 32767]],
    ["Uint16Array", new Uint16Array([0, 65535]), [0, 65535]],
    ["Int32Array", new Int32Array([-(2 ** 31), 2 ** 31 - 1]), [-(2 ** 31), 2 ** 31 - 1]],
    ["Uint32Array", new Uint32Array([0, 2 ** 32 - 1]), [0, 2 ** 32 - 1]],
  ];

  test.each(kinds)("%s", (name, typed, elements) => {
    for (const array of [la.fromTyped(typed), la.array(typed)]) {
      expect(array.toArray()).toEqual(elements);
      expect(array.dtype).toBe(name === "Float32Array" ? "float32" : "float64");
    }
    expect(la.fromTyped(typed, [2, 1]).shape).toEqual([2, 1]);
    const single = la.fromTyped(typed, 2, { dtype: "f32" });
    expect(single.toArray()).toEqual(elements.map(Math.fround));
  });

  test("a part of a larger buffer, or of shared memory; never held on to", () => {
    const buffer = new SharedArrayBuffer(80);
    new Float64Array(buffer).fill(3);
    const typed = new Float64Array(buffer, 16, 4);
    const a = la.fromTyped(typed, [2, 2]);
    typed.fill(9);
    expect(a.toArray()).toEqual([
      [3, 3],
      [3, 3],
    ]);
    expect(la.fromTyped(new Float64Array(0), [3, 0]).shape).toEqual([3, 0]);
  });

  test("refused", () => {
    const six = new Float64Array(6);
    refuses(la, () => la.fromTyped(six, [2, 2]), ["ShapeError", "SHAPE", "6 elements", "(2, 2)", "(4)"]);
    refuses(la, () => la.fromTyped(six, 7), ["ShapeError", "SHAPE", "(7,)"]);
    refuses(la, () => la.fromTyped(six, [-2, -3]), ["ShapeError", "SHAPE", "-2 (axis 0)"]);
    for (const value of [
      new BigInt64Array(0),
      new BigInt64Array(2),
      new DataView(new ArrayBuffer(8)),
      [1, 2],
      5,
    ]) {
      refuses(la, () => la.fromTyped(value as never), ["DTypeError", "DTYPE", "typed array"]);
    }
  });
});

describe("bad shapes, dtypes and options, of every creation function", () => {
  type Shaped = (shape: never, options?: never) => unknown;
  const shaped: [string, Shaped][] = [
    ["zeros", (shape, options) => la.zeros(shape, options)],
    ["ones", (shape, options) => la.ones(shape, options)],
    ["full", (shape, options) => la.full(shape, 1, options)],
    ["random", (shape, options) => la.random(shape, options)],
    ["standardNormal", (shape, options) => la.standardNormal(shape, options)],
    ["fromTyped", (shape, options) => la.fromTyped(new Float64Array(6), shape, options)],
  ];
  const shapes: [unknown, string][] = [
    [-1, "-1 (axis 0)"],
    [2.5, "2.5 (axis 0)"],
    [Number.NaN, "NaN (axis 0)"],
    [Number.POSITIVE_INFINITY, "Infinity (axis 0)"],
    [[2, -3], "-3 (axis 1)"],
    [[2, 3, 1.5], "1.5 (axis 2)"],
    [[2, Number.NaN], "NaN (axis 1)"],
    [[Number.NEGATIVE_INFINITY], "-Infinity (axis 0)"],
    [[2 ** 53, 1], "9007199254740992 (axis 0)"],
    [["2"], "2 (axis 0)"],
    [[null], "null (axis 0)"],
    [[[2]], "(axis 0)"],
    ["23", "23"],
    [null, "null"],
    [{ 0: 2 }, "none"],
    [3n, "3"],
  ];
  for (const [name, make] of shaped) {
    test.each(shapes)(`${name}(%s)`, (shape, mentioned) => {
      refuses(la, () => make(shape as never), ["ShapeError", "SHAPE", mentioned]);
    });

    test(`${name}: dtypes and options that are not there`, () => {
      for (const dtype of ["float16", "int32", "", "toString", "__proto__", 5, null]) {
        refuses(la, () => make(6 as never, { dtype } as never), [
          "DTypeError",
          "DTYPE",
          `${JSON.stringify(dtype)}`,
          "float32",
        ]);
      }
      refuses(la, () => make(6 as never, { dtpye: "f32" } as never), [
        "UnsupportedError",
        "OPTION",
        '"dtpye"',
        "dtype",
      ]);
    });
  }

  test("sizes beyond the memory, and beyond wasm32", () => {
    refuses(la, () => la.zeros([2 ** 15, 2 ** 14]), [
      "ArenaFullError",
      "ARENA_FULL",
      `${2 ** 32}`,
      `${2 ** 28}`,
    ]);
    refuses(la, () => la.zeros([300 * 2 ** 17]), [
      "ArenaFullError",
      "ARENA_FULL",
      `${300 * 2 ** 20}`,
      "memory.maximum",
    ]);
    for (const make of [la.zeros, la.ones, la.random, la.standardNormal] as const) {
      refuses(la, () => make.call(la, [2 ** 20, 2 ** 20]), [
        "ShapeError",
        "SHAPE",
        "(1048576, 1048576)",
        `${2 ** 43}`,
      ]);
      refuses(la, () => make.call(la, [2 ** 52, 2 ** 52]), ["ShapeError", "SHAPE"]);
    }
    refuses(la, () => la.full([2 ** 40], 1, { dtype: "f32" }), ["ShapeError", "SHAPE", "4294967296"]);
    refuses(la, () => la.eye(2 ** 17), ["ShapeError", "SHAPE"]);
    refuses(la, () => la.eye(2 ** 13), ["ArenaFullError", "ARENA_FULL"]);
    expect(la.zeros([2 ** 30, 0]).size).toBe(0);
  });

  test("eye and arange", () => {
    for (const size of [-1, 2.5, Number.NaN, Number.POSITIVE_INFINITY, "3", undefined]) {
      refuses(la, () => la.eye(size as number), ["ShapeError", "SHAPE", String(size)]);
      if (size !== undefined)
        refuses(la, () => la.eye(2, size as number), ["ShapeError", "SHAPE", String(size)]);
    }
    for (const k of [0.5, Number.NaN, Number.POSITIVE_INFINITY, "1"]) {
      refuses(la, () => la.eye(3, 3, { k: k as number }), ["ShapeError", "SHAPE", String(k)]);
    }
    refuses(la, () => la.eye(3, 3, { l: 1 } as object), ["UnsupportedError", "OPTION", '"l"', "dtype, k"]);
    refuses(la, () => la.arange(0, 5, 1, { seed: 1 } as object), ["UnsupportedError", "OPTION", '"seed"']);
    refuses(la, () => la.arange(0, 5, 1, { dtype: "i4" } as never), ["DTypeError", "DTYPE", '"i4"']);
    refuses(la, () => la.array([1], { copy: true } as object), ["UnsupportedError", "OPTION", '"copy"']);
    refuses(la, () => la.array([1], { dtype: "complex" } as never), ["DTypeError", "DTYPE", '"complex"']);
    const one = la.ones(1);
    refuses(la, () => la.array(one, { dtype: "complex" } as never), ["DTypeError", "DTYPE", '"complex"']);
  });

  test("seeds", () => {
    for (const seed of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "1", null, -1n, {}]) {
      for (const make of [la.random, la.standardNormal] as const) {
        refuses(la, () => make.call(la, 3, { seed: seed as number }), ["UnsupportedError", "OPTION", "seed"]);
      }
    }
  });
});

test("what a refused or released creation leaves is an empty arena", async () => {
  const fresh = await context();
  const made = [fresh.zeros([2, 2]), fresh.eye(3), fresh.arange(9), fresh.array([[1]]), fresh.random(5)];
  made.push(fresh.array(made[0]!), fresh.standardNormal(4), fresh.fromTyped(new Int8Array(3)));
  for (const array of made) expect(array.refs).toBe(1);
  expect(fresh.arena.stats().blocks).toBe(made.length);
  for (const array of made) array.release();
  expect(fresh.arena.stats()).toMatchObject(NOTHING);
});

test("full of what is no number is refused before anything is made", () => {
  refuses(la, () => la.full([2, 2], 1n as unknown as number), ["DTypeError", "DTYPE", "bigint"]);
  refuses(la, () => la.zeros([2], { fill: 1 } as object), ["UnsupportedError", "OPTION", "zeros"]);
});

test("a view without elements, beginning beyond the memory, is copied as nothing", () => {
  const far = la.zeros([2 ** 27, 0]).row(2 ** 27 - 1);
  expect(far.copy().shape).toEqual([0]);
});

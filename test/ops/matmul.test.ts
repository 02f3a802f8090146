import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { Context, NDArray } from "../../src/index.ts";
import { MICRO_KERNELS } from "../../src/kernels/exports.ts";
import { context, type Refusal, refuses } from "../helpers/context.ts";
import {
  checkBits,
  checkBound,
  DTYPES,
  type DType,
  LAYOUTS,
  layOut,
  numbers,
  randomArray,
  strictBits,
} from "../helpers/product.ts";

/** The same operations in every build this engine has; "strict" is checked to the bit, the others by the bound. */
const contexts: [string, Context][] = [];
let strict: Context;

beforeAll(async () => {
  strict = await context({ build: "strict" });
  contexts.push(["strict", strict]);
  const best = await context({ build: "tuned" });
  if (best.config().build.chosen !== "strict") contexts.push([best.config().build.chosen, best]);
});

/** a · b for matrices, checked. Returns the result's elements. */
function checkMatrices(la: Context, build: string, a: NDArray, b: NDArray, c: NDArray, what: string): void {
  const [m, k] = a.shape as [number, number];
  const n = b.shape[1]!;
  const product = { m, n, k, a: a.toTyped(), b: b.toTyped() };
  const got = c.toTyped();
  if (build === "strict") checkBits(got, strictBits(a.dtype, product), what);
  else checkBound(a.dtype, got, product, what);
  expect(la.arena.stats().blocks).toBeGreaterThan(0);
}

/** NumPy's matmul on nested positions: shapes, and for each element of the result its row and column. */
interface Plan {
  readonly shape: number[];
  /** Positions (in elements, C order) of the matrices of each operand, one pair a product. */
  readonly pairs: readonly (readonly [number, number])[];
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** The rules of np.matmul from its documentation. */
function numpyMatmul(one: readonly number[], other: readonly number[]): Plan {
  const a = one.length === 1 ? [1, ...one] : [...one];
  const b = other.length === 1 ? [...other, 1] : [...other];
  const [m, k, n] = [a.at(-2)!, a.at(-1)!, b.at(-1)!];
  const [stackA, stackB] = [a.slice(0, -2), b.slice(0, -2)];
  const axes = Math.max(stackA.length, stackB.length);
  const padded = (stack: number[]): number[] => [...Array<number>(axes - stack.length).fill(1), ...stack];
  const [fullA, fullB] = [padded(stackA), padded(stackB)];
  const stack = fullA.map((extent, axis) => (extent === 1 ? fullB[axis]! : extent));
  let indices: number[][] = [[]];
  for (const extent of stack) {
    indices = indices.flatMap((index) => Array.from({ length: extent }, (_, i) => [...index, i]));
  }
  const matrixAt = (full: number[], index: number[]): number =>
    index.reduce((at, i, axis) => at * full[axis]! + (full[axis] === 1 ? 0 : i), 0);
  const pairs = indices.map(
    (index) => [matrixAt(fullA, index) * m * k, matrixAt(fullB, index) * k * n] as const,
  );
  const shape = [...stack, ...(one.length === 1 ? [] : [m]), ...(other.length === 1 ? [] : [n])];
  return { shape, pairs, m, n, k };
}

/** Any two arrays that np.matmul takes, against it. */
function checkAny(build: string, la: Context, a: NDArray, b: NDArray, out?: NDArray): void {
  const { shape, pairs, m, n, k } = numpyMatmul(a.shape, b.shape);
  const [x, y] = [a.toTyped(), b.toTyped()];
  const c = la.matmul(a, b, out && { out });
  if (out) expect(c).toBe(out);
  expect(c.shape).toEqual(shape);
  expect(c.dtype).toBe(a.dtype);
  const got = c.toTyped();
  expect(got).toHaveLength(pairs.length * m * n);
  pairs.forEach(([atA, atB], i) => {
    const product = { m, n, k, a: x.subarray(atA, atA + m * k), b: y.subarray(atB, atB + k * n) };
    const part = got.subarray(i * m * n, (i + 1) * m * n);
    const what = `${build} ${a.dtype} (${a.shape}) · (${b.shape}), product ${i}`;
    if (build === "strict") checkBits(part, strictBits(a.dtype, product), what);
    else checkBound(a.dtype, part, product, what);
  });
  expect([a.toTyped(), b.toTyped()], "operands are left alone").toEqual([x, y]);
  if (!out) c.release();
}

const SHAPES: [number[], number[]][] = [
  [[3], [3]],
  [[1], [1]],
  [[0], [0]],
  [[100], [100]],
  [[3], [3, 4]],
  [[4, 3], [3]],
  [[0], [0, 4]],
  [[4, 0], [0]],
  [
    [2, 3],
    [3, 4],
  ],
  [
    [1, 1],
    [1, 1],
  ],
  [
    [0, 3],
    [3, 4],
  ],
  [
    [2, 0],
    [0, 4],
  ],
  [
    [2, 3],
    [3, 0],
  ],
  [
    [1, 7],
    [7, 9],
  ],
  [
    [9, 7],
    [7, 1],
  ],
  [
    [5, 1],
    [1, 6],
  ],
  [
    [7, 2, 3],
    [7, 3, 4],
  ],
  [
    [7, 2, 3],
    [3, 4],
  ],
  [
    [2, 3],
    [7, 3, 4],
  ],
  [
    [7, 1, 2, 3],
    [5, 3, 4],
  ],
  [
    [1, 5, 2, 3],
    [7, 1, 3, 4],
  ],
  [
    [2, 3, 4, 5, 6],
    [2, 1, 4, 6, 3],
  ],
  [[7, 2, 3], [3]],
  [[3], [7, 3, 4]],
  [[2, 7, 1, 3], [3]],
  [[3], [2, 7, 3, 1]],
  [
    [0, 2, 3],
    [3, 4],
  ],
  [
    [1, 2, 3],
    [0, 3, 4],
  ],
  [
    [3, 0, 2, 2],
    [1, 2, 2],
  ],
  [
    [3, 2, 0],
    [3, 0, 2],
  ],
  [
    [1000, 4, 4],
    [1000, 4, 4],
  ],
  [
    [2, 130, 300],
    [2, 300, 140],
  ],
];

describe("np.matmul's rules", () => {
  for (const dtype of DTYPES) {
    test.each(SHAPES)(`${dtype}: (%j) · (%j)`, (one, other) => {
      for (const [build, la] of contexts) {
        la.scope(() => {
          checkAny(build, la, randomArray(la, one, 1, dtype), randomArray(la, other, 2, dtype));
        });
      }
    });
  }

  test("any stacks that broadcast, as views of any strides", () => {
    const extent = fc.nat(5);
    const axes = fc.array(fc.nat(3), { maxLength: 3 });
    const cases = fc.record({
      dtype: fc.constantFrom(...DTYPES),
      m: extent,
      n: extent,
      k: extent,
      stack: axes,
      // Which axes of each operand are stretched, and how many it lacks.
      oneA: fc.nat(7),
      oneB: fc.nat(7),
      lackA: fc.nat(3),
      lackB: fc.nat(3),
      vectorA: fc.boolean(),
      vectorB: fc.boolean(),
      viewA: fc.nat(3),
      viewB: fc.nat(3),
    });
    fc.assert(
      fc.property(cases, (given) => {
        const { dtype, m, n, k, stack } = given;
        const stretched = (bits: number, lack: number): number[] =>
          stack.map((size, axis) => ((bits >> axis) & 1 ? 1 : size)).slice(Math.min(lack, stack.length));
        const shapeA = given.vectorA ? [k] : [...stretched(given.oneA, given.lackA), m, k];
        const shapeB = given.vectorB ? [k] : [...stretched(given.oneB, given.lackB), k, n];
        for (const [build, la] of contexts) {
          la.scope(() => {
            const [a, b] = [
              viewOf(la, shapeA, given.viewA, 1, dtype),
              viewOf(la, shapeB, given.viewB, 2, dtype),
            ];
            checkAny(build, la, a, b);
          });
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** A view of a shape: 0 contiguous, 1 reversed along every axis, 2 transposed, 3 with steps. */
function viewOf(la: Context, shape: readonly number[], kind: number, seed: number, dtype: DType): NDArray {
  if (kind === 2) return randomArray(la, [...shape].reverse(), seed, dtype).T;
  if (kind === 3) {
    const large = randomArray(
      la,
      shape.map((extent) => 2 * extent + 1),
      seed,
      dtype,
    );
    return large.slice(...shape.map((extent) => [1, 1 + 2 * extent, 2] as const));
  }
  const array = randomArray(la, shape, seed, dtype);
  return kind === 1 ? array.slice(...shape.map(() => [null, null, -1] as const)) : array;
}

describe("matrices of every layout", () => {
  for (const dtype of DTYPES) {
    for (const [m, n, k] of [
      [5, 7, 9],
      [13, 33, 40],
      [30, 1, 50],
      [1, 30, 50],
      [66, 70, 258],
    ] as const) {
      test(`${dtype}, ${m} × ${n} × ${k}: all pairs of layouts give the same bits`, () => {
        for (const [build, la] of contexts) {
          la.scope(() => {
            const [a, b] = [randomArray(la, [m, k], 3, dtype), randomArray(la, [k, n], 4, dtype)];
            const first = la.matmul(a, b);
            checkMatrices(la, build, a, b, first, `${build} ${dtype}`);
            const bits = first.toTyped();
            for (const one of LAYOUTS) {
              for (const other of LAYOUTS) {
                la.scope(() => {
                  const c = la.matmul(layOut(la, a, one).view, layOut(la, b, other).view);
                  checkBits(c.toTyped(), bits, `${build} ${dtype} ${one} × ${other}`);
                });
              }
            }
          });
        }
      });
    }
  }
});

describe("out", () => {
  for (const dtype of DTYPES) {
    test(`${dtype}: any strides; nothing but its elements is written; NaN in it is not read`, () => {
      const [m, n, k] = [11, 18, 20];
      for (const [build, la] of contexts) {
        const [a, b] = [randomArray(la, [m, k], 5, dtype), randomArray(la, [k, n], 6, dtype)];
        const bits = la.matmul(a, b).toTyped();
        for (const layout of LAYOUTS) {
          const { view, owner } = layOut(la, la.full([m, n], 0.5, { dtype }), layout);
          const unread = (): number => Array.from(owner.toTyped()).filter(Number.isNaN).length;
          const before = unread();
          for (let i = 0; i < m; ++i) for (let j = 0; j < n; ++j) view.set(Number.NaN, i, j);
          expect(la.matmul(a, b, { out: view })).toBe(view);
          checkBits(view.toTyped(), bits, `${build} ${layout}`);
          // Where the view has no element, the owner is as it was: NaN.
          expect(unread()).toBe(before);
        }
      }
    });

    test(`${dtype}: a stack of matrices that lie by columns`, () => {
      const [count, m, n, k] = [7, 5, 6, 4];
      for (const [build, la] of contexts) {
        for (const [stackA, stackB] of [
          [[count], [count]],
          [[count], []],
          [[], [count]],
          [[count], [1]],
        ] as const) {
          la.scope(() => {
            const [a, b] = [
              randomArray(la, [...stackA, m, k], 7, dtype),
              randomArray(la, [...stackB, k, n], 8, dtype),
            ];
            const out = la.full([n, count * m], Number.NaN, { dtype }).T.reshape([count, m, n]);
            expect(out).toMatchObject({ refs: 3, strides: [m, 1, count * m] });
            checkAny(build, la, a, b, out);
          });
        }
      }
    });

    test(`${dtype}: stacks and vectors`, () => {
      for (const [build, la] of contexts) {
        for (const [one, other] of SHAPES) {
          const { shape } = numpyMatmul(one, other);
          la.scope(() => {
            const [a, b] = [randomArray(la, one, 7, dtype), randomArray(la, other, 8, dtype)];
            checkAny(build, la, a, b, la.full(shape, Number.NaN, { dtype }));
            const transposed = la.full([...shape].reverse(), Number.NaN, { dtype }).T;
            checkAny(build, la, a, b, transposed);
          });
        }
      }
    });
  }
});

test("results of a batch are the results one by one, to the bit", () => {
  for (const [, la] of contexts) {
    for (const dtype of DTYPES) {
      la.scope(() => {
        const [a, b] = [randomArray(la, [3, 20, 9, 13], 1, dtype), randomArray(la, [20, 13, 10], 2, dtype)];
        const all = la.matmul(a, b);
        for (let i = 0; i < 3; ++i) {
          for (let j = 0; j < 20; ++j) {
            const matrix = (x: NDArray, ...at: number[]): NDArray =>
              x.slice(...at.map((p) => [p, p + 1] as const)).reshape(x.shape.slice(-2));
            const one = la.matmul(matrix(a, i, j), matrix(b, j));
            checkBits(matrix(all, i, j).toTyped(), one.toTyped(), `${i}, ${j}`);
          }
        }
      });
    }
  }
});

test("inputs may overlap", () => {
  for (const [build, la] of contexts) {
    la.scope(() => {
      const a = randomArray(la, [40, 40], 9, "float64");
      checkAny(build, la, a, a);
      checkAny(build, la, a, a.T);
      checkAny(build, la, a.slice([0, 30]), a.slice([], [5, 35]));
      checkAny(build, la, a.row(3), a);
      checkAny(build, la, a.row(3), a.col(3));
    });
  }
});

describe("large enough for every path", () => {
  test.each<[number, number, number, DType]>([
    [300, 2100, 520, "float32"],
    [200, 1100, 520, "float64"],
    [2, 2, 3000, "float64"],
    [25, 600, 600, "float64"],
    [600, 25, 600, "float32"],
    [500, 3, 700, "float32"],
  ])(
    "%d × %d × %d %s: several blocks in every direction, against float64, and strict to the bit",
    (m, n, k, dtype) => {
      for (const [build, la] of contexts) {
        la.scope(() => {
          const [a, b] = [numbers(m * k, 11, dtype), numbers(k * n, 12, dtype)];
          const c = la.matmul(la.fromTyped(a, [m, k], { dtype }), la.fromTyped(b, [k, n], { dtype }));
          const got = c.toTyped();
          // Every row is compared, in 40 columns: all of it would take seconds.
          const picked = Array.from({ length: Math.min(n, 40) }, (_, i) =>
            Math.floor((i * n) / Math.min(n, 40)),
          );
          if (!picked.includes(n - 1)) picked.push(n - 1);
          const some = (x: ArrayLike<number>, rows: number): Float64Array =>
            Float64Array.from({ length: rows * picked.length }, (_, at) => {
              const [row, column] = [Math.floor(at / picked.length), picked[at % picked.length]!];
              return x[row * n + column]!;
            });
          const product = { m, n: picked.length, k, a, b: some(b, k) };
          if (build === "strict") checkBits(some(got, m), strictBits(dtype, product), `${m} × ${n} × ${k}`);
          else checkBound(dtype, some(got, m), product, `${build} ${m} × ${n} × ${k}`);
        });
      }
    },
  );
});

describe("bits depend on nothing but the build", () => {
  test("every micro-kernel, in every build", async () => {
    for (const [build] of contexts) {
      for (const dtype of DTYPES) {
        let bits: (Float32Array | Float64Array)[] | undefined;
        for (const name of MICRO_KERNELS) {
          const la = await context({ build: build as "strict", microKernel: { [dtype]: name } });
          expect(la.config().microKernels[dtype].chosen).toBe(name);
          const results = la.scope(() =>
            [
              [3, 5, 7],
              [40, 70, 50],
              [131, 97, 515],
              [70, 300, 300],
            ].map(([m, n, k]) => {
              const [a, b] = [randomArray(la, [m!, k!], 21, dtype), randomArray(la, [n!, k!], 22, dtype)];
              return la.matmul(a, b.T).toTyped();
            }),
          );
          bits ??= results;
          results.forEach((result, i) => {
            checkBits(result, bits![i]!, `${build} ${dtype} ${name}, product ${i}`);
          });
        }
      }
    }
  }, 60_000);

  test("a part of a large product (five loops) is the product of the parts (no packing)", () => {
    for (const [build, la] of contexts) {
      for (const dtype of DTYPES) {
        la.scope(() => {
          const [m, n, k] = [200, 310, 256];
          const [a, b] = [randomArray(la, [m, k], 31, dtype), randomArray(la, [k, n], 32, dtype)];
          const whole = la.matmul(a, b);
          for (const [i, j] of [
            [0, 0],
            [97, 130],
            [190, 300],
          ] as const) {
            const part = la.matmul(a.slice([i, i + 9]), b.slice([], [j, j + 9]));
            checkBits(whole.slice([i, i + 9], [j, j + 9]).toTyped(), part.toTyped(), `${build} ${dtype}`);
          }
        });
      }
    }
  });

  test("the engine's refinement between products does not change them", () => {
    for (const [, la] of contexts) {
      la.scope(() => {
        const a = randomArray(la, [100, 100], 41, "float64");
        const first = la.matmul(a, a).toTyped();
        for (let i = 0; i < 30; ++i) la.scope(() => checkBits(la.matmul(a, a).toTyped(), first, `call ${i}`));
      });
    }
  });
});

describe("NaN and infinities", () => {
  test("go where they belong, and nowhere else", () => {
    for (const [, la] of contexts) {
      for (const dtype of DTYPES) {
        for (const [m, n, k] of [
          [7, 9, 11],
          [80, 90, 300],
          [1, 20, 30],
          [20, 1, 30],
        ] as const) {
          for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
            la.scope(() => {
              const a = la.ones([m, k], { dtype });
              const b = la.ones([k, n], { dtype });
              const [i, p, j] = [m - 1, Math.floor(k / 2), n - 1];
              a.set(bad, i, p);
              const got = la.matmul(a, b).toTyped();
              expect(got.every((x, at) => Object.is(x, Math.floor(at / n) === i ? bad : k))).toBe(true);
              a.set(1, i, p);
              b.set(-bad, p, j);
              const other = la.matmul(a, b).toTyped();
              expect(other.every((x, at) => Object.is(x, at % n === j ? -bad : k))).toBe(true);
            });
          }
        }
      }
    }
  });
});

describe("bad input", () => {
  const M = (shape: number[], dtype: DType = "float64"): NDArray => strict.zeros(shape, { dtype });

  test.each<[string, number[], number[], Refusal]>([
    ["inner sizes", [2, 3], [4, 5], ["ShapeError", "SHAPE", "(2, 3)", "(4, 5)", "3 ≠ 4"]],
    ["inner sizes of vectors", [3], [4], ["ShapeError", "SHAPE", "(3,)", "(4,)", "3 ≠ 4"]],
    ["matrix by vector", [2, 3], [2], ["ShapeError", "SHAPE", "3 ≠ 2"]],
    ["vector by matrix", [2], [3, 2], ["ShapeError", "SHAPE", "2 ≠ 3"]],
    ["inner sizes of stacks", [7, 2, 3], [7, 2, 3], ["ShapeError", "SHAPE", "(7, 2, 3)", "3 ≠ 2"]],
    ["stacks", [7, 2, 3], [6, 3, 2], ["ShapeError", "SHAPE", "(7,)", "(6,)", "7 and 6"]],
    ["deep stacks", [7, 5, 2, 3], [7, 4, 3, 2], ["ShapeError", "SHAPE", "5 and 4"]],
    ["empty against full stacks", [0, 2, 3], [2, 3, 2], ["ShapeError", "SHAPE", "0 and 2"]],
    ["0-d", [], [3], ["ShapeError", "SHAPE", "0-d", "()", "(3,)"]],
    ["by 0-d", [3, 3], [], ["ShapeError", "SHAPE", "0-d"]],
  ])("%s", (_, one, other, refusal) => {
    const [a, b] = [M(one), M(other)];
    refuses(strict, () => strict.matmul(a, b), refusal);
  });

  test("dtypes", () => {
    const [a, b, c] = [M([2, 2]), M([2, 2], "float32"), M([2, 2])];
    refuses(strict, () => strict.matmul(a, b), ["DTypeError", "DTYPE", "float64", "float32"]);
    refuses(strict, () => strict.matmul(b, a), ["DTypeError", "DTYPE", "float32", "float64"]);
    refuses(strict, () => strict.matmul(a, c, { out: b }), ["DTypeError", "DTYPE", "float64", "float32"]);
  });

  test("out", () => {
    const [a, b] = [M([2, 3]), M([3, 4])];
    const wrong: [unknown, Refusal][] = [
      [M([4, 2]), ["ShapeError", "SHAPE", "(4, 2)", "(2, 4)"]],
      [M([2, 4, 1]), ["ShapeError", "SHAPE", "(2, 4, 1)", "(2, 4)"]],
      [M([8]), ["ShapeError", "SHAPE", "(8,)"]],
      [new Float64Array(8), ["ShapeError", "SHAPE", "out"]],
      [null, ["ShapeError", "SHAPE"]],
      [5, ["ShapeError", "SHAPE", "number"]],
    ];
    for (const [out, refusal] of wrong) {
      const [name, code, ...mentioned] = refusal;
      const texts = mentioned.filter((text) => text !== "out");
      refuses(strict, () => strict.matmul(a, b, { out: out as NDArray }), [name, code, ...texts]);
    }
    refuses(strict, () => strict.matmul(a, b, { into: a } as object), [
      "UnsupportedError",
      "OPTION",
      '"into"',
      "out",
    ]);
  });

  test("an output that shares elements with an input", () => {
    const a = M([4, 4]);
    for (const out of [a, a.T, a.slice([null, null, -1]), a.slice(), a.reshape([4, 4])]) {
      refuses(strict, () => strict.matmul(a, a, { out }), ["ShapeError", "OVERLAP", "(4, 4)"]);
    }
    const b = M([4, 4]);
    refuses(strict, () => strict.matmul(b, a, { out: a }), ["ShapeError", "OVERLAP"]);
    refuses(strict, () => strict.matmul(a, b, { out: a }), ["ShapeError", "OVERLAP"]);
  });

  test("arrays of another context", () => {
    const [a, b, theirs] = [M([2, 2]), M([2, 2]), contextsOther.zeros([2, 2])];
    for (const run of [
      () => strict.matmul(a, theirs),
      () => strict.matmul(theirs, a),
      () => strict.matmul(a, b, { out: theirs }),
    ]) {
      refuses(strict, run, ["UnsupportedError", "FOREIGN", "another context", "(2, 2)", "la.array"]);
    }
  });

  test("what is no array", () => {
    const a = M([2, 2]);
    for (const value of ["x", null, undefined, {}, [["x"]], new BigInt64Array(2)]) {
      refuses(strict, () => strict.matmul(a, value as never), ["DTypeError", "DTYPE"]);
    }
    // A literal is copied in before the product is refused; the copy goes, so what is left is as before.
    const before = strict.arena.stats();
    expect(() => strict.matmul([[1, 2]], a.row(0).reshape([1, 2]))).toThrow(/2 ≠ 1/);
    expect(() => strict.matmul([[1, 2]], [[1], [2, 3]])).toThrow(/ragged/);
    expect(() => strict.matmul(2, [[1, 2]])).toThrow(/0-d/);
    const { blocks, holes } = strict.arena.stats();
    expect({ blocks: blocks - before.blocks, holes }).toEqual({ blocks: 0, holes: before.holes });
  });

  test("a result that does not fit", () => {
    const a = M([2 ** 14, 1]);
    const b = M([1, 2 ** 14]);
    refuses(strict, () => strict.matmul(a, b), ["ArenaFullError", "ARENA_FULL", `${2 ** 31}`]);
    const long = M([2 ** 20, 1]);
    refuses(strict, () => strict.matmul(long, long.T), ["ShapeError", "SHAPE", "(1048576, 1048576)"]);
  });

  let contextsOther: Context;
  beforeAll(async () => {
    contextsOther = await context();
  });
});

test("literals and typed arrays stand for arrays, and do not stay", () => {
  const before = strict.arena.stats().blocks;
  const c = strict.matmul(
    [
      [1, 2],
      [3, 4],
    ],
    new Float64Array([5, 6]),
  );
  expect(c.toArray()).toEqual([17, 39]);
  expect(strict.arena.stats().blocks).toBe(before + 1);
  expect(strict.matmul(new Float32Array([1, 2]), new Float32Array([3, 4])).toArray()).toBe(11);
  expect(strict.matmul([new Float64Array([1, 2])], [[1], [1]]).toArray()).toEqual([[3]]);
});

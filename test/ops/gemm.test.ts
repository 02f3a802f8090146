import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { Context, NDArray, Transpose } from "../../src/index.ts";
import { MICRO_KERNELS } from "../../src/kernels/exports.ts";
import { context, type Refusal, refuses } from "../helpers/context.ts";
import {
  checkBits,
  checkBound,
  DTYPES,
  type DType,
  LAYOUTS,
  type Layout,
  layOut,
  randomArray,
  strictBits,
} from "../helpers/product.ts";

const contexts: [string, Context][] = [];
let strict: Context;
let other: Context;

beforeAll(async () => {
  strict = await context({ build: "strict" });
  other = await context();
  contexts.push(["strict", strict]);
  const best = await context({ build: "tuned" });
  if (best.config().build.chosen !== "strict") contexts.push([best.config().build.chosen, best]);
});

interface Case {
  readonly dtype: DType;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transA: Transpose;
  readonly transB: Transpose;
  readonly alpha: number;
  readonly beta: number;
  readonly layouts: readonly [Layout, Layout, Layout];
}

/** One gemm, checked: the elements of C, and that nothing beside them was written. */
function check(build: string, la: Context, given: Case): void {
  la.scope(() => {
    const { dtype, m, n, k, transA, transB, alpha, beta, layouts } = given;
    const [opA, opB] = [randomArray(la, [m, k], 1, dtype), randomArray(la, [k, n], 2, dtype)];
    const old = randomArray(la, [m, n], 3, dtype);
    const a = layOut(la, transA === "N" ? opA : opA.T, layouts[0]).view;
    const b = layOut(la, transB === "N" ? opB : opB.T, layouts[1]).view;
    const { view: c, owner } = layOut(la, old, layouts[2]);
    const before = owner.toTyped();
    expect(la.gemm({ transA, transB, alpha, a, b, beta, c })).toBe(c);
    const product = { m, n, k, a: opA.toTyped(), b: opB.toTyped(), alpha, beta, c: old.toTyped() };
    const what = `${build} ${JSON.stringify(given)}`;
    if (build === "strict") checkBits(c.toTyped(), strictBits(dtype, product), what);
    else checkBound(dtype, c.toTyped(), product, what);
    // With the old elements put back, the owner is what it was: C and only C was written.
    for (let i = 0; i < m; ++i) for (let j = 0; j < n; ++j) c.set(old.at(i, j), i, j);
    checkBits(owner.toTyped(), before, `${what}: beside C`);
  });
}

describe("C <- alpha op(A) op(B) + beta C", () => {
  const transposes: Transpose[] = ["N", "T"];
  for (const dtype of DTYPES) {
    for (const transA of transposes) {
      for (const transB of transposes) {
        test(`${dtype} ${transA}${transB}: every layout of C, alpha and beta of every kind`, () => {
          for (const [build, la] of contexts) {
            for (const c of LAYOUTS) {
              for (const [m, n, k] of [
                [5, 6, 7],
                [13, 34, 20],
                [1, 9, 30],
                [9, 1, 30],
              ] as const) {
                for (const alpha of [1, -1, 2.3]) {
                  for (const beta of [0, 1, -1, 2.3]) {
                    const layouts = ["rows", "rows", c] as const;
                    check(build, la, { dtype, m, n, k, transA, transB, alpha, beta, layouts });
                  }
                }
              }
            }
          }
        });
      }
    }

    test.each<[number, number, number]>([
      [70, 90, 300],
      [200, 30, 260],
      [26, 300, 270],
      [3, 400, 300],
    ])(`${dtype} %d × %d × %d: the five loops, C by columns and strided, beta of every kind`, (m, n, k) => {
      for (const [build, la] of contexts) {
        for (const c of ["rows", "columns", "stridedColumns", "reversed"] as const) {
          for (const [transA, transB, alpha, beta] of [
            ["N", "N", 1, 0],
            ["T", "N", -1, 1],
            ["N", "T", 2.3, -1],
            ["T", "T", 1, 2.3],
          ] as const) {
            check(build, la, {
              dtype,
              m,
              n,
              k,
              transA,
              transB,
              alpha,
              beta,
              layouts: ["columns", "reversed", c],
            });
          }
        }
      }
    });
  }

  test("anything", () => {
    const extent = fc.oneof(
      { weight: 4, arbitrary: fc.nat(20) },
      { weight: 1, arbitrary: fc.integer({ min: 20, max: 70 }) },
    );
    const layout = fc.constantFrom(...LAYOUTS);
    const trans = fc.constantFrom<Transpose>("N", "T");
    const factor = fc.constantFrom(0, 1, -1, 2.3, -0.7);
    const cases: fc.Arbitrary<Case> = fc.record({
      dtype: fc.constantFrom(...DTYPES),
      m: extent,
      n: extent,
      k: fc.oneof(extent, fc.constantFrom(255, 256, 257, 300)),
      transA: trans,
      transB: trans,
      alpha: factor,
      beta: factor,
      layouts: fc.tuple(layout, layout, layout),
    });
    fc.assert(
      fc.property(cases, (given) => {
        for (const [build, la] of contexts) check(build, la, given);
      }),
      { numRuns: 250 },
    );
  });
});

describe("BLAS's edges", () => {
  for (const dtype of DTYPES) {
    const sizes: [number, number, number][] = [
      [6, 7, 8],
      [80, 90, 300],
      [1, 40, 20],
      [40, 1, 20],
    ];

    test.each(sizes)(`${dtype} %d × %d × %d: beta = 0 does not read C`, (m, n, k) => {
      for (const [, la] of contexts) {
        la.scope(() => {
          const [a, b] = [randomArray(la, [m, k], 1, dtype), randomArray(la, [k, n], 2, dtype)];
          const clean = la.gemm({ a, b, c: la.zeros([m, n], { dtype }) }).toTyped();
          for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
            for (const c of [la.full([m, n], bad, { dtype }), la.full([n, m], bad, { dtype }).T]) {
              checkBits(la.gemm({ a, b, beta: 0, c }).toTyped(), clean, "beta 0");
              checkBits(la.gemm({ a, b, beta: -0, c: c.slice() }).toTyped(), clean, "beta −0");
            }
          }
          const c = la.full([m, n], Number.NaN, { dtype });
          expect(la.gemm({ a, b, beta: 1, c }).toTyped().every(Number.isNaN)).toBe(true);
        });
      }
    });

    test.each(sizes)(`${dtype} %d × %d × %d: alpha = 0 reads neither A nor B`, (m, n, k) => {
      for (const [, la] of contexts) {
        la.scope(() => {
          const [a, b] = [la.full([m, k], Number.NaN, { dtype }), la.full([k, n], Number.NaN, { dtype })];
          const result = (beta: number, old: number): number[] => [
            ...new Set(la.gemm({ alpha: 0, a, b, beta, c: la.full([m, n], old, { dtype }) }).toTyped()),
          ];
          expect(result(0, Number.NaN)).toEqual([0]);
          expect(result(1, 3)).toEqual([3]);
          expect(result(-0.5, 3)).toEqual([-1.5]);
          expect(result(2, Number.NaN)).toEqual([Number.NaN]);
        });
      }
    });

    test(`${dtype}: k = 0 scales C, m = 0 and n = 0 do nothing`, () => {
      for (const [, la] of contexts) {
        la.scope(() => {
          for (const [m, n] of [
            [5, 6],
            [1, 6],
            [5, 1],
          ] as const) {
            const [a, b] = [la.zeros([m, 0], { dtype }), la.zeros([0, n], { dtype })];
            for (const [beta, old, result] of [
              [0, Number.NaN, 0],
              [1, 7, 7],
              [-1, 7, -7],
              [0.5, 7, 3.5],
            ] as const) {
              const c = la.full([m, n], old, { dtype });
              expect(new Set(la.gemm({ a, b, beta, c }).toTyped())).toEqual(new Set([result]));
            }
          }
          const none = la.zeros([0, 4], { dtype });
          expect(
            la.gemm({ a: none, b: la.ones([4, 3], { dtype }), c: la.zeros([0, 3], { dtype }) }).shape,
          ).toEqual([0, 3]);
          expect(
            la.gemm({ a: la.ones([3, 4], { dtype }), b: none.T, c: la.zeros([3, 0], { dtype }) }).shape,
          ).toEqual([3, 0]);
        });
      }
    });
  }

  test("float32: a beta that rounds to 0 counts the same on every path", () => {
    for (const [m, n, k] of [
      [6, 7, 8],
      [80, 90, 300],
    ] as const) {
      strict.scope(() => {
        const [a, b] = [strict.ones([m, k], { dtype: "f32" }), strict.ones([k, n], { dtype: "f32" })];
        const c = strict.ones([m, n], { dtype: "f32" });
        expect(new Set(strict.gemm({ a, b, beta: 1e-60, c }).toTyped())).toEqual(new Set([k]));
        const nan = strict.full([m, n], Number.NaN, { dtype: "f32" });
        expect(new Set(strict.gemm({ a, b, beta: 1e-60, c: nan }).toTyped())).toEqual(new Set([k]));
      });
    }
  });

  test("defaults: alpha 1, beta 0, nothing transposed; literals for A and B", () => {
    const c = strict.full([2, 1], 9);
    const before = strict.arena.stats().blocks;
    strict.gemm({ a: [[1, 2], new Float64Array([3, 4])] as never, b: [[5], [6]], c });
    expect(c.toArray()).toEqual([[17], [39]]);
    expect(strict.arena.stats().blocks).toBe(before);
  });
});

test("every micro-kernel gives the same bits, in every build, with any alpha and beta", async () => {
  for (const [build] of contexts) {
    for (const dtype of DTYPES) {
      let bits: (Float32Array | Float64Array)[] | undefined;
      for (const name of MICRO_KERNELS) {
        const la = await context({ build: build as "strict", microKernel: { [dtype]: name } });
        const results = [
          [19, 37, 41],
          [97, 101, 300],
        ].flatMap(([m, n, k]) =>
          (["rows", "columns", "strided"] as const).map((layout) => {
            const [a, b] = [randomArray(la, [k!, m!], 1, dtype), randomArray(la, [k!, n!], 2, dtype)];
            const { view: c } = layOut(la, randomArray(la, [m!, n!], 3, dtype), layout);
            return la.gemm({ transA: "T", alpha: 2.3, a, b, beta: -0.7, c }).toTyped();
          }),
        );
        bits ??= results;
        results.forEach((result, i) => {
          checkBits(result, bits![i]!, `${build} ${dtype} ${name} ${i}`);
        });
      }
    }
  }
});

describe("bad input", () => {
  const M = (shape: number[], dtype: DType = "float64"): NDArray => strict.zeros(shape, { dtype });

  test.each<[string, number[], number[], number[], Transpose, Transpose, Refusal]>([
    ["inner sizes", [2, 3], [4, 5], [2, 5], "N", "N", ["ShapeError", "SHAPE", "3 and 4", "(2, 3)", "(4, 5)"]],
    [
      "inner sizes, transposed",
      [2, 3],
      [3, 5],
      [3, 5],
      "T",
      "N",
      ["ShapeError", "SHAPE", "2 and 3", "(3, 2)"],
    ],
    ["both transposed", [2, 3], [3, 5], [3, 3], "T", "T", ["ShapeError", "SHAPE", "2 and 5"]],
    ["rows of C", [2, 3], [3, 5], [3, 5], "N", "N", ["ShapeError", "SHAPE", "(3, 5)", "(2, 5)"]],
    ["columns of C", [2, 3], [3, 5], [2, 4], "N", "N", ["ShapeError", "SHAPE", "(2, 4)", "(2, 5)"]],
    ["C transposed", [2, 3], [3, 5], [5, 2], "N", "N", ["ShapeError", "SHAPE", "(5, 2)"]],
    ["a vector A", [3], [3, 5], [1, 5], "N", "N", ["ShapeError", "SHAPE", "(3,)"]],
    ["a vector B", [2, 3], [3], [2, 1], "N", "N", ["ShapeError", "SHAPE", "(3,)"]],
    ["a vector C", [2, 3], [3, 1], [2], "N", "N", ["ShapeError", "SHAPE", "(2,)"]],
    ["a stack", [1, 2, 3], [3, 4], [2, 4], "N", "N", ["ShapeError", "SHAPE", "(1, 2, 3)"]],
    ["0-d", [], [3, 4], [2, 4], "N", "N", ["ShapeError", "SHAPE", "()"]],
  ])("%s", (_, one, two, three, transA, transB, refusal) => {
    const [a, b, c] = [M(one), M(two), M(three)];
    refuses(strict, () => strict.gemm({ transA, transB, a, b, c }), refusal);
  });

  test("nothing is written before an error", () => {
    const c = strict.ones([2, 2]);
    const a = M([2, 3]);
    refuses(strict, () => strict.gemm({ a, b: a, beta: 0, c }), ["ShapeError", "SHAPE"]);
    expect(new Set(c.toTyped())).toEqual(new Set([1]));
  });

  test("dtypes", () => {
    const [a, b, c] = [M([2, 2]), M([2, 2]), M([2, 2], "float32")];
    refuses(strict, () => strict.gemm({ a, b, c }), ["DTypeError", "DTYPE", "float64", "float32"]);
    refuses(strict, () => strict.gemm({ a, b: c, c: b }), ["DTypeError", "DTYPE", "float64", "float32"]);
    refuses(strict, () => strict.gemm({ a: c, b, c: a }), ["DTypeError", "DTYPE", "float32", "float64"]);
  });

  test("options", () => {
    const [a, b, c] = [M([2, 2]), M([2, 2]), M([2, 2])];
    const wrong: [object, Refusal][] = [
      [{ transA: "C" }, ["UnsupportedError", "OPTION", "transA", '"C"']],
      [{ transB: "t" }, ["UnsupportedError", "OPTION", "transB", '"t"']],
      [{ transA: true }, ["UnsupportedError", "OPTION", "transA", "true"]],
      [{ transB: null }, ["UnsupportedError", "OPTION", "transB", "null"]],
      [{ alpha: "1" }, ["UnsupportedError", "OPTION", "string"]],
      [{ beta: null }, ["UnsupportedError", "OPTION", "object"]],
      [{ beta: 1n }, ["UnsupportedError", "OPTION", "bigint"]],
      [{ gamma: 1 }, ["UnsupportedError", "OPTION", '"gamma"', "beta"]],
      [{ out: c }, ["UnsupportedError", "OPTION", '"out"']],
    ];
    for (const [options, refusal] of wrong)
      refuses(strict, () => strict.gemm({ a, b, c, ...options }), refusal);
    refuses(strict, () => strict.gemm({ a, b } as never), ["ShapeError", "SHAPE", "undefined"]);
    refuses(strict, () => strict.gemm({ a, b, c: [[1]] as never }), ["ShapeError", "SHAPE"]);
    refuses(strict, () => strict.gemm({ a, c } as never), ["DTypeError", "DTYPE", "undefined"]);
    refuses(strict, () => strict.gemm({ b, c } as never), ["DTypeError", "DTYPE", "undefined"]);
  });

  test("arrays of another context, and released ones", () => {
    const [a, b, c, theirs] = [M([2, 2]), M([2, 2]), M([2, 2]), other.zeros([2, 2])];
    const foreign: Refusal = ["UnsupportedError", "FOREIGN", "gemm", "another context", "(2, 2)"];
    refuses(strict, () => strict.gemm({ a: theirs, b, c }), foreign);
    refuses(strict, () => strict.gemm({ a, b: theirs, c }), foreign);
    refuses(strict, () => strict.gemm({ a, b, c: theirs }), foreign);
    b.release();
    refuses(strict, () => strict.gemm({ a, b, c }), ["ReleasedError", "RELEASED", "(2, 2)"]);
  });
});

describe("strides of 2³² bytes, where addresses come round to where they were", () => {
  test("one row of B", () => {
    const b = strict.ones([2, 131072], { dtype: "float32" }).slice([0, 1, 8192]);
    const c = strict.zeros([2, 131072], { dtype: "float32" });
    strict.gemm({ a: strict.ones([2, 1], { dtype: "float32" }), b, c });
    expect(c.at(0, 0)).toBe(1);
    expect(c.at(1, 131071)).toBe(1);
  });
});

test("alpha and beta are rounded to float32 before anything asks whether they are 0", () => {
  for (const n of [3, 40, 300]) {
    const c = strict.full([n, n], Number.NaN, { dtype: "float32" });
    const zeros = strict.zeros([n, n], { dtype: "float32" });
    strict.gemm({ alpha: -1, a: zeros, b: zeros, beta: 1e-60, c });
    expect(Object.is(c.at(n - 1, n - 1), -0), `n = ${n}`).toBe(true);
    const nan = strict.full([n, n], Number.NaN, { dtype: "float32" });
    strict.gemm({ alpha: 1e-60, a: nan, b: nan, beta: 0, c });
    expect(c.at(0, 0), `n = ${n}`).toBe(0);
    for (const array of [c, zeros, nan]) array.release();
  }
});

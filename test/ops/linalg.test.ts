import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Context, SingularError } from "../../src/index.ts";
import { context, type Refusal, refuses, refusesLater } from "../helpers/context.ts";
import { DTYPES, type DType, LAYOUTS, layOut } from "../helpers/product.ts";
import {
  checkFactors,
  conditioned,
  type Dense,
  dense,
  EPSILON,
  norm1,
  product,
  randomDense,
  rounded,
  solveRatio,
  THRESHOLD,
  toArray,
  toDense,
  transpose,
} from "../helpers/systems.ts";

let la: Context;

beforeEach(async () => {
  la = await context({ build: "strict" });
});

afterEach(() => {
  expect(la.arena.check().problems).toEqual([]);
  la.close();
});

/** Sizes around the leaf (8, 32), the base of triangles (32), the panel (64) and their halves. */
const ORDERS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 97, 127, 128, 129, 200];

/** Factors A, solves with it and its transpose for several right-hand sides, and checks LAPACK's ratios. */
function checkSystem(a: Dense, dtype: DType, what: string): void {
  const exact = rounded(a, dtype);
  la.scope(() => {
    const matrix = toArray(la, exact, dtype);
    const factors = la.linalg.luFactor(matrix);
    expect(factors.info, what).toBe(0);
    expect([factors.shape, factors.dtype], what).toEqual([[a.m, a.n], dtype]);
    checkFactors(exact, factors, what);
    for (const r of [1, 3, 17]) {
      const b = rounded(randomDense(a.m, r, 7 + r), dtype);
      for (const trans of ["N", "T"] as const) {
        const x = la.linalg.luSolve(factors, toArray(la, b, dtype), { trans });
        const ratio = solveRatio(trans === "N" ? exact : transpose(exact), toDense(x), b, dtype);
        expect(ratio, `${what}, trans ${trans}, ${r} right-hand sides`).toBeLessThan(THRESHOLD);
      }
      const x = la.linalg.solve(matrix, toArray(la, b, dtype));
      expect(x.toTyped(), what).toEqual(la.linalg.luSolve(factors, toArray(la, b, dtype)).toTyped());
    }
  });
}

describe.each(DTYPES)("%s", (dtype) => {
  test("random matrices of every size around the blocks", () => {
    for (const n of ORDERS) checkSystem(randomDense(n, n, n), dtype, `n = ${n}`);
  });

  test("LAPACK's types: ill-conditioned, graded, tiny, huge, triangular, diagonal", () => {
    const eps = EPSILON[dtype];
    const [tiny, huge] = dtype === "float32" ? [2 ** -110, 2 ** 110] : [2 ** -980, 2 ** 980];
    for (const n of [10, 50, 90]) {
      const random = randomDense(n, n, n);
      const types: Record<string, Dense> = {
        "condition √(0.1/ε)": conditioned(n, Math.sqrt(0.1 / eps), 1, 1),
        "condition 0.1/ε": conditioned(n, 0.1 / eps, 1, 2),
        "small, condition 2": conditioned(n, 2, tiny, 3),
        "large, condition 2": conditioned(n, 2, huge, 4),
        "graded by rows": dense(n, n, (i, j) => random.data[i * n + j]! * 2 ** -i),
        "graded by columns": dense(n, n, (i, j) => random.data[i * n + j]! * 2 ** -j),
        diagonal: dense(n, n, (i, j) => (i === j ? random.data[i]! : 0)),
        upper: dense(n, n, (i, j) => (i <= j ? random.data[i * n + j]! + (i === j ? 8 : 0) : 0)),
        lower: dense(n, n, (i, j) => (i >= j ? random.data[i * n + j]! + (i === j ? 8 : 0) : 0)),
        permutation: dense(n, n, (i, j) => (j === (i * 3 + 1) % n ? 1 : 0)),
      };
      if (n % 3 === 0) delete types.permutation;
      for (const [name, a] of Object.entries(types)) checkSystem(a, dtype, `${name}, n = ${n}`);
    }
  });

  test("tall and wide", () => {
    for (const [m, n] of [
      [1, 9],
      [9, 1],
      [40, 7],
      [7, 40],
      [33, 100],
      [100, 33],
      [300, 70],
      [70, 300],
      [129, 200],
      [200, 129],
    ] as const) {
      const a = rounded(randomDense(m, n, m + n), dtype);
      la.scope(() => {
        const matrix = toArray(la, a, dtype);
        checkFactors(a, la.linalg.luFactor(matrix), `${m} × ${n}`);
        const { p, l, u } = la.linalg.lu(matrix);
        expect([p.shape, l.shape, u.shape]).toEqual([
          [m, m],
          [m, Math.min(m, n)],
          [Math.min(m, n), n],
        ]);
        const back = product(toDense(p), product(toDense(l), toDense(u)));
        const off = norm1(dense(m, n, (i, j) => a.data[i * n + j]! - back.data[i * n + j]!));
        expect(off / (n * norm1(a) * EPSILON[dtype])).toBeLessThan(THRESHOLD);
      });
    }
  });

  test("every layout has the bits of the C-contiguous one, in place, too", () => {
    for (const n of [5, 40, 70, 130]) {
      la.scope(() => {
        const a = toArray(la, randomDense(n, n, n), dtype);
        const b = toArray(la, randomDense(n, 3, 1), dtype);
        const factors = la.linalg.luFactor(a);
        const expected = { lu: factors.lu.toTyped(), piv: factors.piv };
        const x = la.linalg.luSolve(factors, b).toTyped();
        for (const layout of LAYOUTS) {
          const { view } = layOut(la, a, layout);
          const before = view.toTyped();
          const copied = la.linalg.luFactor(view);
          expect({ lu: copied.lu.toTyped(), piv: copied.piv }, layout).toEqual(expected);
          expect(copied.lu.isContiguous).toBe(true);
          expect(view.toTyped()).toEqual(before);
          const inPlace = la.linalg.luFactor(view, { overwriteA: true });
          expect({ lu: inPlace.lu.toTyped(), piv: inPlace.piv }, `${layout}, in place`).toEqual(expected);
          expect(view.toTyped()).toEqual(expected.lu);
          const right = layOut(la, b, layout).view;
          expect(la.linalg.luSolve(inPlace, right).toTyped(), layout).toEqual(x);
          expect(la.linalg.luSolve(inPlace, b, { out: right })).toBe(right);
          expect(right.toTyped()).toEqual(x);
        }
      });
    }
  });

  test("rcond: within a factor of ten of the true one, and never far below it", () => {
    for (const n of [1, 2, 10, 50, 100]) {
      for (const condition of [1, 10, 1e3, 0.01 / EPSILON[dtype]]) {
        const [tiny, huge] = dtype === "float32" ? [2 ** -100, 2 ** 100] : [2 ** -900, 2 ** 900];
        for (const scale of [1, tiny, huge]) {
          const a = rounded(conditioned(n, condition, scale, n), dtype);
          la.scope(() => {
            const matrix = toArray(la, a, dtype);
            const estimate = la.linalg.rcond(matrix);
            expect(la.linalg.luFactor(matrix).rcond()).toBe(estimate);
            const { factors, inverse } = la.scope(() => {
              const factors = la.linalg.luFactor(la.array(toArray(la, a, "float64")));
              return { factors, inverse: la.linalg.luSolve(factors, la.eye(n)) };
            });
            expect(factors.info).toBe(0);
            const exact = 1 / (norm1(a) * norm1(toDense(inverse)));
            const ratio = Math.max(estimate, exact) / Math.min(estimate, exact);
            expect(ratio, `n = ${n}, condition ${condition}, scale ${scale}`).toBeLessThan(10);
          });
        }
      }
    }
  });
});

test("singular matrices are factored, and solve() names the pivot", () => {
  for (const dtype of DTYPES) {
    for (const n of [1, 5, 40, 100]) {
      for (const column of new Set([0, n >> 1, n - 1])) {
        la.scope(() => {
          const { data } = randomDense(n, n, 5);
          const a = rounded(
            dense(n, n, (i, j) => (j === column ? 0 : data[i * n + j]!)),
            dtype,
          );
          const matrix = toArray(la, a, dtype);
          const factors = la.linalg.luFactor(matrix);
          expect(factors.info).toBe(column + 1);
          expect(factors.rcond()).toBe(0);
          checkFactors(a, factors, `${n}, column ${column}`);
          const b = la.ones(n, { dtype });
          refuses(la, () => la.linalg.luSolve(factors, b), [
            "SingularError",
            "SINGULAR",
            `pivot ${column} of ${n}`,
            "exactly 0",
          ]);
          const { blocks } = la.arena.stats();
          const singular = expect.objectContaining({ name: "SingularError", pivot: column });
          expect(() => la.linalg.solve(matrix, b)).toThrow(singular);
          expect(() => la.linalg.solve(matrix, b)).toThrow(SingularError);
          expect(la.arena.stats().blocks).toBe(blocks);
        });
      }
    }
  }
});

test("Wilkinson's matrix: the largest growth that there can be, 2ⁿ⁻¹, and pivots that stay where they are", () => {
  const n = 50;
  la.scope(() => {
    const a = dense(n, n, (i, j) => (i === j || j === n - 1 ? 1 : i > j ? -1 : 0));
    const { lu, piv, info } = la.linalg.luFactor(toArray(la, a, "float64"));
    expect(info).toBe(0);
    expect([...piv]).toEqual(Array.from({ length: n }, (_, i) => i));
    expect(lu.at(n - 1, n - 1)).toBe(2 ** (n - 1));
    for (let i = 0; i < n; ++i) expect(lu.at(i, n - 1)).toBe(2 ** i);
  });
});

test("Hilbert's matrix: rcond tells how ill-conditioned it is, residuals stay small", () => {
  // Of order 3 to 8: what numpy.linalg.cond(scipy.linalg.hilbert(n), 1) says.
  const conditions = [748, 28_375, 943_656, 29_070_279, 985_194_886, 33_872_790_819];
  conditions.forEach((condition, i) => {
    const n = i + 3;
    la.scope(() => {
      const a = dense(n, n, (row, column) => 1 / (row + column + 1));
      const matrix = toArray(la, a, "float64");
      expect(1 / la.linalg.rcond(matrix) / condition).toBeCloseTo(1, 3);
      const x = la.linalg.solve(matrix, la.ones([n, 1]));
      const ratio = solveRatio(
        a,
        toDense(x),
        dense(n, 1, () => 1),
        "float64",
      );
      expect(ratio).toBeLessThan(THRESHOLD);
    });
  });
});

test("permutations are solved exactly", () => {
  for (const n of [1, 7, 64, 150]) {
    la.scope(() => {
      // A cycle: 7 and n have no common divisor.
      const row = (j: number): number => (7 * j + 3) % n;
      if (n % 7 === 0) return;
      const a = toArray(
        la,
        dense(n, n, (i, j) => (i === row(j) ? 1 : 0)),
        "float64",
      );
      const b = la.arange(n);
      const x = la.linalg.solve(a, b);
      for (let j = 0; j < n; ++j) expect(x.at(j)).toBe(row(j));
      const { p, l, u } = la.linalg.lu(a);
      expect(p.toTyped()).toEqual(a.toTyped());
      expect(l.toTyped()).toEqual(la.eye(n).toTyped());
      expect(u.toTyped()).toEqual(la.eye(n).toTyped());
    });
  }
});

test("lu: SciPy's forms of P", () => {
  la.scope(() => {
    // scipy.linalg.lu([[1, 2], [3, 4], [5, 6]])
    const a = [
      [1, 2],
      [3, 4],
      [5, 6],
    ];
    const { p, l, u } = la.linalg.lu(a);
    expect(p.toArray()).toEqual([
      [0, 1, 0],
      [0, 0, 1],
      [1, 0, 0],
    ]);
    expect(l.at(1, 0)).toBeCloseTo(0.2, 14);
    expect(l.at(2, 0)).toBeCloseTo(0.6, 14);
    expect(l.at(2, 1)).toBeCloseTo(0.5, 14);
    expect(u.at(1, 1)).toBeCloseTo(0.8, 14);
    const indices = la.linalg.lu(a, { pIndices: true });
    expect([...indices.p]).toEqual([1, 2, 0]);
    expect(indices.l.toArray()).toEqual(l.toArray());
    const permuted = la.linalg.lu(a, { permuteL: true });
    expect(permuted.p).toBeUndefined();
    expect(permuted.l.toArray()).toEqual(la.matmul(p, l).toArray());
    expect(permuted.u.toArray()).toEqual(u.toArray());
  });
});

test("empty matrices, one element", () => {
  la.scope(() => {
    for (const shape of [
      [0, 0],
      [0, 5],
      [5, 0],
    ]) {
      const { lu, piv, info } = la.linalg.luFactor(la.zeros(shape));
      expect([lu.shape, piv.length, info]).toEqual([shape, 0, 0]);
      const parts = la.linalg.lu(la.zeros(shape));
      expect([parts.l.shape, parts.u.shape]).toEqual([
        [shape[0], 0],
        [0, shape[1]],
      ]);
    }
    const nothing = la.zeros([0, 0]);
    expect(la.linalg.rcond(nothing)).toBe(1);
    expect(la.linalg.solve(nothing, la.zeros([0])).shape).toEqual([0]);
    expect(la.linalg.solve(nothing, la.zeros([0, 3])).shape).toEqual([0, 3]);
    expect(la.linalg.solve(la.eye(3), la.zeros([3, 0])).shape).toEqual([3, 0]);
    expect(la.linalg.solveTriangular(nothing, la.zeros([0, 3])).shape).toEqual([0, 3]);
    expect(la.linalg.solve([[4]], [2]).toArray()).toEqual([0.5]);
    expect(la.linalg.solve([[-8]], [[2, 4]]).toArray()).toEqual([[-0.25, -0.5]]);
    expect(la.linalg.rcond([[1e-300]])).toBe(1);
    expect(la.linalg.rcond([[0]])).toBe(0);
  });
});

test("literals and typed arrays; vectors and matrices of right-hand sides", () => {
  la.scope(() => {
    const a = [
      [4, 1],
      [2, 3],
    ];
    expect(la.linalg.solve(a, [9, 7]).toArray()).toEqual([2, 1]);
    const rows = [new Float64Array([4, 1]), new Float64Array([2, 3])];
    expect(la.linalg.solve(rows, new Float64Array([9, 7])).toArray()).toEqual([2, 1]);
    expect(la.linalg.solve(a, [[9], [7]]).toArray()).toEqual([[2], [1]]);
    expect(la.linalg.solveTriangular(a, [9, 6]).toArray()).toEqual([1.75, 2]);
    expect(la.linalg.solveTriangular(a, [8, 7], { lower: true }).toArray()).toEqual([2, 1]);
    expect(la.linalg.solveTriangular(a, [8, 7], { lower: true, unitDiagonal: true }).toArray()).toEqual([
      8, -9,
    ]);
    expect(la.linalg.solveTriangular(a, [8, 7], { trans: "T" }).toArray()).toEqual([2, 5 / 3]);
  });
});

test("NaN and infinities go through, and are no pivots while there is a number", () => {
  for (const dtype of DTYPES) {
    for (const n of [3, 20, 100]) {
      la.scope(() => {
        const clean = randomDense(n, n, n);
        const spoilt = toArray(la, clean, dtype);
        spoilt.set(Number.NaN, 1, 0);
        const factors = la.linalg.luFactor(spoilt);
        expect(factors.piv[0]).not.toBe(1);
        expect(factors.lu.at(0, 0)).not.toBeNaN();
        expect(factors.rcond()).toBeNaN();
        const x = la.linalg.luSolve(factors, la.ones(n, { dtype }));
        expect(x.toTyped().some(Number.isNaN)).toBe(true);
        const all = la.linalg.luFactor(la.full([n, n], Number.NaN, { dtype }));
        expect(all.info).toBe(0);
        expect([...all.piv]).toEqual(Array.from({ length: n }, (_, i) => i));
        const infinite = toArray(la, clean, dtype);
        infinite.set(Number.POSITIVE_INFINITY, 2, 0);
        const { piv, lu } = la.linalg.luFactor(infinite);
        expect(piv[0]).toBe(2);
        expect(lu.at(0, 0)).toBe(Number.POSITIVE_INFINITY);
        expect(la.linalg.rcond(infinite)).toBe(0);
        // NaN in b spoils its own column and no other.
        const b = la.ones([n, 9], { dtype });
        const good = la.linalg.solve(toArray(la, clean, dtype), b);
        b.set(Number.NaN, n - 1, 4);
        const bad = la.linalg.solve(toArray(la, clean, dtype), b);
        for (const j of [0, 3, 5, 8]) expect(bad.col(j).toTyped()).toEqual(good.col(j).toTyped());
        expect(bad.col(4).toTyped().every(Number.isNaN)).toBe(true);
      });
    }
  }
});

test("NaN beside nothing but zeros does not make a matrix singular", () => {
  for (const dtype of DTYPES) {
    la.scope(() => {
      // More rows than a vector has elements, the NaN in any of them.
      for (const at of [0, 1, 4, 9]) {
        const a = la.eye(10, 10, { dtype });
        a.set(0, 0, 0);
        a.set(Number.NaN, at, 0);
        const { info, piv } = la.linalg.luFactor(a);
        expect([info, piv[0]]).toEqual([0, at]);
        expect(la.linalg.rcond(a)).toBeNaN();
        expect(la.linalg.solve(a, la.ones(10, { dtype })).at(0)).toBeNaN();
      }
      const singular = la.zeros([3, 3], { dtype });
      singular.set(Number.NaN, 2, 2);
      expect(la.linalg.rcond(singular)).toBeNaN();
    });
  }
});

test("rcond of a matrix near the largest number", () => {
  expect(
    la.linalg.rcond([
      [1e308, 0],
      [0, 1e308],
    ]),
  ).toBe(1);
});

test("x may go where b is, and nowhere else where b or the factors are", () => {
  la.scope(() => {
    const a = la.standardNormal([20, 20], { seed: 1 });
    const factors = la.linalg.luFactor(a);
    const b = la.standardNormal([20, 20], { seed: 2 });
    const x = la.linalg.luSolve(factors, b).toTyped();
    const before = b.toTyped();
    refuses(la, () => la.linalg.luSolve(factors, b, { out: b.T }), ["ShapeError", "OVERLAP", "(20, 20)"]);
    refuses(la, () => la.linalg.luSolve(factors, b, { out: factors.lu }), ["ShapeError", "OVERLAP"]);
    expect(b.toTyped()).toEqual(before);
    expect(la.linalg.luSolve(factors, b, { out: b })).toBe(b);
    expect(b.toTyped()).toEqual(x);
  });
});

test("null stands for no options", async () => {
  const a = la.eye(3);
  const none = null as never;
  la.scope(() => {
    const factors = la.linalg.luFactor(a, none);
    for (const x of [la.linalg.luSolve(factors, a, none), la.linalg.solveTriangular(a, a, none)])
      expect(x.toTyped()).toEqual(a.toTyped());
    expect(la.linalg.lu(a, none).u.toTyped()).toEqual(a.toTyped());
  });
  (await la.linalg.luFactorAsync(a, none)).release();
  (await la.linalg.solveAsync(a, a, none)).release();
});

test("bad input is refused with its numbers, and nothing changes", async () => {
  const { linalg } = la;
  const a = la.standardNormal([4, 4], { seed: 1 });
  const wide = la.ones([3, 5]);
  const b = la.ones(4);
  const factors = linalg.luFactor(a);
  const f32 = la.ones(4, { dtype: "float32" });
  const other = await context();
  const foreign = other.ones([4, 4]);
  const shape = (...numbers: string[]): Refusal => ["ShapeError", "SHAPE", ...numbers];
  const option = (...words: string[]): Refusal => ["UnsupportedError", "OPTION", ...words];
  const cases: [() => unknown, Refusal][] = [
    [() => linalg.luFactor(b), shape("luFactor", "(4,)")],
    [() => linalg.luFactor([[[1]]]), shape("(1, 1, 1)")],
    [() => linalg.solve(wide, b), shape("solve", "(3, 5)")],
    [() => linalg.rcond(wide), shape("rcond", "(3, 5)")],
    [() => linalg.solveTriangular(wide, b), shape("solveTriangular", "(3, 5)")],
    [() => linalg.solve(a, [1, 2, 3]), shape("(4, 4)", "(3,)")],
    [() => linalg.solve(a, [[[1]]]), shape("(1, 1, 1)")],
    [() => linalg.luSolve(factors, wide), shape("luSolve", "(3, 5)")],
    [() => linalg.luSolve(factors, b, { out: wide }), shape("(3, 5)", "(4,)")],
    [() => linalg.solve(a, f32), ["DTypeError", "DTYPE", "float64", "float32"]],
    [() => linalg.luSolve(factors, f32), ["DTypeError", "DTYPE"]],
    [() => linalg.luSolve(factors, b, { out: f32 }), ["DTypeError", "DTYPE"]],
    [() => linalg.luFactor(foreign), ["UnsupportedError", "FOREIGN"]],
    [() => linalg.luSolve(factors, foreign), ["UnsupportedError", "FOREIGN"]],
    [() => linalg.luFactor(a, { overwrite: true } as never), option("overwrite")],
    [() => linalg.luSolve(factors, b, { trans: "H" as never }), option("trans", '"H"')],
    [() => linalg.solveTriangular(a, b, { trans: 1 as never }), option("trans", "1")],
    [() => linalg.lu(a, { permute: true } as never), option("permute")],
    [() => linalg.luFactor(a, { overwriteA: 1 as never }), option("overwriteA", "number")],
    [() => linalg.solveTriangular(a, b, { lower: "false" as never }), option("lower", "string")],
    [() => linalg.solveTriangular(a, b, { unitDiagonal: null as never }), option("unitDiagonal")],
    [() => linalg.lu(a, { permuteL: "no" as never }), option("permuteL", "string")],
    [() => linalg.lu(a, { pIndices: 1 as never }), option("pIndices")],
    [() => linalg.luSolve(null as never, b), shape("factors", "[object Null] has no array lu")],
    [() => linalg.luSolve({} as never, b), shape("factors")],
    [
      () => linalg.luSolve({ ...factors, piv: [0, 1, 2, 3] as never }, b),
      ["DTypeError", "DTYPE", "Int32Array"],
    ],
    [() => linalg.luSolve({ ...factors, piv: new Int32Array(3) }, b), shape("3 pivots", "4 rows")],
    [
      () => linalg.luSolve({ ...factors, piv: Int32Array.of(0, 1, 2, 4) }, b),
      ["ShapeError", "INDEX", "piv[3] is 4"],
    ],
    [
      () => linalg.luSolve({ ...factors, piv: Int32Array.of(0, 0, 2, 3) }, b),
      ["ShapeError", "INDEX", "piv[1] is 0"],
    ],
    [() => linalg.luSolve({ ...factors, lu: undefined as never }, b), shape("luSolve")],
    [() => linalg.solveTriangular(la.zeros([4, 4]), b), ["SingularError", "SINGULAR", "pivot 0 of 4"]],
  ];
  const kept = [a, b, factors.lu].map((array) => array.toTyped());
  for (const [run, refusal] of cases) {
    // (The last of them makes what it is given.)
    const { blocks } = la.arena.stats();
    la.scope(() => expect(run).toThrow(expect.objectContaining({ name: refusal[0], code: refusal[1] })));
    expect(la.arena.stats().blocks).toBe(blocks);
    try {
      run();
    } catch (error) {
      for (const text of refusal.slice(2)) expect((error as Error).message).toContain(text);
    }
  }
  expect([a, b, factors.lu].map((array) => array.toTyped())).toEqual(kept);
  await refusesLater(linalg.luFactorAsync(b), shape("luFactorAsync", "(4,)"));
  await refusesLater(linalg.luFactorAsync(a, { overwriteA: 1 as never }), option("overwriteA"));
  await refusesLater(linalg.solveAsync(wide, b), shape("solveAsync", "(3, 5)"));
  await refusesLater(linalg.solveAsync(a, f32), ["DTypeError", "DTYPE"]);
  await refusesLater(linalg.solveAsync(a, b, { onProgress: 1 as never }), option("onProgress"));
  await refusesLater(linalg.solveAsync(la.zeros([4, 4]), b), ["SingularError", "SINGULAR", "pivot 0 of 4"]);
  a.release();
  refuses(la, () => linalg.luFactor(a), ["ReleasedError", "RELEASED"]);
  factors.release();
  refuses(la, () => linalg.luSolve(factors, b), ["ReleasedError", "RELEASED"]);
  refuses(la, () => factors.rcond(), ["ReleasedError", "RELEASED"]);
  other.close();
});

test("factors are released by `using`, kept by a scope that returns them, and frozen is what they come from", () => {
  const { blocks } = la.arena.stats();
  const factors = la.scope(() => la.linalg.luFactor(la.eye(3)));
  expect(factors.lu.released).toBe(false);
  expect(la.arena.stats().blocks).toBe(blocks + 1);
  factors[Symbol.dispose]();
  expect(la.arena.stats().blocks).toBe(blocks);
  expect(Object.isFrozen(la.linalg)).toBe(true);
});

test("asynchronous twins: the same bits, progress to the end, abort in the midst, nothing left", async () => {
  const before = la.arena.stats().blocks;
  const a = la.standardNormal([400, 400], { seed: 1 });
  const b = la.standardNormal([400, 7], { seed: 2 });
  const factors = la.linalg.luFactor(a);
  const progress: [number, number][] = [];
  const later = await la.linalg.luFactorAsync(a, { onProgress: (...now) => void progress.push(now) });
  expect(later.lu.toTyped()).toEqual(factors.lu.toTyped());
  expect(later.piv).toEqual(factors.piv);
  expect(later.rcond()).toBe(factors.rcond());
  expect(progress.at(-1)![0]).toBe(progress.at(-1)![1]);
  for (let i = 1; i < progress.length; ++i)
    expect(progress[i]![0]).toBeGreaterThanOrEqual(progress[i - 1]![0]);
  const expected = la.linalg.solve(a, b);
  const running = la.linalg.solveAsync(a, b);
  const x = await running;
  expect(x.toTyped()).toEqual(expected.toTyped());
  const controller = new AbortController();
  const aborted = la.linalg.luFactorAsync(a, {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error("enough")),
  });
  await expect(aborted).rejects.toThrow("enough");
  await expect(la.linalg.solveAsync(a, b, { signal: AbortSignal.abort(new Error("no")) })).rejects.toThrow(
    "no",
  );
  for (const array of [x, expected, a, b, factors, later]) array.release();
  expect(la.arena.stats().blocks).toBe(before);
});

/** A new hash means that results change for everybody: say so in the changelog. */
const GOLDEN = {
  float64: "5a001eea0010d5da91bdfa078263321c8925968ec683c301be7b13367db22adb",
  float32: "8b8585eaef554de93ab9dd6bdccf979c79ae91e1de6f0cb2653c003146009494",
};

test.each(DTYPES)("%s: the strict build's bits are those of every other engine and CPU", (dtype) => {
  const hash = createHash("sha256");
  la.scope(() => {
    for (const [m, n] of [
      [10, 10],
      [150, 150],
      [300, 300],
      [90, 200],
      [200, 90],
    ] as const) {
      const a = toArray(la, randomDense(m, n, m), dtype);
      const factors = la.linalg.luFactor(a);
      hash.update(factors.lu.toTyped()).update(factors.piv);
      if (m !== n) continue;
      for (const r of [1, 40]) {
        for (const trans of ["N", "T"] as const) {
          hash.update(
            la.linalg.luSolve(factors, toArray(la, randomDense(n, r, r), dtype), { trans }).toTyped(),
          );
        }
      }
      hash.update(Float64Array.of(factors.rcond()));
    }
  });
  expect(hash.digest("hex")).toBe(GOLDEN[dtype]);
});

test("a random system of any shape, layout and scale is solved", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 0, max: 20 }),
      fc.constantFrom(...LAYOUTS),
      fc.constantFrom(...DTYPES),
      fc.integer({ min: -40, max: 40 }),
      fc.boolean(),
      (n, r, layout, dtype, exponent, transposed) => {
        la.scope(() => {
          const scaled = randomDense(n, n, 100 * n + r);
          const a = rounded({ ...scaled, data: scaled.data.map((x) => x * 2 ** exponent) }, dtype);
          const b = rounded(randomDense(n, Math.max(1, r), r), dtype);
          const right = r === 0 ? la.fromTyped(b.data, [n], { dtype }) : toArray(la, b, dtype);
          const { view } = layOut(la, toArray(la, a, dtype), layout);
          const x = transposed
            ? la.linalg.luSolve(la.linalg.luFactor(view), right, { trans: "T" })
            : la.linalg.solve(view, right);
          expect(x.shape).toEqual(right.shape);
          const ratio = solveRatio(transposed ? transpose(a) : a, toDense(x), b, dtype);
          expect(ratio).toBeLessThan(THRESHOLD);
        });
      },
    ),
    { numRuns: 200 },
  );
});

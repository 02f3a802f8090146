import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Context, SingularError } from "../../src/index.ts";
import { context, refuses } from "../helpers/context.ts";
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

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Context, NDArray } from "../../src/index.ts";
import { context, type Refusal, refuses } from "../helpers/context.ts";
import { DTYPES, type DType, LAYOUTS, type Layout, layOut } from "../helpers/product.ts";
import {
  type Dense,
  dense,
  EPSILON,
  product,
  randomDense,
  rounded,
  toArray,
  toDense,
  transpose,
} from "../helpers/systems.ts";

let la: Context;

beforeAll(async () => {
  la = await context({ build: "strict" });
});

afterAll(() => {
  expect(la.arena.check().problems).toEqual([]);
  la.close();
});

interface Case {
  readonly side: "L" | "R";
  readonly uplo: "L" | "U";
  readonly transA: "N" | "T";
  readonly diag: "N" | "U";
}

const CASES: Case[] = (["L", "R"] as const).flatMap((side) =>
  (["L", "U"] as const).flatMap((uplo) =>
    (["N", "T"] as const).flatMap((transA) =>
      (["N", "U"] as const).map((diag) => ({ side, uplo, transA, diag })),
    ),
  ),
);

/** A triangle that is well-conditioned, and NaN wherever it is not to be read. */
function triangle(
  n: number,
  { uplo, diag }: Case,
  dtype: DType,
): { readonly whole: Dense; readonly read: Dense } {
  const random = randomDense(n, n, n + 1);
  const inside = (i: number, j: number): boolean => (uplo === "L" ? i > j : i < j);
  const value = (i: number, j: number): number => random.data[i * n + j]! / (2 * n);
  const read = rounded(
    dense(n, n, (i, j) =>
      i === j ? (diag === "U" ? 1 : 1 + Math.abs(value(i, i))) : inside(i, j) ? value(i, j) : 0,
    ),
    dtype,
  );
  const isRead = (i: number, j: number): boolean => inside(i, j) || (i === j && diag === "N");
  return { read, whole: dense(n, n, (i, j) => (isRead(i, j) ? read.data[i * n + j]! : Number.NaN)) };
}

/** The largest |op(A) X − αB|, or of X op(A) − αB, in units of ε times what it is made of. */
function residual(
  read: Dense,
  x: Dense,
  b: Dense,
  alpha: number,
  { side, transA }: Case,
  dtype: DType,
): number {
  const op = transA === "N" ? read : transpose(read);
  const [one, other] = side === "L" ? [op, x] : [x, op];
  const magnitude = ({ m, n, data }: Dense): Dense => ({ m, n, data: data.map(Math.abs) });
  const back = product(one, other);
  const size = product(magnitude(one), magnitude(other));
  let worst = 0;
  back.data.forEach((value, i) => {
    const off = Math.abs(value - alpha * b.data[i]!);
    const scale = size.data[i]! + Math.abs(alpha * b.data[i]!);
    if (off > 0) worst = Math.max(worst, off / (scale * EPSILON[dtype]));
  });
  return worst;
}

/** Extents around the kernel's rows and columns, its base of 32, primes. */
const SIZES: readonly (readonly [order: number, other: number])[] = [
  [1, 1],
  [1, 7],
  [2, 3],
  [3, 1],
  [4, 8],
  [5, 9],
  [31, 2],
  [32, 17],
  [33, 5],
  [34, 1],
  [63, 7],
  [65, 16],
  [97, 33],
  [131, 13],
];

describe.each(CASES)("side $side, uplo $uplo, transA $transA, diag $diag", (which) => {
  test.each(DTYPES)("%s: sizes, alphas, layouts; what is not to be read is NaN", (dtype) => {
    let turn = 0;
    for (const [n, r] of SIZES) {
      const { whole, read } = triangle(n, which, dtype);
      const b = rounded(which.side === "L" ? randomDense(n, r, 5) : randomDense(r, n, 5), dtype);
      for (const alpha of [0, 1, -2]) {
        la.scope(() => {
          const layoutA = LAYOUTS[turn % LAYOUTS.length] as Layout;
          const layoutB = LAYOUTS[Math.floor(turn++ / 2) % LAYOUTS.length] as Layout;
          const a = layOut(la, toArray(la, whole, dtype), layoutA).view;
          const { view, owner } = layOut(la, toArray(la, b, dtype), layoutB);
          const untouched = owner.toTyped().filter(Number.isNaN).length;
          expect(la.trsm({ ...which, alpha, a, b: view })).toBe(view);
          const x = toDense(view);
          const what = `order ${n}, ${r}, alpha ${alpha}, A ${layoutA}, B ${layoutB}`;
          if (alpha === 0)
            expect(
              x.data.every((value) => value === 0),
              what,
            ).toBe(true);
          else expect(residual(read, x, b, alpha, which, dtype), what).toBeLessThan(n + 4);
          expect(owner.toTyped().filter(Number.isNaN).length, what).toBe(untouched);
          // The layouts change no bit.
          const plain = toArray(la, b, dtype);
          la.trsm({ ...which, alpha, a: toArray(la, whole, dtype), b: plain });
          expect(plain.toTyped(), what).toEqual(view.toTyped());
        });
      }
    }
  });
});

test("alpha = 0 reads neither A nor B; the defaults are BLAS's first letters; literals", () => {
  la.scope(() => {
    const b = la.full([3, 2], Number.NaN);
    la.trsm({ a: la.full([3, 3], Number.NaN), b, alpha: 0 });
    expect(b.toArray()).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    const c = la.array([
      [2, 4],
      [7, 8],
    ]);
    la.trsm({
      a: [
        [2, 9],
        [1, 3],
      ],
      b: c,
    });
    expect(c.toArray()).toEqual([
      [1, 2],
      [2, 2],
    ]);
    const empty = la.zeros([0, 4]);
    expect(la.trsm({ a: la.zeros([0, 0]), b: empty })).toBe(empty);
    expect(la.trsm({ a: la.zeros([0, 0]), b: la.zeros([4, 0]), side: "R" }).shape).toEqual([4, 0]);
    // BLAS does not look at the diagonal.
    const d = la.ones([2, 1]);
    la.trsm({ a: la.zeros([2, 2]), b: d });
    expect(d.at(0, 0)).toBe(Number.POSITIVE_INFINITY);
  });
});

test("rows a power of two apart: packed on the way, the same bits", () => {
  for (const dtype of DTYPES) {
    la.scope(() => {
      const a = la.random([70, 70], { seed: 1, dtype });
      for (let i = 0; i < 70; ++i) a.set(70, i, i);
      const right = la.random([70, 300], { seed: 2, dtype });
      const wide = la.zeros([70, 1024], { dtype });
      const view = wide.slice([], [3, 303]);
      for (let i = 0; i < 70; ++i) for (let j = 0; j < 300; ++j) view.set(right.at(i, j), i, j);
      la.trsm({ a, b: right });
      la.trsm({ a, b: view });
      expect(view.toTyped()).toEqual(right.toTyped());
    });
  }
});

test("bad input is refused with its numbers, and nothing changes", () => {
  la.scope(() => {
    const a = la.eye(3);
    const b = la.ones([3, 2]);
    const f32 = la.ones([3, 2], { dtype: "float32" });
    const cases: [() => NDArray, Refusal][] = [
      [
        () => la.trsm({ a, b, side: "X" as never }),
        ["UnsupportedError", "OPTION", "side", '"X"', '"L"', '"R"'],
      ],
      [() => la.trsm({ a, b, uplo: "l" as never }), ["UnsupportedError", "OPTION", "uplo", '"l"']],
      [() => la.trsm({ a, b, transA: "C" as never }), ["UnsupportedError", "OPTION", "transA"]],
      [() => la.trsm({ a, b, diag: "" as never }), ["UnsupportedError", "OPTION", "diag"]],
      [() => la.trsm({ a, b, alpha: "2" as never }), ["UnsupportedError", "OPTION", "alpha", "string"]],
      [() => la.trsm({ a, b, beta: 1 } as never), ["UnsupportedError", "OPTION", "beta"]],
      [() => la.trsm({ a, b, side: "R" }), ["ShapeError", "SHAPE", "(3, 3)", "(3, 2)", "columns"]],
      [() => la.trsm({ a: la.ones([3, 4]), b }), ["ShapeError", "SHAPE", "(3, 4)"]],
      [() => la.trsm({ a: [1, 2, 3], b }), ["ShapeError", "SHAPE", "(3,)"]],
      [() => la.trsm({ a, b: [[1], [2], [3]] as never }), ["ShapeError", "SHAPE", "array of this context"]],
      [() => la.trsm({ a, b: f32 }), ["DTypeError", "DTYPE", "float64", "float32"]],
      [() => la.trsm({ a, b: a }), ["ShapeError", "OVERLAP", "(3, 3)"]],
      [() => la.trsm({ a, b: a.T }), ["ShapeError", "OVERLAP"]],
    ];
    for (const [run, refusal] of cases) {
      if (refusal.includes("(3, 4)")) expect(run).toThrow(expect.objectContaining({ code: "SHAPE" }));
      else if (refusal[1] === "OVERLAP") expect(run).toThrow(expect.objectContaining({ code: "OVERLAP" }));
      else refuses(la, run, refusal);
    }
    expect([...b.toTyped()]).toEqual([1, 1, 1, 1, 1, 1]);
    expect(a.toArray()).toEqual(la.eye(3).toArray());
  });
});

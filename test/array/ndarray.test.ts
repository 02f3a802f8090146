import { inspect } from "node:util";
import { beforeEach, describe, expect, test } from "vitest";
import { type Context, NDArray } from "../../src/index.ts";
import { context, type Refusal, refuses, refusesLater } from "../helpers/context.ts";

let la: Context;

beforeEach(async () => {
  la = await context();
});

const RELEASED: Refusal = ["ReleasedError", "RELEASED", "released"];

describe("the lecture: references", () => {
  test("b = a.T raises the count, releasing lowers it, and the hole is reused by what fits", () => {
    const a = la.zeros([100, 100]);
    expect(a.refs).toBe(1);
    const b = a.T;
    expect([a.refs, b.refs]).toEqual([2, 2]);
    expect(la.arena.stats()).toMatchObject({ blocks: 1, requested: 80_000 });
    a.release();
    expect([a.released, b.released, b.refs]).toEqual([true, false, 1]);
    expect(b.at(3, 4)).toBe(0);
    b.release();
    expect(b.refs).toBe(0);
    expect(la.arena.stats()).toMatchObject({ blocks: 0, used: 0, allocations: 1, frees: 1 });
    const c = la.zeros([10, 10]);
    expect(la.arena.blocks()[0]).toMatchObject({ state: "block", requested: 800, refs: 1 });
    c.release();
  });

  test("a view of a view counts with the owner, and outlives both", () => {
    const a = la.arange(12);
    const b = a.reshape([3, 4]);
    const c = b.slice([1]);
    expect([a.refs, b.refs, c.refs]).toEqual([3, 3, 3]);
    a.release();
    b.release();
    expect(c.refs).toBe(1);
    expect(c.toArray()).toEqual([
      [4, 5, 6, 7],
      [8, 9, 10, 11],
    ]);
    c.release();
    expect(la.arena.stats().blocks).toBe(0);
  });

  test("retain: one release more", () => {
    const a = la.zeros(3);
    expect(a.retain()).toBe(a);
    expect(a.refs).toBe(2);
    a.release();
    expect([a.released, a.refs]).toEqual([false, 1]);
    a.release();
    expect([a.released, a.refs]).toEqual([true, 0]);
    expect(la.arena.stats().blocks).toBe(0);
  });

  test("a handle that was released does not come back with its block's next array", () => {
    const a = la.full(3, 1);
    a.release();
    const b = la.full(3, 2);
    expect(a.refs).toBe(0);
    refuses(la, () => a.at(0), RELEASED);
    refuses(la, () => a.release(), RELEASED);
    expect(b.refs).toBe(1);
    expect(b.toArray()).toEqual([2, 2, 2]);
  });

  test("releasing one handle twice is an error, and takes nobody else's reference", () => {
    const a = la.zeros([2, 3]);
    const b = a.T;
    a.release();
    refuses(la, () => a.release(), ["ReleasedError", "RELEASED", "(2, 3)"]);
    expect(b.refs).toBe(1);
    b.release();
    refuses(la, () => b.release(), ["ReleasedError", "RELEASED", "(3, 2)"]);
  });

  test("dispose: as release, and harmless when there is nothing left", () => {
    const a = la.zeros(3);
    const b = a.T;
    a[Symbol.dispose]();
    expect([a.released, b.refs]).toEqual([true, 1]);
    a[Symbol.dispose]();
    expect(b.refs).toBe(1);
    b.release();
    b[Symbol.dispose]();
    expect(la.arena.stats()).toMatchObject({ blocks: 0, frees: 1 });
  });

  test("using", () => {
    {
      using a = la.zeros([2, 2]);
      using b = a.T;
      expect(b.refs).toBe(2);
    }
    expect(la.arena.stats().blocks).toBe(0);
  });
});

describe("after release, everything that touches the memory says so", () => {
  const uses: [string, (a: NDArray, la: Context) => unknown][] = [
    ["data", (a) => a.data],
    ["T", (a) => a.T],
    ["at", (a) => a.at(0, 0)],
    ["set", (a) => a.set(1, 0, 0)],
    ["slice", (a) => a.slice([0, 1])],
    ["row", (a) => a.row(0)],
    ["col", (a) => a.col(0)],
    ["reshape", (a) => a.reshape([4])],
    ["copy", (a) => a.copy()],
    ["toArray", (a) => a.toArray()],
    ["toTyped", (a) => a.toTyped()],
    ["elements", (a) => a.elements()],
    ["heatmap", (a) => a.heatmap()],
    ["share", (a) => a.share()],
    ["name", (a) => a.name],
    ["retain", (a) => a.retain()],
    ["release", (a) => a.release()],
    ["array()", (a, la) => la.array(a)],
    ["matmul()", (a, la) => la.matmul(a, a)],
  ];

  test("no public name is left out", () => {
    const quiet = [
      "constructor",
      "ndim",
      "size",
      "refs",
      "released",
      "isContiguous",
      "check",
      "watch",
      "toString",
      "toHTML",
      "toElement",
    ];
    const named = Object.getOwnPropertyNames(NDArray.prototype).filter((name) => !quiet.includes(name));
    expect(named.filter((name) => !uses.some(([use]) => use === name))).toEqual([]);
  });

  test.each(uses)("%s", (_, use) => {
    const a = la.ones([2, 2]);
    const other = a.T;
    a.release();
    refuses(la, () => use(a, la), RELEASED);
    expect(other.refs).toBe(1);
    other.release();
    refuses(la, () => use(a, la), RELEASED);
    refuses(la, () => use(other, la), RELEASED);
  });

  test("what it was can still be asked", () => {
    const a = la.ones([2, 3], { dtype: "f32" }).slice([], [0, 2]);
    a.release();
    expect(a).toMatchObject({
      shape: [2, 2],
      strides: [3, 1],
      dtype: "float32",
      size: 4,
      ndim: 2,
      released: true,
    });
    expect(a.isContiguous).toBe(false);
  });

  test("gemm and npy", async () => {
    const [a, b, c] = [la.ones([2, 2]), la.ones([2, 2]), la.ones([2, 2])];
    b.release();
    refuses(la, () => la.gemm({ a, b, c }), RELEASED);
    refuses(la, () => la.gemm({ a: b, b: a, c }), RELEASED);
    refuses(la, () => la.gemm({ a, b: c, c: b }), RELEASED);
    refuses(la, () => la.matmul(a, c, { out: b }), RELEASED);
    await refusesLater(la.npyBytes(b), RELEASED);
    await refusesLater(la.saveNpy(b, "/nowhere/at/all.npy"), RELEASED);
    expect(c.toArray()).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });
});

describe("scope", () => {
  test("releases what is made inside, but what it returns", () => {
    const outside = la.zeros(1);
    const kept = la.scope(() => {
      const a = la.ones([4, 4]);
      const b = a.T;
      la.matmul(a, b).slice([0, 2]);
      return la.matmul(b, a);
    });
    expect(kept.toArray()).toEqual(Array(4).fill(Array(4).fill(4)));
    expect(kept.refs).toBe(1);
    expect(outside.refs).toBe(1);
    expect(la.arena.stats().blocks).toBe(2);
  });

  test("returned alone, in arrays, in plain objects, deep inside; other values pass through", () => {
    const result = la.scope(() => {
      const [a, b, c] = [la.full(1, 1), la.full(1, 2), la.full(1, 3)];
      la.zeros(9);
      return { a, more: [{ b }, [c], null, undefined, 5], text: "x" };
    });
    expect(la.arena.stats().blocks).toBe(3);
    expect([result.a.at(0), result.text]).toEqual([1, "x"]);
    expect(la.scope(() => 7)).toBe(7);
    expect(la.scope(() => undefined)).toBeUndefined();
    expect(la.scope(() => null)).toBeNull();
  });

  test("a view that is returned keeps its block, and only its reference", () => {
    const view = la.scope(() => la.arange(6).reshape([2, 3]).T);
    expect(view.refs).toBe(1);
    expect(view.at(2, 1)).toBe(5);
  });

  test("what was released inside, or retained, is not released again", () => {
    let held: NDArray | undefined;
    la.scope(() => {
      la.zeros(3).release();
      held = la.full(3, 6).retain();
    });
    expect(held!.refs).toBe(1);
    expect(held!.at(0)).toBe(6);
    held!.release();
    expect(la.arena.stats().blocks).toBe(0);
  });

  test("nested: what leaves the inner scope belongs to the outer one", () => {
    const out = la.scope(() => {
      const inner = la.scope(() => {
        la.zeros(1);
        return [la.full(1, 1), la.full(1, 2)];
      });
      expect(la.arena.stats().blocks).toBe(2);
      la.zeros(1);
      return inner[1]!;
    });
    expect(out.at(0)).toBe(2);
    expect(la.arena.stats().blocks).toBe(1);
  });

  test("an array from outside that is returned is not taken over", () => {
    const a = la.zeros(1);
    la.scope(() => {
      expect(la.scope(() => a)).toBe(a);
    });
    expect(a.released).toBe(false);
  });

  test("also if it throws; and the scope is over then", () => {
    const error = new Error("mine");
    expect(() =>
      la.scope(() => {
        la.zeros(3);
        la.scope(() => {
          la.zeros(4);
          throw error;
        });
      }),
    ).toThrow(error);
    expect(la.arena.stats().blocks).toBe(0);
    const after = la.zeros(1);
    la.scope(() => undefined);
    expect(after.released).toBe(false);
  });

  test("asynchronous functions are refused, and leave nothing", () => {
    for (const fn of [
      async () => la.zeros(3),
      () => Promise.resolve(la.zeros(3)),
      // biome-ignore lint/suspicious/noThenProperty: what has one is a promise, as `await` sees it
      () => ({ then: () => la.zeros(1) }) as unknown as Promise<NDArray>,
    ]) {
      const blocks = la.arena.stats().blocks;
      expect(() => la.scope(fn)).toThrow(/scope: fn is asynchronous/);
      expect(la.arena.stats().blocks).toBe(blocks);
    }
  });

  test("after an operation failed inside: its operands are released, too", () => {
    expect(() => la.scope(() => la.matmul(la.zeros([2, 3]), la.zeros([2, 3])))).toThrow(/inner sizes differ/);
    expect(la.arena.stats()).toMatchObject({ blocks: 0, used: 0, holes: 1 });
  });

  test("literals copied in for an operation do not stay", () => {
    const c = la.scope(() => la.matmul([[1, 2]], [[3], [4]]));
    expect(c.toArray()).toEqual([[11]]);
    expect(la.arena.stats().blocks).toBe(1);
  });
});

describe("cell", () => {
  const operands = () => la.cell("operands", () => ({ a: la.ones([4, 4]), b: la.zeros([4, 4]).T }));

  test("is a scope: what is not returned is released; and each run releases what the last one has kept", () => {
    const first = operands();
    const { used, blocks } = la.arena.stats();
    for (let i = 0; i < 5; ++i) {
      la.cell("product", () => la.matmul(first.a, la.eye(4)));
      la.cell("heat map", () => la.ones([9, 9]).heatmap());
    }
    expect(la.arena.stats().blocks).toBe(blocks + 1);
    la.cell("product", () => undefined);
    const second = operands();
    expect([first.a.released, first.b.released, second.b.released]).toEqual([true, true, false]);
    expect(la.arena.stats()).toMatchObject({ used, blocks });
  });

  test("what was released meanwhile is not released again, what was retained stays, what came from outside is not its own", () => {
    const outside = la.full(1, 7);
    const kept = la.cell("x", () => [la.full(1, 1), la.full(1, 2), outside] as const);
    kept[0].release();
    kept[1].retain();
    la.cell("x", () => outside);
    la.cell("x", () => undefined);
    expect(kept.map(({ released }) => released)).toEqual([true, false, false]);
    expect(kept[1].refs).toBe(1);
    expect(la.arena.stats().blocks).toBe(2);
  });

  test("a run that fails keeps nothing, nor what the last one has kept", () => {
    la.cell("x", () => la.zeros(3));
    expect(() => la.cell("x", () => la.matmul(la.zeros([2, 3]), la.zeros([2, 3])))).toThrow(/inner sizes/);
    expect(la.arena.stats().blocks).toBe(0);
    expect(() => la.cell("x", async () => la.zeros(3))).toThrow("cell: fn is asynchronous");
    expect(la.arena.stats().blocks).toBe(0);
  });
});

describe("printing", () => {
  test("console.log shows what NumPy shows", () => {
    const a = la.array([
      [1, 2.5],
      [-3, 4],
    ]);
    expect(inspect(a)).toBe("array([[ 1. ,  2.5],\n       [-3. ,  4. ]])");
    expect(inspect(a.T)).toBe("array([[ 1. , -3. ],\n       [ 2.5,  4. ]])");
    expect(String(a)).toBe("[[ 1.   2.5]\n [-3.   4. ]]");
    expect(inspect(la.array([1], { dtype: "f32" }))).toBe("array([1.], dtype=float32)");
    expect(inspect(la.zeros([0, 2]))).toBe("array([], shape=(0, 2), dtype=float64)");
    expect(inspect(la.arange(2000))).toContain("..., 1.997e+03");
    expect(inspect({ a: la.full([], 3) })).toBe("{ a: array(3.) }");
  });

  test("released: says so, and does not throw", () => {
    const a = la.zeros([2, 3], { dtype: "f32" });
    a.release();
    expect(inspect(a)).toBe("array(released, shape=(2, 3), dtype=float32)");
    expect(`${a}`).toBe(inspect(a));
  });
});

test("after close: every use is ClosedError, release is harmless", () => {
  const [a, b] = [la.zeros([2, 2]), la.zeros([2, 2])];
  la.close();
  for (const use of [
    () => a.data,
    () => a.T,
    () => a.at(0, 0),
    () => a.copy(),
    () => a.retain(),
    () => la.matmul(a, b),
  ]) {
    refuses(la, use, ["ClosedError", "CLOSED", "init()"]);
  }
  a.release();
  expect(a.released).toBe(true);
  a.release();
  a[Symbol.dispose]();
});

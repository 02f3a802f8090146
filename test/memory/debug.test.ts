import { beforeEach, describe, expect, test } from "vitest";
import { CorruptError, ReleasedError } from "../../src/errors.ts";
import type { Context, NDArray } from "../../src/index.ts";
import { UNIT } from "../../src/memory/layout.ts";
import { context, refuses } from "../helpers/context.ts";
import { LAYOUTS, layOut, randomArray } from "../helpers/product.ts";
import { arenaOf } from "./model.ts";

let la: Context;
beforeEach(async () => {
  la = await context({ debug: true, threads: 1 });
});

/** All bytes of an array's block, guards included: byte 0 of its data is at UNIT. */
function blockOf({ store: { linear, arena }, block }: NDArray): Uint8Array {
  const { size } = arena.list().find(({ id }) => id === block.id)!;
  return linear.bytes(arena.addressOf(block) - UNIT, size);
}

/** All that an arena tells of itself. */
const told = ({ arena }: Context): unknown => [arena.stats(), arena.blocks()];

describe("guards", () => {
  test.each([0, 1, 7, 8, 9, 16])("%d float64: every byte around them is guarded, none of theirs", (count) => {
    const a = la.zeros(count);
    const neighbour = la.zeros(3);
    const before = told(la);
    const bytes = blockOf(a);
    expect(bytes.length).toBe(64 * Math.max(1, Math.ceil(count / 8)) + 2 * UNIT);
    for (let at = 0; at < bytes.length; ++at) {
      const byte = at - UNIT;
      const right = bytes[at]!;
      bytes[at]! ^= 1 << (at & 7);
      if (byte >= 0 && byte < 8 * count) {
        expect(la.arena.check()).toEqual({ problems: [], repaired: false });
      } else {
        const where = byte < 0 ? "before its start" : "behind its end";
        const problem = `Block ${a.block.id}, ${8 * count} bytes, was written over at byte ${byte}, ${where}.`;
        expect(la.arena.check()).toEqual({ problems: [problem], repaired: false });
        refuses(la, () => a.release(), ["CorruptError", "CORRUPT", problem, "Allocated:"]);
        expect([a.refs, a.released]).toEqual([1, false]);
      }
      bytes[at] = right;
    }
    expect(told(la)).toEqual(before);
    for (const array of [a, neighbour]) array.release();
    expect(la.arena.stats()).toMatchObject({ blocks: 0, used: 0 });
  });

  test("an overrun by way of array.data, and an underrun; the byte that is told is the nearest", () => {
    const a = la.zeros(5);
    const { buffer, byteOffset } = a.data;
    const around = new Float64Array(buffer, byteOffset - 16, 9);
    around.set([1, 2], 7);
    expect(() => a.release()).toThrow(CorruptError);
    expect(() => a.T).not.toThrow();
    expect(la.arena.check().problems[0]).toMatch(/ at byte 4\d, behind its end/);
    around.set([1, 2]);
    expect(la.arena.check().problems[0]).toMatch(/ at byte -[1-8], before its start/);
  });

  test("a view finds it, too, and can be released when it is put right", () => {
    const a = la.zeros([2, 2]);
    const view = a.T;
    const bytes = blockOf(a);
    bytes[UNIT + 32]! ^= 255;
    expect(() => view.release()).toThrow(CorruptError);
    expect([view.released, a.refs]).toEqual([false, 2]);
    bytes[UNIT + 32]! ^= 255;
    view.release();
    a.release();
  });

  test("a lock's words, and a thread's other blocks, are guarded as arrays are", () => {
    const lock = la.lock();
    Atomics.store(lock.words, lock.index + 2, 1);
    expect(la.arena.check().problems[0]).toContain("8 bytes, was written over at byte 8, behind its end");
    expect(() => lock[Symbol.dispose]()).toThrow(CorruptError);
  });

  test("kernels write what is theirs: products of all sizes and layouts", () => {
    for (const dtype of ["float32", "float64"] as const) {
      for (const [m, k, n] of [
        [1, 1, 1],
        [5, 3, 7],
        [13, 1, 33],
        [1, 9, 17],
        [23, 31, 1],
        [70, 40, 50],
      ] as const) {
        for (const layout of LAYOUTS) {
          la.scope(() => {
            const [a, b] = [randomArray(la, [m, k], 1, dtype), randomArray(la, [k, n], 2, dtype)];
            const { view } = layOut(la, randomArray(la, [m, n], 3, dtype), layout);
            la.matmul(a, b, { out: view });
            la.gemm({ a, b, c: view, beta: 1 });
            for (const make of [la.random, la.standardNormal]) make.call(la, [m, n], { seed: 1, dtype });
            view.copy();
            expect(la.arena.check(), `${dtype} ${m} ${k} ${n} ${layout}`).toEqual({
              problems: [],
              repaired: false,
            });
          });
        }
      }
    }
    expect(la.arena.stats().blocks).toBe(0);
  });
});

describe("poison", () => {
  test("a fresh block is NaN, and so is a freed one", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const { store } = la.zeros(0);
      const a = store.allocate([100], dtype);
      const { data } = a;
      expect([...data]).toEqual(Array.from(data, () => Number.NaN));
      data.fill(7);
      const kept = blockOf(a);
      a.release();
      expect([...data].every(Number.isNaN)).toBe(true);
      expect(kept.every((byte) => byte === 255)).toBe(true);
      expect([...store.allocate([100], dtype).data].every(Number.isNaN)).toBe(true);
    }
  });

  test("not of what is held still, or again", () => {
    const a = la.ones(10);
    const view = a.T;
    a.release();
    expect(view.toArray()).toEqual(Array(10).fill(1));
    view.release();
    expect(la.full(10, 3).toArray()).toEqual(Array(10).fill(3));
  });
});

describe("stacks", () => {
  function allocateHere(): NDArray {
    return la.zeros(4);
  }
  function releaseHere(array: NDArray): void {
    array.release();
  }
  const both = /\nAllocated:\n[\s\S]*allocateHere[\s\S]*\nReleased:\n[\s\S]*releaseHere/;

  test("ReleasedError tells where a block was allocated, and where released", () => {
    const a = allocateHere();
    releaseHere(a);
    const { id, generation } = a.block;
    for (const use of [
      () => a.at(0),
      () => a.T,
      () => a.retain(),
      () => releaseHere(a),
      () => la.matmul(a, a),
    ])
      refuses(la, use, ["ReleasedError", "RELEASED", `block ${id}, generation ${generation}`, both]);
  });

  test("also of a block released below zero", () => {
    const { arena } = la.zeros(0).store;
    const { block } = allocateHere();
    (function releaseHere() {
      arena.release(block);
    })();
    const before = told(la);
    for (const use of [
      () => arena.release(block),
      () => arena.blocks.retain(block),
      () => arena.blocks.post(block),
    ]) {
      expect(use).toThrow(ReleasedError);
      expect(use).toThrow(
        new RegExp(`Block ${block.id} \\(generation ${block.generation}\\).*${both.source}`),
      );
    }
    expect(told(la)).toEqual(before);
  });

  test("not of the next block in the same record", () => {
    const a = allocateHere();
    releaseHere(a);
    const b = la.zeros(4);
    expect(b.block.id).toBe(a.block.id);
    expect(() => a.at(0)).toThrow(/^(?![\s\S]*Allocated:)/);
    b.release();
    expect(() => b.at(0)).toThrow(/^(?![\s\S]*allocateHere)[\s\S]*Allocated:/);
  });

  test("leaks() carries them: whatever made the array, the line that asked for it is there", () => {
    const square = la.full([3, 3], 1);
    const strided = la.zeros([3, 9]).slice([], [0, 6, 2]);
    const makers: (() => NDArray)[] = [
      () => la.array([1, 2]),
      () => la.array(strided),
      () => la.array(square, { dtype: "f32", name: "n" }),
      () => la.fromTyped(new Float32Array(3)),
      () => la.ones(3),
      () => la.eye(2),
      () => la.arange(4),
      () => la.random(3, { seed: 1 }),
      () => la.standardNormal(3, { seed: 1 }),
      () => la.matmul(square, square),
      () => la.matmul([[1, 2]], [[3], [4]]),
      () => strided.copy(),
      () => strided.reshape(9),
    ];
    for (const maker of makers) {
      const made = (function askedForHere() {
        return maker();
      })();
      made.share();
      const { stack } = la.arena.leaks().find(({ id }) => id === made.block.id)!;
      expect(stack, String(maker)).toContain("askedForHere");
      expect(stack).not.toMatch(/stackHere|Debug/);
      made.release();
    }
  });
});

describe("without debug", () => {
  test("releasing twice is an error, disposing twice is none; neither changes anything else", async () => {
    for (const debug of [false, true]) {
      const on = await context({ debug, threads: 1 });
      const a = on.zeros(4);
      const view = a.T;
      view.release();
      refuses(on, () => view.release(), ["ReleasedError", "RELEASED"]);
      refuses(on, () => view.retain(), ["ReleasedError", "RELEASED"]);
      expect(a.refs).toBe(1);
      for (let i = 0; i < 3; ++i) a[Symbol.dispose]();
      expect(on.arena.stats()).toMatchObject({ blocks: 0, used: 0, allocations: 1, frees: 1 });
      const b = on.zeros(4).retain();
      b[Symbol.dispose]();
      expect([b.refs, b.released]).toEqual([1, false]);
      b[Symbol.dispose]();
      b[Symbol.dispose]();
      expect([b.refs, b.released, on.arena.stats().blocks]).toEqual([0, true, 0]);
    }
  });

  test("there are no guards, no NaN, no stacks", () => {
    const arena = arenaOf({ pages: 1 });
    const handle = arena.allocate(64);
    expect(arena.stats().used).toBe(64);
    arena.release(handle);
    expect(() => arena.release(handle)).toThrow(/cannot change any more\.$/);
  });
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { attach, type Context, type NDArray, type SharedArray } from "../../src/index.ts";
import { context, refuses } from "../helpers/context.ts";

// Arrays in messages. Threads are in test/team; here one thread has several contexts.

let la: Context;
let a: NDArray;
beforeEach(async () => {
  la = await context({ debug: true, threads: 1 });
  a = la.array([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  a.name = "shared";
});
afterEach(() => la.close());

const told = (): unknown => [la.arena.stats(), la.arena.blocks(), la.arena.leaks()];
const posted = (): unknown => la.arena.leaks().map(({ kind, id, refs }) => [kind, id, refs]);

describe("a reference in a message", () => {
  test("is counted, is seen in leaks(), and keeps the block until it is adopted", () => {
    const { id } = a.block;
    const messages = [a.share(), a.share(), structuredClone(a.share())];
    expect([a.refs, posted()]).toEqual([4, [["posted", id, 3]]]);
    expect(la.arena.leaks()).toMatchObject([
      { name: "shared", bytes: 48, stack: expect.stringContaining("sharing.test") },
    ]);
    expect(la.arena.blocks().find((block) => block.id === id)).toMatchObject({ refs: 4, posted: 3 });
    a.release();
    expect(la.arena.check()).toEqual({ problems: [], repaired: false });
    const adopted = messages.map((message, i) => {
      const array = la.adopt(message);
      expect(posted()).toEqual(i < 2 ? [["posted", id, 2 - i]] : []);
      return array;
    });
    for (const array of adopted)
      expect([array.toArray(), array.name]).toEqual([
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        "shared",
      ]);
    for (const array of adopted) array.release();
    expect(la.arena.stats()).toMatchObject({ blocks: 0, used: 0, requested: 0 });
  });

  test.each<[string, (array: NDArray) => NDArray, unknown]>([
    [
      "all",
      (array) => array.retain(),
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    [
      "transposed",
      (array) => array.T,
      [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
    ],
    [
      "backwards",
      (array) => array.slice([null, null, -1], [null, null, -1]),
      [
        [6, 5, 4],
        [3, 2, 1],
      ],
    ],
    [
      "every other",
      (array) => array.slice([], [0, 3, 2]),
      [
        [1, 3],
        [4, 6],
      ],
    ],
    ["a column", (array) => array.col(-1), [3, 6]],
    ["one element", (array) => array.slice([1, 2], [2, 3]).reshape([]), 6],
    ["nothing", (array) => array.slice([2, 2]), []],
    ["a row that ends with the block", (array) => array.row(1), [4, 5, 6]],
  ])("of a view: %s", (_, view, elements) => {
    const adopted = la.adopt(structuredClone(view(a).share()));
    expect(adopted.toArray()).toEqual(elements);
    expect(adopted.block).toEqual(a.block);
  });

  test("one of another array does not do", () => {
    const b = la.zeros(3);
    b.share();
    const forged = { ...a.share(), id: b.block.id, shape: [4], strides: [1] };
    refuses(la, () => la.adopt(forged), ["UnsupportedError", "FOREIGN", "beyond their block"]);
    expect([a.refs, b.refs]).toEqual([2, 2]);
  });

  test("a thread that has ended and kept a block, or a lock: orphaned", async () => {
    const other = await attach(la.share());
    const left = other.adopt(a.share());
    const lock = other.lock();
    const returned = la.adopt(other.full(3, 7).share());
    expect(la.arena.leaks()).toEqual([]);
    other.close();
    expect([left.released, a.refs, returned.toArray()]).toEqual([false, 1, [7, 7, 7]]);
    const orphans = la.arena.leaks().map(({ kind, name, refs, bytes }) => [kind, name, refs, bytes]);
    // What it made and another has adopted is still listed under its name: it holds one reference, ours.
    expect(orphans).toEqual(expect.arrayContaining([["orphaned", "Lock", 1, 8]]));
    expect(orphans).toEqual(expect.arrayContaining([["orphaned", "", 1, 24]]));
    expect(orphans).toHaveLength(2);
    expect(lock.locked()).toBe(false);
    returned.release();
    expect(la.arena.leaks().map(({ name }) => name)).toEqual(["Lock"]);
  });
});

describe("what was not shared so is refused, and nothing changes", () => {
  const FORGED: readonly [what: string, change: (share: SharedArray) => object, message?: string | RegExp][] =
    [
      ["another id", ({ id }) => ({ id: id + 1 })],
      ["id 0", () => ({ id: 0 }), "no such block"],
      ["a negative id", ({ id }) => ({ id: -id }), "no such block"],
      ["half an id", ({ id }) => ({ id: id + 0.5 }), "no such block"],
      ["an id beyond the table", () => ({ id: 1e9 }), "no such block"],
      ["an id that is no number", ({ id }) => ({ id: String(id) }), "no such block"],
      ["no id", () => ({ id: undefined }), "no such block"],
      [
        "an earlier generation",
        ({ generation }) => ({ generation: generation - 1 }),
        "adopted already, or released",
      ],
      [
        "a later generation",
        ({ generation }) => ({ generation: generation + 1 }),
        "adopted already, or released",
      ],
      ["no generation", () => ({ generation: Number.NaN }), "adopted already, or released"],
      ["another context", ({ context }) => ({ context: context ^ 1 }), "of another context"],
      ["no context", () => ({ context: undefined }), "of another context"],
      ["more rows", () => ({ shape: [3, 3] }), "beyond their block"],
      ["one column more", () => ({ shape: [2, 4], strides: [3, 1] }), "beyond their block"],
      ["what would fit only the rounded size", () => ({ shape: [8], strides: [1] }), "beyond their block"],
      ["2^60 elements", () => ({ shape: [2 ** 30, 2 ** 30], strides: [2 ** 30, 1] }), "beyond their block"],
      ["negative extents", () => ({ shape: [-2, -3] })],
      ["a negative extent beside 0", () => ({ shape: [0, -3] })],
      ["half a row", () => ({ shape: [1.5, 3] })],
      ["NaN rows", () => ({ shape: [Number.NaN, 3] })],
      ["extents that are no numbers", () => ({ shape: ["2", "3"] })],
      ["a shape with a gap", () => ({ shape: Object.assign(new Array(2), { 1: 3 }) })],
      ["no shape", () => ({ shape: undefined })],
      ["a shape that is a number", () => ({ shape: 6 })],
      ["fewer axes than strides", () => ({ shape: [2] })],
      ["more axes than strides", () => ({ shape: [2, 3, 1] })],
      ["larger strides", () => ({ strides: [4, 1] }), "beyond their block"],
      ["backwards before the start", () => ({ strides: [3, -1] }), "beyond their block"],
      ["half a stride", () => ({ strides: [0.5, 1] })],
      ["endless strides", () => ({ strides: [Number.POSITIVE_INFINITY, 1] })],
      ["no strides", () => ({ strides: undefined })],
      ["an offset", () => ({ offset: 1 }), "beyond their block"],
      ["a negative offset", () => ({ offset: -1 }), "beyond their block"],
      ["half an offset", () => ({ offset: 0.5, shape: [1], strides: [1] })],
      ["no offset", () => ({ offset: undefined })],
      ["an offset that is no number", () => ({ offset: "0" })],
      ["the other dtype", () => ({ dtype: "float32" }), "no float32 elements"],
      ["a short name of a dtype", () => ({ dtype: "f64" })],
      ["a dtype that is not known", () => ({ dtype: "int8" })],
      ["no dtype", () => ({ dtype: undefined })],
      ["a dtype that every object has", () => ({ dtype: "constructor" })],
    ];
  test.each(FORGED)("%s", (_, change, message = "adopt: ") => {
    // A neighbour, so that the next id is a block; and one that was released, so that there are stale records.
    const b = la.zeros([2, 3]);
    la.zeros(1000).release();
    const share = structuredClone(a.share());
    const before = told();
    refuses(la, () => la.adopt({ ...share, ...change(share) } as SharedArray), [
      "UnsupportedError",
      "FOREIGN",
      message,
    ]);
    expect(told()).toEqual(before);
    expect([a.refs, b.refs]).toEqual([2, 1]);
    // What was really shared is still there to be adopted.
    expect(la.adopt(share).toArray()).toEqual(a.toArray());
  });

  test("twice", () => {
    const share = a.share();
    la.adopt(share);
    const before = told();
    refuses(la, () => la.adopt(share), ["UnsupportedError", "FOREIGN", "adopted already"]);
    expect(told()).toEqual(before);
  });

  test("in another context, and what is no share at all", async () => {
    const other = await context({ threads: 1 });
    const share = a.share();
    const before = told();
    refuses(other, () => other.adopt(share), ["UnsupportedError", "FOREIGN", "(2, 3) of another context"]);
    for (const nothing of [undefined, null, {}, { blasm: "Array" }, 5])
      refuses(la, () => la.adopt(nothing as never), ["LockError", "WORDS"]);
    expect(told()).toEqual(before);
    other.close();
  });

  test("stale: the block is gone, its record perhaps another's", () => {
    const share = a.share();
    la.adopt(share).release();
    a.release();
    const gone = told();
    refuses(la, () => la.adopt(share), ["UnsupportedError", "FOREIGN"]);
    expect(told()).toEqual(gone);
    const next = la.zeros([2, 3]);
    expect(next.block.id).toBe(share.id);
    next.share();
    const before = told();
    refuses(la, () => la.adopt(share), ["UnsupportedError", "FOREIGN", "adopted already, or released"]);
    expect(told()).toEqual(before);
  });

  test("a released array, a closed context", () => {
    const share = a.share();
    const view = a.T;
    view.release();
    refuses(la, () => view.share(), ["ReleasedError", "RELEASED"]);
    la.close();
    refuses(la, () => la.adopt(share), ["ClosedError", "CLOSED"]);
    refuses(la, () => a.share(), ["ClosedError", "CLOSED"]);
  });
});

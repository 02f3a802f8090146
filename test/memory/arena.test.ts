import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArenaFullError, ReleasedError, ShapeError } from "../../src/errors.ts";
import type { Arena } from "../../src/memory/arena.ts";
import type { BlockHandle } from "../../src/memory/block.ts";
import { ELEMENTS, PAGE, SEGMENT_RECORDS, UNIT } from "../../src/memory/layout.ts";
import { Lcg } from "../assembly/lcg.ts";
import { context, refuses } from "../helpers/context.ts";
import { type ArenaSetup, arenaOf, attached, BASE, Model } from "./model.ts";

/** What a program does: one thing to a block, by one of the threads. */
interface Step {
  readonly what: "allocate" | "retain" | "release" | "post" | "adopt" | "rename" | "stale";
  readonly who: number;
  /** Which block, of those that are there. */
  readonly pick: number;
  /** Of a new block. */
  readonly bytes: number;
  readonly name: string;
}

function run(model: Model, { what, who, pick, bytes, name }: Step, audit = true): void {
  if (what === "allocate") {
    const elements = ELEMENTS[pick % ELEMENTS.length]!;
    model.allocate(who, bytes, { elements, shape: elements === "" ? [] : [bytes >> 3], name });
  } else if (what === "rename") model.rename(who, pick, name);
  else if (what === "stale") model.useStale(who, pick);
  else model[what](who, pick);
  // By another thread than the one that did it.
  model.check(who + 1, audit);
}

/** Letters of one to four bytes: what is cut off at 12 must be whole. */
const LETTERS = ["a", "B", "9", "_", "ä", "é", "∑", "数", "😀"];

const SIZES = fc.oneof(
  fc.nat(3 * UNIT),
  fc.nat(40 * UNIT),
  fc.nat(400 * UNIT),
  fc.constantFrom(0, 1, 63, 64, 65, 15 * 64, 16 * 64, 17 * 64, PAGE, PAGE + 1, 2 * PAGE, 5 * PAGE),
);
const STEP: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(
    { weight: 5, arbitrary: fc.constant("allocate" as const) },
    { weight: 4, arbitrary: fc.constant("release" as const) },
    { weight: 3, arbitrary: fc.constantFrom("retain", "post", "adopt", "rename", "stale") },
  ),
  who: fc.nat(2),
  pick: fc.nat(1000),
  bytes: SIZES,
  name: fc.array(fc.constantFrom(...LETTERS), { maxLength: 14 }).map((letters) => letters.join("")),
});

/** A step of a long program, which fills the arena or empties it. */
function draw(random: Lcg, sizes: readonly number[], filling: boolean): Step {
  const die = random.below(20);
  const rare = (["retain", "post", "adopt", "rename", "stale"] as const)[die - 15];
  return {
    what: rare ?? (die < (filling ? 8 : 3) ? "allocate" : "release"),
    who: random.below(3),
    pick: random.below(1e6),
    bytes: random.below(random.pick(sizes)),
    name: Array.from({ length: Math.max(0, random.below(40) - 28) }, () => random.pick(LETTERS)).join(""),
  };
}

describe("an arena is what a list of blocks says, after every step", () => {
  for (const [name, setup] of [
    ["unshared", {}],
    ["two threads' views of a shared memory", { shared: true, threads: 2, scarce: true }],
    ["with debug", { shared: true, threads: 2, debug: true }],
  ] as const) {
    test(`random programs, ${name}`, () => {
      const programs = fc.tuple(
        fc.integer({ min: 1, max: 2 }),
        fc.nat(3),
        fc.array(STEP, { maxLength: 120 }),
      );
      fc.assert(
        fc.property(programs, ([pages, growth, steps]) => {
          const model = new Model({ ...setup, pages, maximum: pages + growth });
          model.check();
          for (const step of steps) run(model, step);
        }),
        { numRuns: 100, seed: 1 },
      );
    });
  }

  interface Plan extends ArenaSetup {
    readonly name: string;
    readonly steps: number;
    readonly threads?: number;
    /** Sizes are below one of these. */
    readonly sizes: readonly number[];
    /** Blocks that there are before. */
    readonly before?: number;
    /** What must have happened so often, or the program does not try what it should. */
    readonly least: Partial<Record<"allocations" | "fulls" | "growths" | "tables", number>>;
  }
  const EPOCH = 3000;
  const PLANS: readonly Plan[] = [
    {
      name: "one thread",
      pages: 1,
      maximum: 2,
      steps: 48_000,
      sizes: [200, 3000, PAGE],
      least: { allocations: 8000, fulls: 2000, growths: 15 },
    },
    {
      name: "three threads, a scarce host",
      pages: 1,
      maximum: 9,
      shared: true,
      threads: 3,
      scarce: true,
      steps: 33_000,
      sizes: [400, 9000, 3 * PAGE],
      least: { allocations: 5000, fulls: 1000, growths: 40 },
    },
    {
      name: "two threads, debug",
      pages: 1,
      maximum: 3,
      shared: true,
      threads: 2,
      debug: true,
      steps: 18_000,
      sizes: [200, 3000, PAGE],
      least: { allocations: 3000, fulls: 500, growths: 6 },
    },
    {
      name: "more blocks than the table has room for",
      pages: 1,
      maximum: 6,
      shared: true,
      threads: 2,
      steps: 1000,
      sizes: [64],
      before: 1010,
      least: { allocations: 1200, growths: 1, tables: 1 },
    },
  ];
  test.each(PLANS.map((plan) => [plan.name, plan.steps, plan] as const))(
    "a long program, from empty to full and back: %s, %d steps",
    (_, __, plan) => {
      const random = new Lcg(7);
      const seen = { allocations: 0, fulls: 0, growths: 0, tables: 0 };
      for (let at = 0; at < plan.steps; at += EPOCH) {
        // Each time anew: it has to grow again.
        const model = new Model(plan);
        for (let i = 0; i < (plan.before ?? 0); ++i) model.allocate(i, 1);
        for (let i = 0; i < Math.min(EPOCH, plan.steps); ++i)
          run(model, draw(random, plan.sizes, i < 0.65 * EPOCH), i % 10 === 0);
        seen.allocations += model.allocations;
        seen.fulls += model.fulls;
        seen.growths += model.growths;
        seen.tables += model.tables.length;
        model.clear();
        model.check();
        expect(model.arenas[0]!.stats()).toMatchObject({ blocks: 0, requested: 0 });
      }
      for (const [what, count] of Object.entries(plan.least)) {
        expect(seen[what as keyof typeof seen], what).toBeGreaterThanOrEqual(count);
      }
    },
  );
});

test("the lecture's case: a hole is reused by what fits, and what doesn't fit goes beyond", () => {
  const arena = arenaOf({ pages: 1 });
  const [a, b, c] = [arena.allocate(4096), arena.allocate(2048), arena.allocate(4096)];
  const [, atB, atC] = [a, b, c].map((handle) => arena.addressOf(handle)) as [number, number, number];
  arena.release(b);
  const large = arena.allocate(2049);
  expect(arena.addressOf(large)).toBe(atC + 4096);
  const fits = arena.allocate(2048);
  expect(arena.addressOf(fits)).toBe(atB);
  arena.release(fits);
  const first = arena.allocate(1000);
  const second = arena.allocate(1000);
  expect([first, second].map((handle) => arena.addressOf(handle))).toEqual([atB, atB + 1024]);
});

describe("counts and generations", () => {
  test("the last release makes the hole, one before does not", () => {
    const arena = arenaOf({ pages: 1 });
    const handle = arena.allocate(100);
    arena.blocks.retain(handle);
    arena.release(handle);
    expect(arena.blocks.refs(handle)).toBe(1);
    expect(arena.stats().blocks).toBe(1);
    arena.release(handle);
    expect(arena.blocks.refs(handle)).toBe(0);
    expect(arena.stats()).toMatchObject({ blocks: 0, used: 0, allocations: 1, frees: 1 });
  });

  test("below zero: ReleasedError, and nothing changes", () => {
    const arena = arenaOf({ pages: 1 });
    const handle = arena.allocate(100);
    arena.release(handle);
    const before = arena.stats();
    expect(() => arena.release(handle)).toThrow(ReleasedError);
    expect(() => arena.blocks.retain(handle)).toThrow(
      new RegExp(`Block ${handle.id} \\(generation ${handle.generation}\\)`),
    );
    expect(arena.stats()).toEqual(before);
  });

  test("a handle of an earlier block in the same record does not reach the later one", () => {
    const arena = arenaOf({ pages: 1 });
    const earlier = arena.allocate(64);
    arena.release(earlier);
    const later = arena.allocate(64);
    expect(later.id).toBe(earlier.id);
    expect(later.generation).toBeGreaterThan(earlier.generation);
    expect(() => arena.release(earlier)).toThrow(ReleasedError);
    expect(arena.blocks.refs(earlier)).toBe(0);
    expect(arena.blocks.refs(later)).toBe(1);
  });
});

test("a block that is made anew has none of the references of the one before on their way", () => {
  const arena = arenaOf({ pages: 1 });
  const earlier = arena.allocate(64);
  arena.blocks.post(earlier);
  // By mistake: the message's reference, too.
  for (let i = 0; i < 2; ++i) arena.release(earlier);
  const later = arena.allocate(64);
  expect(later.id).toBe(earlier.id);
  expect(arena.list()[0]).toMatchObject({ refs: 1, posted: 0 });
  expect(arena.blocks.adopt(later)).toBe(false);
});

test("memory and table that another thread has grown are seen when one comes in", () => {
  const arena = arenaOf({ pages: 1, maximum: 20, shared: true });
  const [other, third] = [attached(arena, 2), attached(arena, 3)];
  const handles = Array.from({ length: 1500 }, () => arena.allocate(8));
  expect(handles.some(({ id }) => id > SEGMENT_RECORDS)).toBe(true);
  expect(other.linear.size).toBeLessThan(arena.linear.size);
  expect(other.check()).toEqual({ problems: [], repaired: false });
  const theirs = third.allocate(8);
  expect(other.list()).toEqual(arena.list());
  expect(other.blocks.refs(theirs)).toBe(1);
  for (const handle of [...handles, theirs]) other.release(handle);
  expect(third.stats()).toMatchObject({ blocks: 0, requested: 0 });
});

describe("the block table grows out of the arena", () => {
  /** `count` blocks of one unit, each with its own number in it. */
  function fillWith(arena: Arena, count: number): BlockHandle[] {
    return Array.from({ length: count }, (_, i) => {
      const handle = arena.allocate(4);
      arena.linear.i32[arena.addressOf(handle) / 4] = i;
      return handle;
    });
  }

  for (const shared of [false, true]) {
    test(`1,100 and 3,500 and 8,000 live blocks, growing the memory as well (${shared ? "shared" : "unshared"})`, () => {
      const arena = arenaOf({ pages: 4, maximum: 40, shared });
      const live: BlockHandle[] = [];
      for (const [count, tables] of [
        [1000, 0],
        [1100, 1],
        [3500, 2],
        [8000, 3],
      ] as const) {
        const added = fillWith(arena, count - live.length);
        added.forEach((handle, i) => {
          arena.linear.i32[arena.addressOf(handle) / 4] = live.length + i;
        });
        live.push(...added);
        const list = arena.list();
        expect(list.filter(({ state }) => state === "table")).toHaveLength(tables);
        expect(arena.stats()).toMatchObject({ blocks: count, requested: 4 * count });
        const tableBytes = list.reduce((sum, { state, size }) => sum + (state === "table" ? size : 0), 0);
        expect(arena.stats().used).toBe(count * UNIT + tableBytes);
        // Neither table nor blocks lie on each other: pieces tile the arena, and no number was overwritten.
        let at = BASE;
        for (const { address, size } of list) {
          expect(address).toBe(at);
          at += size;
        }
        expect(at).toBe(BASE + arena.stats().capacity);
        live.forEach((handle, i) => {
          if (arena.linear.i32[arena.addressOf(handle) / 4] !== i) expect.fail(`block ${i} was overwritten`);
        });
      }
      expect(new Set(live.map(({ id }) => id)).size).toBe(8000);
      // Every other one first: thousands of holes; then the rest: one hole between tables.
      live.filter((_, i) => i % 2).forEach((handle) => void arena.release(handle));
      expect(arena.stats().blocks).toBe(4000);
      live.filter((_, i) => i % 2 === 0).forEach((handle) => void arena.release(handle));
      const states = arena.list().map(({ state }) => state);
      expect(states.filter((state) => state === "block")).toEqual([]);
      states.forEach((state, i) => {
        if (state === "hole" && states[i + 1] === "hole")
          expect.fail(`holes ${i} and ${i + 1} are neighbours`);
      });
    });
  }
});

describe("a full arena", () => {
  test("ArenaFullError tells the numbers and leaves the statistics as they were", () => {
    const arena = arenaOf({ pages: 1, maximum: 2 });
    arena.allocate(PAGE - 1000);
    const before = arena.stats();
    expect(() => arena.allocate(3 * PAGE)).toThrow(ArenaFullError);
    expect(() => arena.allocate(3 * PAGE)).toThrow(
      `No room for ${3 * PAGE} bytes: ${before.free} bytes free`,
    );
    expect(() => arena.allocate(2 ** 40)).toThrow(ArenaFullError);
    expect(arena.stats()).toEqual(before);
    arena.allocate(PAGE);
  });

  test("the message tells what was asked for, what there is, and what to do", () => {
    const arena = arenaOf({ pages: 1, maximum: 2 });
    const blocks = [1000, 100, 30_000, 100].map((bytes) => arena.allocate(bytes));
    arena.release(blocks[0]!);
    arena.release(blocks[2]!);
    const free = PAGE - 256;
    const largest = free - 1024 - 30_016;
    expect(() => arena.allocate(123_456)).toThrow(
      `No room for 123456 bytes: ${free} bytes free (largest hole ${largest}) of 65536, 2 blocks in use, and the memory ` +
        `cannot grow beyond ${BASE + 2 * PAGE} bytes. Release arrays (scope(), using), or ask for a larger memory.maximum in init()`,
    );
  });

  test("negative, fractional, infinite and no numbers of bytes are no sizes", () => {
    const arena = arenaOf({ pages: 1 });
    arena.allocate(10);
    const before = arena.stats();
    const none = [-1, -0.5, 0.5, 1.5, 2 ** 20 + 0.1, Number.NaN, Number.POSITIVE_INFINITY, "8", undefined];
    for (const bytes of none) expect(() => arena.allocate(bytes as number), `${bytes}`).toThrow(ShapeError);
    for (const bytes of [PAGE, 2 ** 32, 2 ** 32 + 64, 2 ** 53])
      expect(() => arena.allocate(bytes), `${bytes}`).toThrow(ArenaFullError);
    expect(arena.stats()).toEqual(before);
    expect(arena.check()).toEqual({ problems: [], repaired: false });
  });

  test("arrays without elements take one unit each", async () => {
    const la = await context({ threads: 1 });
    const shapes = [0, [3, 0], [0, 2 ** 40], [2 ** 52, 2 ** 52, 0]];
    const arrays = shapes.map((shape) => la.zeros(shape));
    for (const array of arrays) expect([array.size, array.toTyped().length]).toEqual([0, 0]);
    expect(la.arena.stats()).toMatchObject({ blocks: 4, used: 256, requested: 0 });
  });

  test("shapes that are none, or too large for wasm32", async () => {
    const la = await context({ threads: 1 });
    const makers: ((shape: never) => unknown)[] = [
      (shape) => la.zeros(shape),
      (shape) => la.full(shape, 1, { dtype: "f32" }),
      (shape) => la.random(shape, { seed: 1 }),
      (shape) => la.standardNormal(shape, { seed: 1 }),
    ];
    const none = [
      -1,
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      "3",
      null,
      undefined,
      {},
      [2, -1],
      [0.1],
      [[2]],
    ];
    for (const make of makers) {
      for (const shape of none) refuses(la, () => make(shape as never), ["ShapeError", "SHAPE"]);
      for (const shape of [2 ** 31, 2 ** 53 - 1, [2 ** 26, 2 ** 26], [2 ** 52, 2 ** 52, 2 ** 52]])
        refuses(la, () => make(shape as never), ["ShapeError", "SHAPE", "wasm32 addresses 4294967296"]);
      // As large as wasm32, and as large as this memory.
      for (const shape of [2 ** 29, 2 ** 26])
        refuses(la, () => make(shape as never), ["ArenaFullError", "ARENA_FULL", "memory.maximum"]);
    }
    expect(la.arena.stats()).toMatchObject({ blocks: 0, allocations: 0 });
  });

  test("with every byte taken: one more fails, and one released makes room for one again", () => {
    const arena = arenaOf({ pages: 1 });
    const handles = Array.from({ length: 16 }, () => arena.allocate(PAGE / 16));
    expect(arena.stats()).toMatchObject({ free: 0, holes: 0, largestHole: 0, fragmentation: 0 });
    expect(() => arena.allocate(0)).toThrow(ArenaFullError);
    arena.release(handles[5]!);
    expect(arena.addressOf(arena.allocate(PAGE / 16))).toBe(BASE + 5 * (PAGE / 16));
  });

  test("what fits a hole exactly gets it, also where the table has no room to grow", () => {
    const arena = arenaOf({ pages: 1 });
    const live: BlockHandle[] = [];
    expect(() => {
      for (;;) live.push(arena.allocate(1));
    }).toThrow(ArenaFullError);
    const freed = live[500]!;
    const address = arena.addressOf(freed);
    arena.release(freed);
    expect(arena.addressOf(arena.allocate(1))).toBe(address);
  });

  test("with no room for another segment of the table, statistics stay, too", () => {
    // 1,000 one-unit blocks, so many records that the next segment (128 KiB) is due, and no room for it.
    const arena = arenaOf({ pages: 1 });
    const live: BlockHandle[] = [];
    const fill = (): void => {
      for (;;) live.push(arena.allocate(1));
    };
    expect(fill).toThrow(ArenaFullError);
    expect(live.length).toBeGreaterThan(1000);
    const before = arena.stats();
    expect(() => arena.allocate(1)).toThrow(ArenaFullError);
    expect(arena.stats()).toEqual(before);
    for (const handle of live) arena.release(handle);
    expect(arena.stats()).toMatchObject({ used: 0, holes: 1, blocks: 0 });
  });

  test("if the table grows for a block that then does not fit, statistics stay as they were", () => {
    for (let count = 1015; count < 1025; ++count) {
      const arena = arenaOf({ pages: 2, maximum: 5 });
      for (let i = 0; i < count; ++i) arena.allocate(1);
      const before = arena.stats();
      expect(() => arena.allocate(5 * PAGE)).toThrow(ArenaFullError);
      expect(arena.stats(), `with ${count} blocks`).toEqual(before);
    }
  });
});

test("growth: at least what is missing, all that was there is kept, nothing beyond the maximum", () => {
  for (const shared of [false, true]) {
    const arena = arenaOf({ pages: 1, maximum: 300, shared });
    const first = arena.allocate(1000);
    arena.linear.i32[arena.addressOf(first) / 4] = 42;
    const big = arena.allocate(3 * PAGE);
    expect(arena.linear.i32[arena.addressOf(first) / 4]).toBe(42);
    expect(arena.addressOf(big)).toBe(BASE + 1024);
    expect(arena.linear.i32.byteLength).toBe(arena.linear.memory.buffer.byteLength);
    const { capacity } = arena.stats();
    expect(capacity).toBeGreaterThan(16 * 2 ** 20);
    arena.allocate(300 * PAGE - 1024 - 3 * PAGE);
    expect(arena.stats()).toMatchObject({ capacity: 300 * PAGE, free: 0 });
  }
});

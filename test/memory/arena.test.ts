import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArenaFullError, ReleasedError, ShapeError } from "../../src/errors.ts";
import { Arena } from "../../src/memory/arena.ts";
import type { BlockHandle } from "../../src/memory/block.ts";
import { PAGE, RECORD, SCRATCH, UNIT } from "../../src/memory/layout.ts";
import { LinearMemory } from "../../src/memory/linear.ts";
import { Lcg } from "../assembly/lcg.ts";

/** The arena of these tests begins where a context has its scratch: it needs none. */
const BASE = SCRATCH;
/** One thread needs no lock. */
const ALONE = { lock: { acquire: () => true, release() {} }, thread: 1, debug: false };

/** An arena of `pages` pages that can grow to `maximum`. */
function arenaOf(pages: number, maximum = pages, shared = false): Arena {
  const first = BASE / PAGE;
  const memory = new WebAssembly.Memory({ initial: first + pages, maximum: first + maximum, shared });
  return Arena.layOut(new LinearMemory(memory, (first + maximum) * PAGE, shared, undefined), BASE, ALONE);
}

interface Live {
  readonly handle: BlockHandle;
  readonly address: number;
  readonly size: number;
  readonly requested: number;
  refs: number;
}

interface Space {
  readonly address: number;
  readonly size: number;
}

/** As expect().toThrow(), but cheap enough for every step. */
function mustThrow(type: new (message: string) => Error, run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (error instanceof type) return;
    throw error;
  }
  expect.fail(`no ${type.name} was thrown`);
}

/** What an arena must be, kept the simple way: a list of blocks; the holes are what lies between them. */
class Model {
  readonly arena: Arena;
  readonly maximum: number;
  live: Live[] = [];
  stale: BlockHandle[] = [];
  readonly #made = new Set<string>();
  end: number;
  peak = 0;
  allocations = 0;
  frees = 0;

  constructor(pages: number, maximum: number, shared = false) {
    this.arena = arenaOf(pages, maximum, shared);
    this.end = BASE + pages * PAGE;
    this.maximum = BASE + maximum * PAGE;
  }

  get used(): number {
    return this.live.reduce((sum, { size }) => sum + size, 0);
  }

  holes(): Space[] {
    const holes: Space[] = [];
    let at = BASE;
    for (const { address, size } of [...this.live, { address: this.end, size: 0 }]) {
      if (address > at) holes.push({ address: at, size: address - at });
      at = address + size;
    }
    return holes;
  }

  allocate(bytes: number): void {
    const need = Math.max(UNIT, Math.ceil(bytes / UNIT) * UNIT);
    const holes = this.holes();
    const fitting = holes.filter(({ size }) => size >= need);
    const top = holes.find(({ address, size }) => address + size === this.end)?.size ?? 0;
    if (fitting.length === 0 && this.end - top + need > this.maximum) {
      mustThrow(ArenaFullError, () => this.arena.allocate(bytes));
      return;
    }
    const handle = this.arena.allocate(bytes);
    const address = this.arena.addressOf(handle);
    if (fitting.length === 0) {
      // It went beyond: onto the top hole, or right behind the last block.
      expect(address).toBe(this.end - top);
      const { capacity } = this.arena.stats();
      expect(BASE + capacity).toBeGreaterThanOrEqual(address + need);
      this.end = BASE + capacity;
    } else {
      const chosen = fitting.find((hole) => hole.address === address);
      expect(chosen, `${address} is not the start of a hole of ${need} bytes`).toBeDefined();
      // Good fit: no hole is chosen that is more than a bin (1/16) larger than the best one that surely fits.
      const sure = fitting.map(({ size }) => size).filter((size) => size * 16 >= need * 17);
      if (sure.length > 0) expect(chosen!.size * 16).toBeLessThanOrEqual(Math.min(...sure) * 17);
    }
    const name = `${handle.id} ${handle.generation}`;
    if (this.#made.has(name)) expect.fail(`the handle ${name} comes a second time`);
    this.#made.add(name);
    this.live.push({ handle, address, size: need, requested: bytes, refs: 1 });
    this.live.sort((one, other) => one.address - other.address);
    this.allocations += 1;
    this.peak = Math.max(this.peak, this.used);
  }

  retain(pick: number): void {
    const block = this.live[pick % this.live.length];
    if (!block) return;
    this.arena.blocks.retain(block.handle);
    block.refs += 1;
  }

  release(pick: number): void {
    const block = this.live[pick % this.live.length];
    if (!block) return;
    this.arena.release(block.handle);
    block.refs -= 1;
    if (block.refs > 0) return;
    this.live = this.live.filter((other) => other !== block);
    this.stale.push(block.handle);
    this.frees += 1;
  }

  /** A handle whose block is gone is noticed, whatever its record describes now. */
  useStale(pick: number): void {
    const handle = this.stale[pick % this.stale.length];
    if (!handle) return;
    expect(this.arena.blocks.refs(handle)).toBe(0);
    mustThrow(ReleasedError, () => this.arena.release(handle));
    mustThrow(ReleasedError, () => this.arena.blocks.retain(handle));
  }

  /** The arena as it lists itself, and its statistics, are the model's. */
  check(): void {
    const pieces = [
      ...this.live.map(({ address, size, requested, refs, handle }) => ({
        state: "block",
        address,
        size,
        requested,
        refs,
        id: handle.id,
        generation: handle.generation,
      })),
      ...this.holes().map((hole) => ({ state: "hole", ...hole, requested: 0, refs: 0 })),
    ].sort((one, other) => one.address - other.address);
    const listed = this.arena.list();
    if (listed.length !== pieces.length) expect(listed).toMatchObject(pieces);
    for (let i = 0; i < pieces.length; ++i) {
      const [want, got] = [pieces[i] as unknown as Record<string, unknown>, listed[i]!];
      for (const key in want) {
        if (want[key] !== got[key as keyof typeof got]) expect(got, `piece ${i}`).toMatchObject(want);
      }
      if (got.address % 64 !== 0) expect.fail(`piece ${i} begins at ${got.address}`);
    }
    const capacity = this.end - BASE;
    const { used } = this;
    const largestHole = Math.max(0, ...this.holes().map(({ size }) => size));
    const stats = {
      capacity,
      used,
      free: capacity - used,
      largestHole,
      blocks: this.live.length,
      holes: this.holes().length,
      peak: this.peak,
      requested: this.live.reduce((sum, { requested }) => sum + requested, 0),
      fragmentation: capacity === used ? 0 : 1 - largestHole / (capacity - used),
      allocations: this.allocations,
      frees: this.frees,
      table: this.arena.blocks.count * RECORD,
    };
    const got = this.arena.stats();
    for (const key of Object.keys({ ...stats, ...got }) as (keyof typeof stats)[]) {
      if (stats[key] !== got[key]) expect(got).toEqual(stats);
    }
  }
}

type Step = readonly [what: "allocate" | "retain" | "release" | "stale", amount: number];

function run(model: Model, [what, amount]: Step): void {
  if (what === "allocate") model.allocate(amount);
  else if (what === "retain") model.retain(amount);
  else if (what === "release") model.release(amount);
  else model.useStale(amount);
  model.check();
}

const SIZES = fc.oneof(
  fc.nat(3 * UNIT),
  fc.nat(40 * UNIT),
  fc.nat(400 * UNIT),
  fc.constantFrom(0, 1, 63, 64, 65, 15 * 64, 16 * 64, 17 * 64, PAGE, PAGE + 1, 2 * PAGE, 5 * PAGE),
);
const PICK = fc.nat(1000);
const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant("allocate" as const), SIZES) },
  { weight: 4, arbitrary: fc.tuple(fc.constant("release" as const), PICK) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("retain" as const), PICK) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("stale" as const), PICK) },
);

describe("an arena is what a list of blocks says", () => {
  for (const shared of [false, true]) {
    test(`random programs, ${shared ? "shared" : "unshared"}`, () => {
      const programs = fc.tuple(
        fc.integer({ min: 1, max: 2 }),
        fc.nat(3),
        fc.array(STEP, { maxLength: 120 }),
      );
      fc.assert(
        fc.property(programs, ([pages, growth, steps]) => {
          const model = new Model(pages, pages + growth, shared);
          model.check();
          for (const step of steps) run(model, step);
        }),
        { numRuns: 150, seed: 1 },
      );
    });
  }

  test("24,000 steps, from empty to full and back", () => {
    const random = new Lcg(7);
    const model = new Model(1, 2);
    let fulls = 0;
    for (let i = 0; i < 24_000; ++i) {
      const filling = i % 3000 < 1800;
      const die = random.below(12);
      const size = random.below(10) === 0 ? random.below(PAGE) : random.below(random.pick([200, 1000, 6400]));
      const before = model.allocations;
      if (die < (filling ? 8 : 3)) {
        run(model, ["allocate", size]);
        if (model.allocations === before) fulls += 1;
      } else if (die < 10) run(model, ["release", random.below(1e6)]);
      else run(model, [die === 10 ? "retain" : "stale", random.below(1e6)]);
      if (i % 3000 === 2999) {
        while (model.live.length > 0) model.release(0);
        model.check();
        expect(model.arena.stats()).toMatchObject({ used: 0, blocks: 0, holes: 1, fragmentation: 0 });
      }
    }
    expect(fulls).toBeGreaterThan(100);
    expect(model.allocations).toBeGreaterThan(6000);
  });
});

test("the lecture's case: a hole is reused by what fits, and what doesn't fit goes beyond", () => {
  const arena = arenaOf(1);
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
    const arena = arenaOf(1);
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
    const arena = arenaOf(1);
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
    const arena = arenaOf(1);
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
      const arena = arenaOf(4, 40, shared);
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
    const arena = arenaOf(1, 2);
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

  test("negative, infinite and no numbers of bytes are no sizes", () => {
    const arena = arenaOf(1);
    const before = arena.stats();
    for (const bytes of [-1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => arena.allocate(bytes), `${bytes}`).toThrow(ShapeError);
    }
    expect(arena.stats()).toEqual(before);
  });

  test("with every byte taken: one more fails, and one released makes room for one again", () => {
    const arena = arenaOf(1);
    const handles = Array.from({ length: 16 }, () => arena.allocate(PAGE / 16));
    expect(arena.stats()).toMatchObject({ free: 0, holes: 0, largestHole: 0, fragmentation: 0 });
    expect(() => arena.allocate(0)).toThrow(ArenaFullError);
    arena.release(handles[5]!);
    expect(arena.addressOf(arena.allocate(PAGE / 16))).toBe(BASE + 5 * (PAGE / 16));
  });

  test("what fits a hole exactly gets it, also where the table has no room to grow", () => {
    const arena = arenaOf(1);
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
    const arena = arenaOf(1);
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
      const arena = arenaOf(2, 5);
      for (let i = 0; i < count; ++i) arena.allocate(1);
      const before = arena.stats();
      expect(() => arena.allocate(5 * PAGE)).toThrow(ArenaFullError);
      expect(arena.stats(), `with ${count} blocks`).toEqual(before);
    }
  });
});

test("growth: at least what is missing, all that was there is kept, nothing beyond the maximum", () => {
  for (const shared of [false, true]) {
    const arena = arenaOf(1, 300, shared);
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

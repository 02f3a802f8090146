import { describe, expect, test } from "vitest";
import type { Arena, ArenaLock } from "../../src/memory/arena.ts";
import type { BlockHandle } from "../../src/memory/block.ts";
import { historyBytes } from "../../src/memory/history.ts";
import { labelled } from "../../src/memory/label.ts";
import { PAGE, RECORD, SEGMENT_RECORDS } from "../../src/memory/layout.ts";
import type { BlockInfo } from "../../src/memory/snapshot.ts";
import { Guard } from "../../src/sync/guard.ts";
import { arenaOf, BASE, NO_LOCK } from "./model.ts";
import { arenaOn, live, Rewindable, useMortalThreads } from "./mortal.ts";

// A thread may end at any word that it writes. Here one does, at each of them; another goes on with what it finds.

useMortalThreads();

/** A lock whose holder has died: the first to come in is told. */
function inherited(): ArenaLock {
  let [whole, next] = [false, false];
  return {
    acquire() {
      [whole, next] = [next, true];
      return whole;
    },
    release() {},
  };
}

/** How a thread ends in the middle. Thrown out (its stack was full) it gives the lock back, as if all were well. */
const ENDS: readonly [name: string, lock: () => ArenaLock][] = [
  ["dies", inherited],
  ["is thrown out", () => NO_LOCK],
];

interface Scenario {
  readonly name: string;
  readonly pages: number;
  readonly maximum?: number;
  /** With so many blocks that it is tried less often. */
  readonly large?: true;
  /** Makes blocks; returns those that there are then. */
  readonly before: (arena: Arena) => BlockHandle[];
  /** In the middle of this it ends. */
  readonly act: (arena: Arena, blocks: readonly BlockHandle[]) => void;
  /** Whether a block that is neither as before nor as afterwards may be so. */
  readonly between?: (found: BlockInfo, before: BlockInfo) => boolean;
}

/** Blocks of these sizes, each filled with its own number. */
function fill(arena: Arena, ...sizes: number[]): BlockHandle[] {
  return sizes.map((bytes, i) => {
    const handle = arena.allocate(bytes, labelled(`b${i}`));
    arena.linear.bytes(arena.addressOf(handle), bytes).fill(i + 1);
    return handle;
  });
}

/** As fill(), but every other one is released: holes between blocks. */
function alternate(arena: Arena, ...sizes: number[]): BlockHandle[] {
  const handles = fill(arena, ...sizes);
  for (let i = 1; i < handles.length; i += 2) arena.release(handles[i]!);
  return handles.filter((_, i) => i % 2 === 0);
}

/** So many blocks that the next one makes the table grow. */
const MANY = Array.from({ length: SEGMENT_RECORDS - 6 }, () => 8);

const SCENARIOS: readonly Scenario[] = [
  {
    name: "allocate a part of a hole",
    pages: 1,
    before: (arena) => alternate(arena, 100, 640, 100, 1000, 100),
    act: (arena) => void arena.allocate(500, { elements: "float64", shape: [5, 12], name: "new" }),
  },
  {
    name: "allocate a hole that fits",
    pages: 1,
    before: (arena) => alternate(arena, 100, 640, 100, 640, 100, 640, 100),
    act: (arena) => void arena.allocate(640),
  },
  {
    name: "allocate, and the memory grows",
    pages: 1,
    maximum: 4,
    before: (arena) => alternate(arena, 100, 640, 60_000),
    act: (arena) => void arena.allocate(2 * PAGE),
  },
  {
    name: "allocate, and the table grows",
    pages: 5,
    large: true,
    before: (arena) => fill(arena, ...MANY),
    act: (arena) => void arena.allocate(1),
  },
  {
    name: "allocate, and the memory grows, and the table",
    pages: 1,
    maximum: 6,
    large: true,
    before: (arena) => fill(arena, ...MANY),
    act: (arena) => void arena.allocate(1),
  },
  {
    name: "allocate, and it is recorded",
    pages: 1,
    before: (arena) => {
      const [log, ...others] = fill(arena, historyBytes(10), 100, 200);
      arena.blocks.history.record(arena.addressOf(log!), 10);
      // (What is in the log changes.)
      return others;
    },
    act: (arena) => void arena.allocate(300, labelled("recorded")),
  },
  ...["between blocks", "above a hole", "below a hole", "between holes"].map((name, holes) => ({
    name: `release ${name}`,
    pages: 1,
    before: (arena: Arena) => {
      const [a, b, c, d, e] = fill(arena, 100, 200, 300, 400, 500) as [BlockHandle, ...BlockHandle[]];
      const gone = [holes & 1 ? b : undefined, holes & 2 ? d : undefined];
      for (const block of gone) if (block) arena.release(block);
      return [c!, ...[a, b, d, e].filter((block) => !gone.includes(block))] as BlockHandle[];
    },
    act: (arena: Arena, [block]: readonly BlockHandle[]) => arena.release(block!),
  })),
  {
    name: "release one of two references",
    pages: 1,
    before: (arena) => {
      const blocks = fill(arena, 100, 200);
      arena.blocks.retain(blocks[0]!);
      return blocks;
    },
    act: (arena, [block]) => arena.release(block!),
  },
  {
    name: "retain",
    pages: 1,
    before: (arena) => fill(arena, 100, 200),
    act: (arena, [block]) => arena.blocks.retain(block!),
  },
  {
    name: "post",
    pages: 1,
    before: (arena) => fill(arena, 100, 200),
    act: (arena, [block]) => arena.blocks.post(block!),
    // The reference goes with the thread.
    between: (found, before) => found.refs === before.refs + 1 && found.posted === before.posted,
  },
  {
    name: "adopt",
    pages: 1,
    before: (arena) => {
      const blocks = fill(arena, 100, 200);
      arena.blocks.post(blocks[0]!);
      return blocks;
    },
    act: (arena, [block]) => void arena.blocks.adopt(block!),
  },
  {
    name: "rename",
    pages: 1,
    before: (arena) => fill(arena, 100, 200),
    act: (arena, [block]) => arena.rename(block!, "another name"),
    between: (found, { name: _, ...before }) => matches(found, before),
  },
  {
    name: "look",
    pages: 1,
    before: (arena) => alternate(arena, 100, 200, 300),
    act: (arena) => void [arena.check(), arena.stats(), arena.list()],
  },
];

const matches = (found: BlockInfo, wanted: Partial<BlockInfo>): boolean =>
  Object.entries(wanted).every(([key, value]) => String(found[key as keyof BlockInfo]) === String(value));

const blocksIn = (arena: Arena): Map<number, BlockInfo> =>
  new Map(
    arena
      .list()
      .filter(({ state }) => state === "block")
      .map((block) => [block.id, block]),
  );

/** More words than any of this writes. */
const ENDLESS = 2 ** 40;

/** A scenario, played as often as one likes up to where the thread ends. */
class Stage {
  readonly #scenario: Scenario;
  readonly #memory: Rewindable;
  readonly #maximum: number;
  readonly #debug: boolean;
  readonly #start: ArrayBuffer;
  readonly #blocks: readonly BlockHandle[];
  readonly #before: Map<number, BlockInfo>;
  readonly #after: Map<number, BlockInfo>;
  /** What lies in each block. */
  readonly #contents: Map<number, string>;
  /** How many words the thread writes. */
  readonly words: number;

  constructor(scenario: Scenario, debug: boolean) {
    this.#scenario = scenario;
    this.#debug = debug;
    const first = BASE / PAGE;
    this.#memory = new Rewindable(first + scenario.pages);
    this.#maximum = (first + (scenario.maximum ?? scenario.pages)) * PAGE;
    const arena = this.#arena(1, NO_LOCK, { base: BASE });
    this.#blocks = scenario.before(arena);
    this.#before = blocksIn(arena);
    this.#contents = new Map(this.#blocks.map((block) => [block.id, contentsOf(arena, block)]));
    this.#start = this.#memory.copy();
    // Without end: what it writes, and what there is then.
    this.words = this.play(ENDLESS);
    this.#after = blocksIn(this.#arena(1, NO_LOCK));
  }

  /** From the start, until the thread has written so many words; returns how many it wrote. */
  play(words: number): number {
    this.#memory.buffer = this.#start.slice(0);
    const mortal = this.#arena(2, NO_LOCK, { mortal: true });
    return live(words, () => this.#scenario.act(mortal, this.#blocks));
  }

  /** Another thread comes in, to end when it has written so many words; returns how many it wrote. */
  disturb(words: number): number {
    const mortal = this.#arena(3, inherited(), { mortal: true });
    return live(words, () => void mortal.stats());
  }

  /** Another thread finds everything in order, and each block as it was before the scenario or is after it. */
  survive(lock: ArenaLock, where: string): void {
    const arena = this.#arena(4, lock);
    expect(arena.check(), where).toEqual({ problems: [], repaired: false });
    const found = blocksIn(arena);
    for (const [id, block] of found) {
      const [before, after] = [this.#before.get(id), this.#after.get(id)];
      const right =
        (before !== undefined && matches(block, before)) ||
        (after !== undefined && matches(block, after)) ||
        (before !== undefined && this.#scenario.between?.(block, before) === true);
      if (!right) expect.fail(`${where}: found ${JSON.stringify(block)}`);
    }
    for (const id of this.#before.keys()) {
      if (this.#after.has(id) && !found.has(id)) expect.fail(`${where}: block ${id} is gone`);
    }
    for (const block of this.#blocks) {
      const { id } = block;
      if (found.has(id) && contentsOf(arena, block) !== this.#contents.get(id))
        expect.fail(`${where}: block ${id} was written over`);
    }
    // A segment of the table is counted, or is a hole.
    const tables = arena.list().filter(({ state }) => state === "table");
    const records = SEGMENT_RECORDS + tables.reduce((sum, { size }) => sum + size / RECORD, 0);
    expect(arena.blocks.count, where).toBe(records);
    const { blocks, allocations, frees, requested } = arena.stats();
    expect([blocks, allocations - frees], where).toEqual([found.size, found.size]);
    const sum = [...found.values()].reduce((total, block) => total + block.requested, 0);
    expect(requested, where).toBe(sum);
    this.#goOn(arena, [...found.values()], where);
  }

  /** The arena is as good as new: all can be released, merges, and is allocated again under new names. */
  #goOn(arena: Arena, found: readonly BlockInfo[], where: string): void {
    arena.blocks.history.record(0, 0);
    for (const { id, generation, refs } of found) {
      for (let i = 0; i < refs; ++i) arena.release({ id, generation });
    }
    const { capacity, used, blocks, requested, holes, largestHole } = arena.stats();
    const tables = arena.list().filter(({ state }) => state === "table");
    expect([blocks, requested, used], where).toEqual([0, 0, tables.reduce((sum, { size }) => sum + size, 0)]);
    if (tables.length === 0) expect([holes, largestHole], where).toEqual([1, capacity]);
    const known = new Set([...this.#before.values(), ...found].map(nameOf));
    const again = fill(arena, 64, 300, 64, 64, 1000, 64);
    for (const block of again) {
      if (known.has(nameOf(block))) expect.fail(`${where}: the handle ${nameOf(block)} comes a second time`);
    }
    for (const block of this.#blocks) expect(arena.blocks.refs(block), where).toBe(0);
    expect(arena.check(), where).toEqual({ problems: [], repaired: false });
  }

  #arena(thread: number, lock: ArenaLock, more: { mortal?: boolean; base?: number } = {}): Arena {
    return arenaOn(this.#memory, this.#maximum, { lock, thread, debug: this.#debug, ...more });
  }
}

const nameOf = ({ id, generation }: BlockHandle): string => `${id} ${generation}`;

function contentsOf(arena: Arena, block: BlockHandle): string {
  const bytes = arena.linear.bytes(arena.addressOf(block), arena.requestedOf(block));
  return Buffer.from(bytes).toString("latin1");
}

/** Of the numbers below `end` the first, the last, and some between: a new segment of the table is thousands of like words. */
function sample(end: number, first: number, step: number): number[] {
  return Array.from({ length: end }, (_, i) => i).filter((i) => i < first || i % step === 0 || i >= end - 3);
}

describe.each([false, true])("debug: %s; the arena is whole when the next thread comes in", (debug) => {
  const scenarios = SCENARIOS.filter(({ large }) => !(large && debug));
  for (const [ending, lock] of ENDS) {
    for (const scenario of scenarios.filter(({ large }) => !(large && lock().acquire()))) {
      test(`a thread ${ending}: ${scenario.name}`, () => {
        const stage = new Stage(scenario, debug);
        for (const words of sample(stage.words, 72, 1999)) {
          expect(stage.play(words)).toBe(words);
          stage.survive(lock(), `after ${words} of ${stage.words} words`);
        }
      });
    }
  }

  for (const scenario of scenarios.filter(({ name }) => /^(allocate|release \w+ (a )?hole)/.test(name))) {
    test(`a thread dies, and the next while it puts that right: ${scenario.name}`, () => {
      const stage = new Stage(scenario, debug);
      for (const words of [1, Math.floor(stage.words / 2), stage.words - 1]) {
        stage.play(words);
        const repair = stage.disturb(ENDLESS);
        for (const more of sample(repair, 6, scenario.large ? 3000 : 400)) {
          stage.play(words);
          stage.disturb(more);
          stage.survive(inherited(), `after ${words} words, and ${more} of ${repair}`);
        }
      }
    });
  }
});

test("a stack that overflows, at any depth, leaves nothing half done", () => {
  const lock = new Guard(new Int32Array(new SharedArrayBuffer(8)));
  let thrown = 0;
  for (let start = 0; start < 100; ++start) {
    const arena = arenaOf({ pages: 2, debug: start % 2 === 1 }, lock);
    const kept = alternate(arena, 100, 200, 300, 400, 500, 600);
    /** Down to the end of the stack; on the way back, again and again until there is room enough. */
    const dive = (): void => {
      try {
        dive();
        return;
      } catch {}
      thrown += 1;
      kept.push(arena.allocate(64));
    };
    const from = (frames: number): void => (frames === 0 ? dive() : from(frames - 1));
    from(start);
    expect(lock.locked()).toBe(false);
    expect(arena.check()).toEqual({ problems: [], repaired: false });
    expect(arena.stats().blocks).toBe(kept.length);
    for (const handle of kept) expect(arena.blocks.refs(handle)).toBe(1);
  }
  expect(thrown).toBeGreaterThan(1000);
});

import { afterEach, describe, expect, test, vi } from "vitest";
import type * as Blasm from "../../src/index.ts";
import { ARENA_LOCK } from "../../src/memory/layout.ts";
import { Lcg } from "../assembly/lcg.ts";
import { COLUMNS, churn, receive, SLOTS } from "./modules/arena.mjs";

// Threads on one arena. Over dist/index.js, which a worker can import. `npm test` has built it.

const { init } = (await import(
  /* @vite-ignore */ new URL("../../dist/index.js", import.meta.url).href
)) as typeof Blasm;
type Context = Blasm.Context;
type NDArray = Blasm.NDArray;
type Done = ReturnType<typeof churn>;

const ARENA = new URL("./modules/arena.mjs", import.meta.url);
const WHOLE: Blasm.ArenaCheck = { problems: [], repaired: false };

let la: Context;
afterEach(() => la.close());

describe("threads that allocate, release and share at random", () => {
  test.each([
    { threads: 2, debug: false, maximum: "512 MiB", large: 512 },
    { threads: 3, debug: true, maximum: "512 MiB", large: 512 },
    // All that their scratch leaves is less than 256 × 1024 float64.
    { threads: 4, debug: false, maximum: "22 MiB", large: 1024 },
  ])("$threads of them, debug: $debug, up to $maximum: exact to the byte", async (plan) => {
    const { threads: count, debug, maximum, large } = plan;
    la = await init({ threads: 1, debug, memory: { initial: "8 MiB", maximum } });
    const [box, lock, all] = [la.zeros([SLOTS, COLUMNS]), la.lock(), la.barrier(count + 1)];
    const { context } = box.store;
    const before = la.arena.stats();
    const program = { steps: 2500, context, large };
    const threads = Array.from({ length: count }, (_, i) =>
      la.spawn<Done>(ARENA, ["churn", { ...program, seed: 100 * count + i }, box, lock, all]),
    );
    // This thread does as they do.
    all.wait();
    const done = [churn(la, { ...program, seed: 7 }, box, lock), ...threads.map((thread) => thread.join())];
    for (let left = receive(la, context, box, lock); left; left = receive(la, context, box, lock)) {
      done.push({ allocations: 0, fulls: 0, posted: 0, adopted: 1 });
      left.array.release();
    }
    const sum = (key: keyof Done): number => done.reduce((total, one) => total + one[key], 0);

    expect(la.arena.check()).toEqual(WHOLE);
    expect(la.arena.leaks()).toEqual([]);
    const after = la.arena.stats();
    // One more for each thread: its scratch.
    expect(after.allocations - before.allocations).toBe(sum("allocations") + count);
    expect(after.frees - before.frees).toBe(after.allocations - before.allocations);
    const tables = after.table - before.table;
    expect(after).toMatchObject({
      blocks: before.blocks,
      requested: before.requested,
      used: before.used + tables,
      free: after.capacity - before.used - tables,
    });
    expect([box.refs, lock.locked()]).toEqual([1, false]);
    // It happened at all.
    expect(sum("posted")).toBe(sum("adopted"));
    expect(sum("posted")).toBeGreaterThan(100);
    expect(sum("allocations")).toBeGreaterThan(2000);
    if (large > 512) expect(sum("fulls")).toBeGreaterThan(0);
    else expect(after.capacity).toBeGreaterThan(before.capacity);
  });
});

describe("one block, many threads", () => {
  test("its count, raised and lowered by three at once, is exact", async () => {
    la = await init({ threads: 1 });
    const [common, all] = [la.full(9, 4), la.barrier(3)];
    const threads = [1, 2].map(() => la.spawn(ARENA, ["hammer", common, all, 40_000]));
    all.wait();
    for (let i = 0; i < 40_000; ++i) common.T.release();
    for (const thread of threads) thread.join();
    expect([common.refs, common.at(8)]).toEqual([1, 4]);
  });

  test("of references on their way each is adopted once", async () => {
    la = await init({ threads: 1 });
    const [common, all] = [la.full(9, 4), la.barrier(2)];
    // They are all alike.
    const shares = Array.from({ length: 20_000 }, () => common.share());
    const threads = [1, 2].map(() => la.spawn<number>(ARENA, ["grab", JSON.stringify(shares[0]), all]));
    const adopted = threads.map((thread) => thread.join());
    expect(adopted.reduce((sum, count) => sum + count, 0)).toBe(shares.length);
    expect([common.refs, la.arena.leaks()]).toEqual([1, []]);
  });
});

describe("threads that are terminated anywhere", () => {
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  /** What is in use is what this thread has, and what threads that have ended have left. */
  function checkAccounts(mine: readonly NDArray[]): void {
    expect(la.arena.check()).toEqual(WHOLE);
    const blocks = la.arena.blocks().filter(({ state }) => state === "block");
    const leaks = la.arena.leaks();
    const left = new Set(leaks.filter(({ kind }) => kind === "orphaned").map(({ id }) => id));
    const known = new Set(mine.map(({ block }) => block.id));
    for (const { id, name, thread } of blocks) {
      if (!left.has(id) && !known.has(id))
        expect.fail(`block ${id} (${name}) of thread ${thread} is nobody's`);
    }
    const stats = la.arena.stats();
    const total = (of: (block: Blasm.BlockInfo) => number): number =>
      blocks.reduce((sum, block) => sum + of(block), 0);
    expect(stats).toMatchObject({
      blocks: blocks.length,
      used: total(({ size }) => size) + stats.table - 65536,
      requested: total(({ requested }) => requested),
    });
    expect(stats.allocations - stats.frees).toBe(blocks.length);
  }

  test.each([
    [false, 40],
    [true, 28],
  ])(
    "hundreds of them (debug: %s, %d times three): the others go on, all is accounted for",
    async (debug, rounds) => {
      la = await init({ threads: 1, debug, memory: { initial: "16 MiB", maximum: "1 GiB" } });
      const random = new Lcg(debug ? 1 : 2);
      const progress = la.zeros(4);
      const common = la.full([5, 7], 3);
      const { arena } = common.store;
      const mine = [progress, common];
      const seen = { ended: 0, worked: 0, inside: 0 };
      const dead = new Set<number>();
      // What a dead thread has left is released here: for most of them, that is when their death in the arena is found.
      const releaseNow = arena.release.bind(arena);
      vi.spyOn(arena, "release").mockImplementation((block) => {
        if (dead.has(Atomics.load(arena.linear.i32, ARENA_LOCK / 4) >>> 2)) seen.inside += 1;
        releaseNow(block);
      });
      for (let round = 0; round < rounds; ++round) {
        progress.data.fill(0);
        const threads = [0, 1, 2].map((at) =>
          la.spawn(ARENA, ["churnForEver", 100 * round + at, progress, at, common]),
        );
        // Often when they have just begun, or are still to begin; else in full swing.
        const begun = random.below(4) > 0;
        while (begun && [0, 1, 2].some((at) => progress.at(at) === 0)) await sleep(1);
        await sleep(random.below(4));
        for (const [at, thread] of threads.entries()) {
          const ended = thread.terminate();
          // Meanwhile this thread allocates, too: it may be the first to find that the arena's lock is a dead thread's.
          if (random.below(2)) for (let i = 0; i < 200; ++i) la.full(random.below(300), i).release();
          dead.add(thread.id);
          await ended;
          seen.ended += 1;
          if (progress.at(at) > 0) seen.worked += 1;
        }
        checkAccounts(mine);
        expect(common.toTyped()).toEqual(new Float64Array(35).fill(3));
      }
      expect(seen.ended).toBe(3 * rounds);
      expect(seen.worked).toBeGreaterThan(1.5 * rounds);
      expect(seen.inside).toBeGreaterThan(0);
    },
  );
});

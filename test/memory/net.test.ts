import { describe, expect, test } from "vitest";
import type { ArenaCheck, ArenaStats, Leak } from "../../src/index.ts";
import { run } from "./child.ts";

// What is forgotten is released when the engine has collected it. In a process of its own, which may ask for that.

interface Told {
  readonly stats: ArenaStats;
  readonly leaks: readonly Leak[];
  readonly check: ArenaCheck;
}

const WHOLE: ArenaCheck = { problems: [], repaired: false };
/** What a context tells; leaks() first, as it hands the last arrays over to the engine. */
const TELL =
  "const tell = (la) => ({ leaks: la.arena.leaks(), stats: la.arena.stats(), check: la.arena.check() });";

describe("arrays that were forgotten", () => {
  test("are released, counted, and known by the stack that allocated them", async () => {
    const { kept, told } = await run<{ kept: number[]; told: Told }>(`
      ${TELL}
      const la = await init({ debug: true, threads: 1 });
      const kept = la.arange(4);
      (function forgetThem() {
        for (let i = 0; i < 500; ++i) la.full(i, i);
      })();
      la.arena.leaks();
      await collected(() => la.arena.stats().blocks === 1);
      report({ kept: kept.toArray(), told: tell(la) });`);
    expect(kept).toEqual([0, 1, 2, 3]);
    expect(told.stats).toMatchObject({ blocks: 1, holes: 1, allocations: 501, frees: 500, requested: 32 });
    expect(told.check).toEqual(WHOLE);
    expect(told.leaks).toHaveLength(500);
    for (const { kind, refs, stack } of told.leaks) {
      expect([kind, refs]).toEqual(["forgotten", 1]);
      expect(stack).toContain("forgetThem");
    }
    expect(new Set(told.leaks.map(({ id, generation }) => `${id} ${generation}`)).size).toBe(500);
  });

  test("keep their stacks when their records describe other blocks", async () => {
    const { leaks } = await run<Told>(`
      ${TELL}
      const la = await init({ debug: true, threads: 1 });
      (function forgetIt() {
        la.zeros(10);
      })();
      la.arena.leaks();
      await collected(() => la.arena.stats().blocks === 0);
      const [{ id }] = la.arena.leaks();
      while (la.zeros(10).block.id !== id);
      report(tell(la));`);
    expect(leaks.filter(({ kind }) => kind === "forgotten")[0]?.stack).toContain("forgetIt");
  });

  test("are not released while a view lives, nor the views of what lives", async () => {
    const told = await run<{ refs: number[]; sums: number[]; told: Told }>(`
      ${TELL}
      const la = await init({ threads: 1 });
      const owner = la.ones(100);
      const views = (() => {
        for (let i = 0; i < 300; ++i) owner.slice([i % 100]);
        return Array.from({ length: 50 }, (_, i) => la.full(100, i).slice([1, 3]));
      })();
      const refs = [owner.refs];
      la.arena.leaks();
      await collected(() => owner.refs === 1 && views.every((view) => view.refs === 1));
      refs.push(owner.refs, Math.max(...views.map((view) => view.refs)));
      report({ refs, sums: views.map((view) => view.at(0) + view.at(1)), told: tell(la) });`);
    expect(told.refs).toEqual([301, 1, 1]);
    expect(told.sums).toEqual(Array.from({ length: 50 }, (_, i) => 2 * i));
    expect(told.told.stats).toMatchObject({ blocks: 51, frees: 0 });
    expect(told.told.leaks).toHaveLength(350);
    expect(told.told.check).toEqual(WHOLE);
  });

  test("are let go of, however young, where the memory grows", async () => {
    const { most } = await run<{ most: number }>(`
      const la = await init({ threads: 1, memory: { initial: "16 MiB", maximum: "1 GiB" } });
      let most = 0;
      for (let i = 0; i < 100; ++i) {
        (() => void la.zeros([1024, 1024]))();
        most = Math.max(most, la.arena.stats().blocks);
        gc();
        await sleep(1);
      }
      report({ most });`);
    expect(most).toBeLessThan(50);
  });

  test("with all references that they held, and no other", async () => {
    const { leaks, stats } = await run<Told>(`
      ${TELL}
      const la = await init({ threads: 1 });
      const views = (() => {
        const two = la.zeros(2).retain().retain();
        const one = la.zeros(1);
        // Registered now: what they hold changes later.
        la.arena.leaks();
        one.retain().retain();
        for (const array of [two, one, one]) array.release();
        return [two.T];
      })();
      la.arena.leaks();
      await collected(() => la.arena.stats().blocks === 1 && views[0].refs === 1);
      report(tell(la));`);
    expect(leaks.map(({ refs }) => refs).sort()).toEqual([1, 2]);
    expect(stats).toMatchObject({ blocks: 1, frees: 1 });
  });
});

describe("what was released by hand is not released again", () => {
  test("by release(), using and scopes, registered or not", async () => {
    const told = await run<{ before: number; refs: number; told: Told }>(`
      ${TELL}
      const la = await init({ debug: true, threads: 1 });
      const owner = la.zeros(3);
      (() => {
        for (let i = 0; i < 1000; ++i) {
          const a = la.full(i % 50, i);
          const view = owner.T;
          // Some are registered before they are released, some after 256 younger ones, most never.
          if (i % 100 === 0) la.arena.leaks();
          if (i % 3 === 0) la.scope(() => void owner.slice([1]));
          a[Symbol.dispose]();
          view.release();
        }
      })();
      const before = la.arena.stats().blocks;
      la.arena.leaks();
      // What could come would have come with these.
      (() => void la.zeros(1))();
      la.arena.leaks();
      await collected(() => la.arena.leaks().length > 0);
      await sleep(50);
      report({ before, refs: owner.refs, told: tell(la) });`);
    expect(told).toMatchObject({ before: 1, refs: 1, told: { check: WHOLE, stats: { blocks: 1 } } });
    expect(told.told.leaks).toHaveLength(1);
  });

  test("nor by a thread that has left: close() has released all that it held", async () => {
    const { told, others } = await run<{ told: Told; others: number }>(`
      ${TELL}
      const la = await init({ threads: 1 });
      const a = la.ones(5);
      let other = await attach(la.share());
      (() => {
        for (let i = 0; i < 400; ++i) other.zeros(i);
        other.adopt(a.share()).retain();
        other.arena.leaks();
      })();
      other.close();
      const closed = other.arena;
      other = undefined;
      // Records that the other's arrays had are blocks again, with references that are not theirs.
      const again = Array.from({ length: 400 }, (_, i) => la.zeros(i));
      for (let i = 0; i < 10; ++i) {
        gc();
        await sleep(10);
      }
      report({ told: tell(la), others: closed.leaks().length });
      again.length = 0;`);
    expect(told).toMatchObject({ check: WHOLE, leaks: [], stats: { blocks: 401 } });
    expect(others).toBe(0);
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type * as Blasm from "../../src/index.ts";

// LU, solves and trsm with a team: over dist/index.js, whose threads run it.

const { init } = (await import(
  /* @vite-ignore */ new URL("../../dist/index.js", import.meta.url).href
)) as typeof Blasm;
type Context = Blasm.Context;
type DType = Blasm.DType;

const MEMORY = { initial: "16 MiB", maximum: "512 MiB" };

const same = (x: ArrayLike<number>, y: ArrayLike<number>): boolean =>
  x.length === y.length &&
  Array.prototype.every.call(x, (value: number, i: number) => Object.is(value, y[i]));

/** Until members have sat down. */
async function warm(la: Context): Promise<void> {
  const seats = new Int32Array(la.share().memory.buffer);
  la.setThreads(la.config().threads.used);
  const a = la.random([128, 128], { seed: 1 });
  for (let round = 0; round < 500 && Atomics.load(seats, MEMBER_THREAD) === 0; ++round) {
    la.matmul(a, a).release();
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  a.release();
}

/** Word of the ticket board that names a member's thread (sync/ticket.ts, memory/layout.ts). */
const MEMBER_THREAD = (22 * 1024) / 4 + 5 * 16 + 1;

/** What a context gives for all that there is, as elements. */
function results(
  la: Context,
  [m, n]: readonly [number, number],
  dtype: DType,
): Record<string, ArrayLike<number>> {
  return la.scope(() => {
    const a = la.standardNormal([m, n], { seed: 1, dtype });
    const { lu, piv } = la.linalg.luFactor(a);
    const inPlace = la.linalg.luFactor(la.array(a.T).T, { overwriteA: true });
    const all: Record<string, ArrayLike<number>> = { lu: lu.toTyped(), piv, inPlace: inPlace.lu.toTyped() };
    if (m !== n) return all;
    const factors = la.linalg.luFactor(a);
    const b = la.standardNormal([n, 150], { seed: 2, dtype });
    const triangle = la.random([n, n], { seed: 3, dtype });
    for (let i = 0; i < n; ++i) triangle.set(n, i, i);
    for (const trans of ["N", "T"] as const) {
      all[`x ${trans}`] = la.linalg.luSolve(factors, b, { trans }).toTyped();
      all[`vector ${trans}`] = la.linalg.luSolve(factors, b.col(3), { trans }).toTyped();
      for (const uplo of ["L", "U"] as const) {
        all[`left ${trans} ${uplo}`] = la.trsm({ a: triangle, b: b.copy(), transA: trans, uplo }).toTyped();
        const right = la.trsm({ a: triangle, b: b.reshape([150, n]).copy(), side: "R", transA: trans, uplo });
        all[`right ${trans} ${uplo}`] = right.toTyped();
      }
    }
    all.rcond = [factors.rcond()];
    return all;
  });
}

describe.each(["strict", "relaxed"] as const)(
  "the %s build has the same bits on any number of threads",
  (build) => {
    const contexts: Context[] = [];

    beforeAll(async () => {
      for (const threads of [1, 2, 3, 4]) {
        const la = await init({ build, threads, prewarm: true, memory: MEMORY });
        if (threads > 1) await warm(la);
        contexts.push(la);
      }
    }, 60_000);

    afterAll(() => {
      for (const la of contexts) la.close();
    });

    test.each([
      [65, 65],
      [129, 129],
      [256, 256],
      [333, 333],
      [520, 520],
      [700, 200],
      [200, 700],
    ] as const)(
      "%d × %d",
      async (m, n) => {
        for (const dtype of ["float32", "float64"] as const) {
          const [alone, ...teams] = contexts as [Context, ...Context[]];
          const expected = results(alone, [m, n], dtype);
          for (const la of teams) {
            // Several times: the ledger tries both ways.
            for (let round = 0; round < 3; ++round) {
              for (const [name, got] of Object.entries(results(la, [m, n], dtype))) {
                expect(
                  same(got, expected[name]!),
                  `${name}, ${la.config().threads.used} threads, ${dtype}`,
                ).toBe(true);
              }
            }
            const a = la.standardNormal([m, n], { seed: 1, dtype });
            const later = await la.linalg.luFactorAsync(a);
            expect(same(later.lu.data, expected.lu!)).toBe(true);
            for (const array of [a, later]) array.release();
          }
        }
      },
      60_000,
    );
  },
);

describe("faults", () => {
  let la: Context;

  beforeAll(async () => {
    la = await init({ threads: 3, prewarm: true, memory: MEMORY });
    await warm(la);
  });

  afterAll(() => la.close());

  test("members that die at any time: the factors are right, or it says that they are lost, and nothing is left", async () => {
    const a = la.standardNormal([600, 600], { seed: 1 });
    const b = la.standardNormal([600, 40], { seed: 2 });
    const expected = la.linalg.luFactor(a);
    const solution = la.linalg.solve(a, b);
    const before = la.arena.stats().blocks;
    const outcomes = { done: 0, DIED: 0 };
    for (let round = 0; round < 40; ++round) {
      const running =
        round % 2 === 0
          ? la.linalg.luFactorAsync(a).then((factors) => {
              expect(same(factors.lu.data, expected.lu.data), `round ${round}`).toBe(true);
              factors.release();
              return "done" as const;
            })
          : la.linalg.solveAsync(a, b).then((x) => {
              expect(same(x.data, solution.data), `round ${round}`).toBe(true);
              x.release();
              return "done" as const;
            });
      const outcome = running.catch((error: Blasm.TeamError) => {
        expect(error.name).toBe("TeamError");
        return error.code as "DIED";
      });
      await new Promise((resolve) => setTimeout(resolve, (round * 7) % 23));
      const words = new Int32Array(la.share().memory.buffer);
      const handle = la.spawn(new URL("./modules/tasks.mjs", import.meta.url), ["nothing"]);
      Object.assign(handle, { id: Atomics.load(words, MEMBER_THREAD + 16 * (round % 2)) });
      void handle.terminate();
      outcomes[await outcome] += 1;
      // Dead ones are replaced a tenth of a second after their start, at the earliest.
      if (round % 4 === 3) await new Promise((resolve) => setTimeout(resolve, 110));
    }
    expect(outcomes.done).toBeGreaterThan(0);
    const again = la.linalg.luFactor(a);
    expect(same(again.lu.data, expected.lu.data)).toBe(true);
    again.release();
    await warm(la);
    const deadline = Date.now() + 10_000;
    while (la.arena.stats().blocks > before + 2 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(named(la)).toEqual([]);
    expect(la.arena.check().problems).toEqual([]);
    for (const array of [a, b, solution, expected]) array.release();
  }, 120_000);

  test("the event loop turns while a system is solved; aborting leaves nothing", async () => {
    const a = la.standardNormal([900, 900], { seed: 1 });
    let turns = 0;
    const ticking = setInterval(() => {
      turns += 1;
    }, 1);
    const factors = await la.linalg.luFactorAsync(a);
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(1);
    for (const ms of [0, 2, 10]) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error(`after ${ms}`)), ms);
      const outcome = await la.linalg.luFactorAsync(a, { signal: controller.signal }).then(
        (again) => again.release(),
        (error: Error) => error.message,
      );
      if (outcome !== undefined) expect(outcome).toBe(`after ${ms}`);
    }
    expect(named(la)).toEqual([]);
    const running = la.linalg.solveAsync(a, la.ones(900));
    a.release();
    const x = await running;
    expect(same(x.data, la.linalg.luSolve(factors, la.ones(900)).data)).toBe(true);
    x.release();
    factors.release();
  }, 60_000);
});

/** Room that a factorization has taken, and not given back. */
function named(la: Context): string[] {
  return la.arena
    .blocks()
    .map(({ name }) => name)
    .filter((name) => name === "lu");
}

test("without shared memory the same calls work, in slices of this thread", async () => {
  const la = await init({ memory: { shared: false, maximum: "256 MiB" } });
  const a = la.standardNormal([500, 500], { seed: 1 });
  const progress: number[] = [];
  const later = await la.linalg.luFactorAsync(a, {
    onProgress: (done, total) => void progress.push(done / total),
  });
  const now = la.linalg.luFactor(a);
  expect(same(later.lu.data, now.lu.data)).toBe(true);
  expect(progress.at(-1)).toBe(1);
  la.close();
});

test("members that are still to be started are not taken for dead, although what they change cannot be computed anew", async () => {
  const la = await init({ threads: 2, memory: MEMORY });
  const a = la.random([850, 850], { seed: 1 });
  const c = la.zeros([850, 850]);
  await la.gemmAsync({ a, b: a, c, beta: 1 });
  expect(same(c.data, la.matmul(a, a).data)).toBe(true);
  la.close();
});

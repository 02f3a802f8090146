import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type * as Blasm from "../../src/index.ts";

// The team: real members over dist/index.js. `npm test` has built it.

const { init } = (await import(
  /* @vite-ignore */ new URL("../../dist/index.js", import.meta.url).href
)) as typeof Blasm;
type Context = Blasm.Context;
type DType = "float32" | "float64";

const MEMORY = { initial: "64 MiB", maximum: "1 GiB" } as const;

/** How many arrays there are: members' scratch comes and goes with them. */
const arrays = (la: Context): number => la.arena.blocks().filter(({ dtype }) => dtype !== "").length;

/** Runs `body`, and releases the arrays that it says it has made. */
async function using<R>(body: (keep: <A extends Blasm.NDArray>(array: A) => A) => Promise<R>): Promise<R> {
  const made: Blasm.NDArray[] = [];
  try {
    return await body((array) => {
      made.push(array);
      return array;
    });
  } finally {
    for (const array of made) array.release();
  }
}

/** Members are started by the first product that is large enough, and calibrated by the next ones: until they take part. */
async function warm(la: Context): Promise<void> {
  await using(async (keep) => {
    const a = keep(la.random([300, 300], { seed: 1 }));
    for (let i = 0; i < 4; ++i) keep(await la.matmulAsync(a, a));
  });
}

/** Shapes of every aspect ratio: around tiles, blocks of k, and cuts. */
const SHAPES: readonly [m: number, n: number, k: number][] = [
  [64, 64, 64],
  [65, 67, 71],
  [97, 101, 103],
  [2, 700, 300],
  [700, 2, 300],
  [3, 1000, 520],
  [1000, 3, 520],
  [1, 900, 400],
  [900, 1, 400],
  [300, 300, 1],
  [256, 256, 256],
  [257, 255, 513],
  [500, 40, 700],
  [40, 500, 700],
  [13, 4001, 90],
  [4001, 13, 90],
];

/** The result of alpha op(A) op(B) + beta C in one context, in one of the layouts. */
function product(
  la: Context,
  [m, n, k]: readonly [number, number, number],
  dtype: DType,
  how: { trans: string; alpha: number; beta: number; byColumns: boolean },
): Float32Array | Float64Array {
  return la.scope(() => {
    const { trans, alpha, beta, byColumns } = how;
    const a = la.random(trans[0] === "N" ? [m, k] : [k, m], { seed: 1, dtype });
    const b = la.random(trans[1] === "N" ? [k, n] : [n, k], { seed: 2, dtype });
    const c = byColumns ? la.random([n, m], { seed: 3, dtype }).T : la.random([m, n], { seed: 3, dtype });
    const [transA, transB] = trans as unknown as ["N" | "T", "N" | "T"];
    la.gemm({ transA, transB, alpha, a, b, beta, c });
    return c.toTyped();
  });
}

const HOWS = [
  { trans: "NN", alpha: 1, beta: 0, byColumns: false },
  { trans: "TN", alpha: 1.5, beta: -0.5, byColumns: false },
  { trans: "NT", alpha: 1, beta: 1, byColumns: true },
  { trans: "TT", alpha: -2, beta: 0, byColumns: true },
];

const same = (x: ArrayLike<number>, y: ArrayLike<number>): boolean =>
  x.length === y.length &&
  Array.prototype.every.call(x, (value: number, i: number) => Object.is(value, y[i]));

describe.each(["strict", "relaxed"] as const)(
  "the %s build has the same bits on any number of threads",
  (build) => {
    let alone: Context;
    const teams = new Map<number, Context>();

    beforeAll(async () => {
      alone = await init({ build, threads: 1, memory: MEMORY });
      for (const threads of [2, 3, 4, 5, 6, 7, 8]) {
        const la = await init({ build, threads, prewarm: true, memory: MEMORY });
        await warm(la);
        teams.set(threads, la);
      }
    }, 60_000);

    afterAll(() => {
      alone.close();
      for (const la of teams.values()) la.close();
    });

    test.each(SHAPES)("%d × %d × %d", async (m, n, k) => {
      for (const dtype of ["float32", "float64"] as const) {
        for (const how of HOWS) {
          const expected = product(alone, [m, n, k], dtype, how);
          for (const [threads, la] of teams) {
            const got = product(la, [m, n, k], dtype, how);
            expect(same(got, expected), `${threads} threads, ${dtype}, ${JSON.stringify(how)}`).toBe(true);
            if (how !== HOWS[0]) continue;
            const later = await using(async (keep) => {
              const [a, b] = [la.random([m, k], { seed: 1, dtype }), la.random([k, n], { seed: 2, dtype })];
              return keep(await la.matmulAsync(keep(a), keep(b))).toTyped();
            });
            expect(same(later, expected), `${threads} threads, async, ${dtype}`).toBe(true);
          }
        }
      }
    });

    test.each([
      ["many small products", [60, 30, 40], [60, 40, 50]],
      ["a few large ones", [3, 150, 160], [3, 160, 170]],
      ["one matrix for all", [40, 60, 70], [70, 80]],
      ["stacks seen from behind", [5, 80, 90], [5, 90, 100]],
      ["matrix and vector", [2000, 500], [500]],
      ["vector and matrix", [500], [500, 2000]],
      ["stacks of vectors", [9, 300, 400], [9, 400, 1]],
      ["two axes of stacks", [3, 4, 60, 70], [4, 70, 50]],
    ] as const)("%s", async (name, shapeA, shapeB) => {
      const operands = (la: Context, dtype: DType): [Blasm.NDArray, Blasm.NDArray] => {
        const make = (shape: readonly number[], seed: number) =>
          name === "stacks seen from behind"
            ? la.random([...shape].reverse(), { seed, dtype }).T
            : la.random([...shape], { seed, dtype });
        return [make(shapeA, 1), make(shapeB, 2)];
      };
      const compute = (la: Context, dtype: DType) =>
        la.scope(() => {
          const [a, b] = operands(la, dtype);
          return Array.from({ length: 12 }, () => la.matmul(a, b).toTyped());
        });
      for (const dtype of ["float32", "float64"] as const) {
        const [expected] = compute(alone, dtype);
        for (const [threads, la] of teams) {
          for (const got of compute(la, dtype))
            expect(same(got, expected!), `${threads} threads, ${dtype}`).toBe(true);
          const later = await using(async (keep) => {
            const [a, b] = operands(la, dtype);
            return keep(await la.matmulAsync(keep(a), keep(b))).toTyped();
          });
          expect(same(later, expected!), `${threads} threads, async`).toBe(true);
        }
      }
    });

    test("stacks, vectors and literals, asynchronous", async () => {
      const stacks = async (la: Context): Promise<unknown> =>
        using(async (keep) => {
          const a = keep(la.random([3, 70, 80], { seed: 4 }));
          const b = keep(la.random([80, 90], { seed: 5 }));
          const x = keep(la.random([80], { seed: 6 }));
          const c = keep(await la.matmulAsync(a, b));
          const y = keep(await la.matmulAsync(a, x));
          const z = keep(await la.matmulAsync([[1, 2]], [[3], [4]]));
          return [c.toArray(), y.toArray(), z.toArray()];
        });
      const expected = await stacks(alone);
      for (const la of teams.values()) expect(await stacks(la)).toEqual(expected);
    });
  },
);

/** Word of the ticket board that names a member's thread (sync/ticket.ts, memory/layout.ts). */
const MEMBER_THREAD = (22 * 1024) / 4 + 5 * 16 + 1;
/** Word of the job's record that names the micro-kernel (ops/tickets.ts). */
const MICRO_KERNEL = (28 * 1024) / 4 + 4 + 23;

/** Ends a member wherever it is: in a kernel, or asleep. */
function killMember(la: Context, member: number): void {
  const words = new Int32Array(la.share().memory.buffer);
  // A handle on the member, made of another thread's: the keeper goes by the id.
  const handle = la.spawn(new URL("./modules/tasks.mjs", import.meta.url), ["nothing"]);
  Object.assign(handle, { id: Atomics.load(words, MEMBER_THREAD + 16 * member) });
  void handle.terminate();
}

describe("faults", () => {
  let la: Context;
  beforeAll(async () => {
    la = await init({ threads: 3, prewarm: true, memory: MEMORY });
    await warm(la);
  });
  afterAll(() => la.close());

  test("a member that dies is replaced; a product that does not read C is done all the same", async () => {
    const a = la.random([600, 600], { seed: 1 });
    const expected = la.matmul(a, a);
    const before = arrays(la);
    for (let round = 0; round < 12; ++round) {
      const running = la.matmulAsync(a, a);
      await new Promise((resolve) => setTimeout(resolve, round % 6));
      killMember(la, round % 2);
      const c = await running;
      expect(same(c.data, expected.data), `round ${round}`).toBe(true);
      c.release();
      const d = la.matmul(a, a);
      expect(same(d.data, expected.data), `round ${round}, blocking`).toBe(true);
      d.release();
    }
    await warm(la);
    expect(arrays(la)).toBe(before);
    a.release();
    expected.release();
  }, 60_000);

  test("members that die at any time, two hundred times: every product is right, and the arena exact", async () => {
    const a = la.random([400, 400], { seed: 1 });
    const expected = la.matmul(a, a);
    const before = arrays(la);
    // Numbers from a seed: a failure can be repeated.
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let died = 0;
    for (let round = 0; round < 200; ++round) {
      const running = la.matmulAsync(a, a);
      await new Promise((resolve) => setTimeout(resolve, random(6)));
      const member = random(2);
      const seat = new Int32Array(la.share().memory.buffer)[MEMBER_THREAD + 16 * member];
      killMember(la, member);
      const c = random(2) === 0 ? await running : la.matmul(a, a);
      expect(same(c.data, expected.data), `round ${round}`).toBe(true);
      c.release();
      const d = await running;
      if (!d.released) d.release();
      // Dead ones are replaced a tenth of a second after their start, at the earliest.
      if (round % 4 === 3) await new Promise((resolve) => setTimeout(resolve, 110));
      const now = new Int32Array(la.share().memory.buffer)[MEMBER_THREAD + 16 * member];
      died += Number(now !== seat);
    }
    await warm(la);
    expect(died).toBeGreaterThan(20);
    expect(arrays(la)).toBe(before);
    expect(la.arena.check().problems).toEqual([]);
    for (const array of [a, expected]) array.release();
  }, 120_000);

  test("a product that reads C says that C is lost, or is right", async () => {
    const a = la.random([700, 700], { seed: 1 });
    const c = la.zeros([700, 700]);
    const alone = await init({ threads: 1, memory: MEMORY });
    const [a1, c1] = [alone.random([700, 700], { seed: 1 }), alone.zeros([700, 700])];
    alone.gemm({ a: a1, b: a1, beta: 1, c: c1 });
    const outcomes = new Set<string>();
    for (let round = 0; round < 12; ++round) {
      c.data.fill(0);
      const running = la.gemmAsync({ a, b: a, beta: 1, c }).then(
        () => "done",
        (error: Blasm.TeamError) => error.code,
      );
      await new Promise((resolve) => setTimeout(resolve, round));
      killMember(la, round % 3);
      const outcome = await running;
      outcomes.add(outcome);
      if (outcome === "done") expect(same(c.data, c1.data), `round ${round}`).toBe(true);
      else expect(outcome).toBe("DIED");
    }
    alone.close();
    a.release();
    c.release();
  }, 60_000);

  test("aborting: before, in the midst, after; the result is released", async () => {
    const a = la.random([1200, 1200], { seed: 1 });
    const before = arrays(la);
    const aborted = AbortSignal.abort(new Error("not at all"));
    await expect(la.matmulAsync(a, a, { signal: aborted })).rejects.toThrow("not at all");
    for (const ms of [0, 1, 5, 20]) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error(`after ${ms}`)), ms);
      const outcome = await la.matmulAsync(a, a, { signal: controller.signal }).then(
        (c) => c.release(),
        (error: Error) => error.message,
      );
      if (outcome !== undefined) expect(outcome).toBe(`after ${ms}`);
    }
    expect(arrays(la)).toBe(before);
    const controller = new AbortController();
    const c = await la.matmulAsync(a, a, { signal: controller.signal });
    controller.abort();
    expect(same(c.data, la.matmul(a, a, { out: c }).data)).toBe(true);
    c.release();
    a.release();
  }, 60_000);

  test("operands released meanwhile are held until it is done", async () => {
    const before = arrays(la);
    const a = la.random([500, 500], { seed: 1 });
    const product = la.matmul(a, a);
    const expected = product.toTyped();
    product.release();
    const running = la.matmulAsync(a, a);
    a.release();
    const noise = la.full([500, 500], 7);
    const c = await running;
    expect(same(c.data, expected)).toBe(true);
    for (const array of [c, noise]) array.release();
    expect(arrays(la)).toBe(before);
  });

  test("the event loop turns while a product is computed; progress is told; jobs are done in order", async () => {
    const a = la.random([1500, 1500], { seed: 1, dtype: "float32" });
    let longest = 0;
    let last = performance.now();
    const ticking = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    const progress: number[] = [];
    const order: number[] = [];
    const results = await Promise.all(
      [1, 2, 3].map(async (which) => {
        const c = await la.matmulAsync(a, a, {
          onProgress: (done, tickets) => void (which === 1 && progress.push(done / tickets)),
        });
        order.push(which);
        return c;
      }),
    );
    clearInterval(ticking);
    expect(order).toEqual([1, 2, 3]);
    expect(progress.at(-1)).toBe(1);
    expect([...progress].sort((x, y) => x - y)).toEqual(progress);
    console.log(`longest stall of the event loop: ${longest.toFixed(0)} ms`);
    expect(longest).toBeLessThan(1000);
    for (const array of [a, ...results]) array.release();
  }, 60_000);

  test("threads that compute at once, of which the team serves one", async () => {
    const a = la.random([256, 256], { seed: 1 });
    const expected = la.matmul(a, a);
    const tasks = new URL("./modules/tasks.mjs", import.meta.url);
    const threads = [1, 2].map(() => la.spawn<number>(tasks, ["products", a, expected, 20]));
    for (let i = 0; i < 20; ++i) {
      const c = la.matmul(a, a);
      expect(same(c.data, expected.data)).toBe(true);
      c.release();
    }
    for (const thread of threads) expect(await thread.joinAsync()).toBe(20);
    for (const array of [a, expected]) array.release();
  }, 60_000);
});

test("bad numbers of threads", async () => {
  for (const threads of [0, -1, 1.5, Number.NaN, 66, "2" as never]) {
    await expect(init({ threads })).rejects.toMatchObject({ code: "OPTION" });
  }
  const la = await init({ threads: 2 });
  for (const threads of [0, -1, 1.5, Number.NaN, 66])
    expect(() => la.setThreads(threads)).toThrow(/setThreads/);
  la.setThreads(1);
  expect(la.config().threads.used).toBe(1);
  la.close();
  expect(() => la.setThreads(2)).toThrow(expect.objectContaining({ name: "ClosedError" }));
  await expect(la.matmulAsync([[1]], [[1]])).rejects.toMatchObject({ name: "ClosedError" });
});

test("without shared memory the same calls work, in slices of this thread", async () => {
  const la = await init({ memory: { shared: false, maximum: "256 MiB" } });
  const a = la.random([700, 700], { seed: 1 });
  const progress: number[] = [];
  const c = await la.matmulAsync(a, a, { onProgress: (done) => void progress.push(done) });
  expect(same(c.data, la.matmul(a, a).data)).toBe(true);
  expect(progress.length).toBeGreaterThan(1);
  expect(la.config().threads).toMatchObject({ used: 1, reason: expect.stringContaining("not shared") });
  la.close();
});

test("close() in the midst of a job: it is rejected, and nothing is left running", async () => {
  for (const ms of [0, 1, 5, 20, 60]) {
    const la = await init({ threads: 3, prewarm: true, memory: MEMORY });
    const a = la.random([1200, 1200], { seed: 1 });
    const running = la.matmulAsync(a, a).then(
      () => "done",
      (error: Error) => error.name,
    );
    const next = la.matmulAsync(a, a).catch((error: Error) => error.name);
    await new Promise((resolve) => setTimeout(resolve, ms));
    la.close();
    expect(["done", "ClosedError"]).toContain(await running);
    expect(await next).toBe("ClosedError");
  }
}, 60_000);

test("a member that throws is replaced, and the product is right", async () => {
  const la = await init({ threads: 2, prewarm: true, memory: MEMORY });
  await warm(la);
  const a = la.random([500, 500], { seed: 1 });
  const expected = la.matmul(a, a).toTyped();
  // There is no such micro-kernel, so the member's next ticket throws.
  const words = new Int32Array(la.share().memory.buffer);
  const member = Atomics.load(words, MEMBER_THREAD);
  const corrupt = setInterval(() => Atomics.store(words, MICRO_KERNEL, 99));
  for (let round = 0; Atomics.load(words, MEMBER_THREAD) === member && round < 200; ++round) {
    const c = await la.matmulAsync(a, a);
    expect(same(c.data, expected)).toBe(true);
    c.release();
  }
  clearInterval(corrupt);
  la.close();
}, 60_000);

test("a thousand contexts, with teams, come and go: no handle and no memory is left", async () => {
  const program = fileURLToPath(new URL("./modules/rounds.mjs", import.meta.url));
  const run = promisify(execFile);
  const { stdout, stderr } = await run(process.execPath, ["--expose-gc", program, "1000"], {
    timeout: 120_000,
  });
  expect(stderr).toBe("");
  const { early, late } = JSON.parse(stdout) as Record<"early" | "late", { handles: string[]; rss: number }>;
  console.log(`resident after 250 rounds ${early.rss} MiB, after 1000 ${late.rss} MiB`);
  expect(late.handles).toEqual(early.handles);
  expect(late.rss - early.rss).toBeLessThan(40);
}, 180_000);

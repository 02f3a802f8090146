import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type * as Blasm from "../../src/index.ts";

// Without shared memory: a thread with a memory of its own, behind the asynchronous calls. Over dist/index.js, whose text it runs.

const { init } = (await import(
  /* @vite-ignore */ new URL("../../dist/index.js", import.meta.url).href
)) as typeof Blasm;

type Threads = typeof import("node:worker_threads");
const threads = process.getBuiltinModule("node:worker_threads") as {
  -readonly [name in keyof Threads]: Threads[name];
};
const { Worker, MessageChannel } = threads;

/** What the library does with Node's threads, written down. */
let workers: InstanceType<Threads["Worker"]>[];
let blocks: number;
/** Called when the delegate is asked for a block. */
let onBlock: () => void;

beforeEach(() => {
  [workers, blocks, onBlock] = [[], 0, () => {}];
  threads.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<Threads["Worker"]>) {
      super(...args);
      workers.push(this);
    }
  };
  threads.MessageChannel = class extends MessageChannel {
    constructor() {
      super();
      const { port1 } = this;
      const post = port1.postMessage.bind(port1);
      port1.postMessage = (question, handedOver) => {
        if ("block" in question) {
          blocks += 1;
          onBlock();
        }
        post(question, handedOver);
      };
    }
  };
});
let open: Blasm.Context[] = [];
afterEach(() => {
  for (const la of open) la.close();
  open = [];
  Object.assign(threads, { Worker, MessageChannel });
});

async function alone(options: Blasm.InitOptions = {}): Promise<Blasm.Context> {
  const la = await init({ ...options, memory: { initial: "16 MiB", maximum: "512 MiB", shared: false } });
  open.push(la);
  return la;
}

/** As alone(), when products are computed by the delegate. */
async function apart(options?: Blasm.InitOptions): Promise<Blasm.Context> {
  const la = await alone(options);
  const a = la.ones([800, 800]);
  for (let round = 0; blocks === 0 && round < 200; ++round) (await la.matmulAsync(a, a)).release();
  a.release();
  expect(blocks).toBeGreaterThan(0);
  blocks = 0;
  return la;
}

const bits = (array: Blasm.NDArray): string => {
  const { buffer } = array.toTyped();
  return Buffer.from(buffer).toString("latin1");
};
const inUse = (la: Blasm.Context): unknown => {
  const { blocks, used, requested } = la.arena.stats();
  return { blocks, used, requested };
};

describe("the same bits as in this thread, and an arena that is exact", () => {
  const reversed = (a: Blasm.NDArray): Blasm.NDArray => a.slice([null, null, -1], [null, null, -1]);
  const spread = (a: Blasm.NDArray): Blasm.NDArray => a.slice([null, null, 2], [null, null, 2]);
  const VIEWS: Record<string, { grow: number; view: (a: Blasm.NDArray) => Blasm.NDArray }> = {
    "as they are": { grow: 1, view: (a) => a.slice(null) },
    reversed: { grow: 1, view: reversed },
    "every other row and column": { grow: 2, view: spread },
  };
  const CASES = [
    ["float32", "as they are", "NN"],
    ["float32", "reversed", "TT"],
    ["float32", "every other row and column", "NT"],
    ["float64", "as they are", "TN"],
    ["float64", "reversed", "NN"],
    ["float64", "every other row and column", "TT"],
  ] as const;

  test.each(CASES)("%s, %s, %s", async (dtype, name, trans) => {
    const la = await apart();
    const { grow, view } = VIEWS[name]!;
    const before = inUse(la);
    // Wide and tall.
    for (const [m, n, k] of [
      [601, 811, 977],
      [1101, 401, 900],
    ] as const) {
      const [transA, transB] = [...trans] as ["N" | "T", "N" | "T"];
      const random = (rows: number, columns: number, seed: number): Blasm.NDArray =>
        la.random([rows * grow, columns * grow], { seed, dtype });
      const whole = [
        transA === "N" ? random(m, k, 1) : random(k, m, 1),
        transB === "N" ? random(k, n, 2) : random(n, k, 2),
        random(m, n, 3),
        random(m, n, 3),
      ] as const;
      const [a, b, c, d] = whole.map(view) as [Blasm.NDArray, Blasm.NDArray, Blasm.NDArray, Blasm.NDArray];
      for (const beta of [0, -0.5]) {
        blocks = 0;
        la.gemm({ transA, transB, alpha: 1.25, a, b, beta, c: d });
        await la.gemmAsync({ transA, transB, alpha: 1.25, a, b, beta, c });
        expect(bits(c)).toBe(bits(d));
        // What lies between C's rows and columns is as it was.
        expect(bits(whole[2])).toBe(bits(whole[3]));
        expect(blocks).toBeGreaterThan(0);
      }
      for (const array of [a, b, c, d, ...whole]) array.release();
    }
    expect(inUse(la)).toEqual(before);
  });

  test("a result by columns, and one in pieces", async () => {
    const la = await apart();
    const a = la.random([700, 900], { seed: 1 });
    const b = la.random([900, 900], { seed: 2 });
    const [c, d] = [la.zeros([900, 700]), la.zeros([900, 700])];
    la.matmul(a, b, { out: d.T });
    await la.matmulAsync(a, b, { out: c.T });
    expect(bits(c)).toBe(bits(d));
    expect(blocks).toBeGreaterThan(1);
  });

  test("a stack, one product after the other; calls in their order", async () => {
    const la = await apart();
    const a = la.random([3, 600, 700], { seed: 1 });
    const b = la.random([700, 800], { seed: 2 });
    const order: number[] = [];
    const [one, other] = await Promise.all([
      la.matmulAsync(a, b).finally(() => order.push(1)),
      la.matmulAsync(a, b).finally(() => order.push(2)),
    ]);
    const expected = la.matmul(a, b);
    expect(bits(one)).toBe(bits(expected));
    expect(bits(other)).toBe(bits(expected));
    expect(order).toEqual([1, 2]);
    expect(blocks).toBeGreaterThanOrEqual(6);
  });

  test("small products, and those of few multiply-adds an element, stay here", async () => {
    const la = await apart();
    await la.matmulAsync(la.ones([40, 40]), la.ones([40, 40]));
    await la.matmulAsync(la.ones([2000, 2000]), la.ones(2000));
    await la.matmulAsync(la.ones([1500, 8]), la.ones([8, 1500]));
    expect(blocks).toBe(0);
  });
});

describe("progress, and ends", () => {
  const N = 900;

  test("progress rises to the number of tickets, the event loop runs", async () => {
    const la = await apart();
    const a = la.ones([N, N]);
    const progress: [number, number][] = [];
    let turns = 0;
    const turn = setInterval(() => turns++);
    await la.matmulAsync(a, a, { onProgress: (done, tickets) => progress.push([done, tickets]) });
    clearInterval(turn);
    expect(turns).toBeGreaterThan(0);
    const done = progress.map(([count]) => count);
    expect(done).toEqual([...done].sort((one, other) => one - other));
    const [last, tickets] = progress.at(-1)!;
    expect(last).toBe(tickets);
  });

  test("a signal; what the delegate sends afterwards is written nowhere; the next product is right", async () => {
    const la = await apart();
    const a = la.ones([N, N]);
    const before = inUse(la);
    const control = new AbortController();
    onBlock = () => blocks === 2 && control.abort(new Error("enough"));
    await expect(la.matmulAsync(a, a, { signal: control.signal })).rejects.toThrow("enough");
    expect(inUse(la)).toEqual(before);
    const untouched = la.full([N, N], 7);
    const c = await la.matmulAsync(a, a);
    expect(untouched.data.every((value) => value === 7)).toBe(true);
    expect(c.data.every((value) => value === N)).toBe(true);
  });

  test("close() in the midst of it", async () => {
    const la = await apart();
    const a = la.ones([N, N]);
    onBlock = () => setImmediate(() => la.close());
    await expect(la.matmulAsync(a, a)).rejects.toMatchObject({ name: "ClosedError" });
    await vi.waitFor(() => expect(workers.at(-1)!.threadId).toBe(-1));
  });

  test.each([0, -0.5])(
    "the thread dies: this one goes on, with beta %s, and config() says so",
    async (beta) => {
      const la = await apart();
      const a = la.random([N, N], { seed: 1 });
      const [c, d] = [la.ones([N, N]), la.ones([N, N])];
      const before = inUse(la);
      onBlock = () => blocks === 3 && void workers.at(-1)!.terminate();
      await la.gemmAsync({ a, b: a, beta, c });
      la.gemm({ a, b: a, beta, c: d });
      expect(bits(c)).toBe(bits(d));
      expect(inUse(la)).toEqual(before);
      expect(la.config().threads.reason).toMatch(/asynchronous products here: it has ended/);
      // And from now on alone.
      blocks = 0;
      await la.gemmAsync({ a, b: a, c });
      expect([blocks, workers.length]).toEqual([0, 1]);
    },
  );

  test("a memory too small for the copies: this thread computes", async () => {
    const la = await init({ memory: { initial: "16 MiB", maximum: "22.7 MiB", shared: false } });
    open.push(la);
    const a = la.ones([1100, 1100]);
    const c = la.zeros([1100, 1100]);
    for (let round = 0; round < 6; ++round) await la.gemmAsync({ a, b: a, c });
    expect(c.data.every((value) => value === 1100)).toBe(true);
    // What there is no room for was not asked for again.
    expect(blocks).toBeLessThanOrEqual(2 * 6);
    expect(la.config().threads.reason).toMatch(/products by a thread apart$/);
  });
});

describe("how it is started", () => {
  test("with the first large product, once", async () => {
    const la = await alone();
    await la.matmulAsync(la.ones([30, 30]), la.ones([30, 30]));
    la.matmul(la.ones([500, 500]), la.ones([500, 500]));
    expect(workers).toEqual([]);
    expect(la.config().threads.reason).toMatch(/by a thread apart, when it is there$/);
    const a = la.ones([800, 800]);
    for (let round = 0; blocks === 0 && round < 200; ++round) (await la.matmulAsync(a, a)).release();
    expect(workers).toHaveLength(1);
    expect(la.config().threads).toEqual({
      asked: "default",
      used: 1,
      reason: "memory is not shared: as asked; asynchronous products by a thread apart",
    });
  });

  test("a workerURL that is none: from the text; config() says so", async () => {
    const la = await apart({ workerURL: new URL("./no-such-file.js", import.meta.url) });
    expect(workers.length).toBeGreaterThanOrEqual(2);
    expect(la.config().threads.reason).toMatch(/by a thread apart; not from .*no-such-file\.js/);
  });

  test("no thread at all: this one computes, and config() says why", async () => {
    threads.Worker = class {
      constructor() {
        throw new Error("no threads today");
      }
    } as never;
    const la = await alone();
    const a = la.ones([800, 800]);
    expect((await la.matmulAsync(a, a)).at(3, 4)).toBe(800);
    expect(la.config().threads.reason).toMatch(/asynchronous products here: data: no threads today$/);
  });

  test("a process in which it waits ends by itself", async () => {
    const program = fileURLToPath(new URL("./modules/apart.mjs", import.meta.url));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program], { timeout: 60_000 });
    expect([stdout.trim(), stderr]).toEqual(["800", ""]);
  });
});

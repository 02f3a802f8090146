import { execFile } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type * as Blasm from "../../src/index.ts";
import { CONTROL, WORD } from "../../src/memory/layout.ts";

// Real threads: over dist/index.js, which a worker can import. `npm test` has built it.

const { init, attach } = (await import(
  /* @vite-ignore */ new URL("../../dist/index.js", import.meta.url).href
)) as typeof Blasm;
type Context = Blasm.Context;

const TASKS = new URL("./modules/tasks.mjs", import.meta.url);
const ENTRY = fileURLToPath(new URL("../../dist/index.js", import.meta.url));

let la: Context;
beforeEach(async () => {
  la = await init({ debug: true, memory: { initial: "16 MiB", maximum: "1 GiB" } });
});
afterEach(() => la.close());

/** What an error says of itself. */
async function failure(
  promise: Promise<unknown>,
): Promise<{ name: string; code?: string; message: string; stack: string }> {
  const error = await promise.then(
    (value) => expect.fail(`it was fulfilled with ${String(value)}`),
    (thrown: Error) => thrown,
  );
  return error as never;
}

function failureOf(run: () => unknown): { name: string; code?: string; message: string; stack: string } {
  try {
    run();
  } catch (error) {
    return error as never;
  }
  return expect.fail("nothing was thrown");
}

/** Blocks and bytes in use. */
const inUse = (): [number, number] => [la.arena.stats().blocks, la.arena.stats().used];

describe("what goes in and comes out", () => {
  test("join() blocks and returns; joinAsync() awaits; both again", async () => {
    const thread = la.spawn<unknown[]>(TASKS, ["echo", 1, "two", [3]]);
    expect(thread.alive).toBe(true);
    expect(thread.join()).toEqual([1, "two", [3]]);
    expect(thread.alive).toBe(false);
    expect(thread.join()).toEqual([1, "two", [3]]);
    await expect(thread.joinAsync()).resolves.toEqual([1, "two", [3]]);
    await expect(la.spawn(TASKS, ["nothing"]).joinAsync()).resolves.toBeUndefined();
  });

  test("a function in place of a module: its text is sent, with nothing of what stands around it", async () => {
    const a = la.ones([2, 3]);
    const outside = 1;
    const product = la.spawn(
      (la, x: typeof a, alpha: number) => la.matmul(la.full([2, 2], alpha), x),
      [a, 7],
    );
    const c = await product.joinAsync();
    expect(c.toArray()).toEqual([
      [14, 14, 14],
      [14, 14, 14],
    ]);
    const declared = la.spawn(async function work(): Promise<string> {
      await null;
      return work.name;
    });
    expect(declared.join()).toBe("work");
    const closure = await failure(la.spawn(() => outside).joinAsync());
    expect(closure).toMatchObject({ name: "ReferenceError", message: "outside is not defined" });
    expect(closure.stack).toContain("spawned.js");
    for (const array of [a, c]) array.release();
  });

  test("values as postMessage() copies them; also arguments within arguments", () => {
    const cyclic: { self?: unknown; n: number } = { n: 1 };
    cyclic.self = cyclic;
    const values = [
      null,
      undefined,
      -0,
      Number.NaN,
      2n ** 70n,
      new Date(5),
      new Map([[1, { a: new Set([2]) }]]),
    ];
    const got = la.spawn<unknown[]>(TASKS, ["echo", ...values, new Float32Array([1, 2]), cyclic]).join();
    expect(got.slice(0, values.length)).toEqual(values);
    expect(got.at(-2)).toEqual(new Float32Array([1, 2]));
    const back = got.at(-1) as typeof cyclic;
    expect(back.self).toBe(back);
  });

  test("an array arrives as the same elements, and comes back as a view of them", () => {
    const a = la.array([
      [1, 2],
      [3, 4],
    ]);
    const before = inUse();
    const [inner] = la
      .spawn<[{ list: [Blasm.NDArray] }]>(TASKS, ["echo", { list: [a.T.slice([1, 2])] }])
      .join();
    const [view] = inner.list;
    expect(view.toArray()).toEqual([[2, 4]]);
    a.set(9, 1, 1);
    expect(view.toArray()).toEqual([[2, 9]]);
    // a, the two views that were made for the argument, and the one that came back.
    expect(view.refs).toBe(4);
    view.release();
    expect(inUse()).toEqual(before);
  });

  test("one array twice is one array there", () => {
    const a = la.zeros(3);
    const [one, other] = la.spawn<[Blasm.NDArray, Blasm.NDArray]>(TASKS, ["echo", a, a]).join();
    expect(one).toBe(other);
    expect(a.refs).toBe(2);
  });

  test.each([
    ["Lock", (it: Context) => it.lock()],
    ["RLock", (it: Context) => it.rlock()],
    ["Condition", (it: Context) => it.condition()],
    ["Semaphore", (it: Context) => it.semaphore(2)],
    ["BoundedSemaphore", (it: Context) => it.boundedSemaphore(2)],
    ["Event", (it: Context) => it.event()],
    ["Barrier", (it: Context) => it.barrier(2)],
    ["Gil", (it: Context) => it.gil()],
  ] as const)("a %s arrives as the same words", (name, make) => {
    const primitive = make(la);
    const [back] = la.spawn<[Blasm.Primitive]>(TASKS, ["echo", primitive]).join();
    expect(back.constructor.name).toBe(name);
    expect(back.index).toBe(primitive.index);
    expect(back.words.buffer).toBe(primitive.words.buffer);
    if (name === "Condition") {
      expect((back as Blasm.Condition).lock.index).toBe((primitive as Blasm.Condition).lock.index);
    }
  });

  test("a product made there is an array here", () => {
    const [a, b] = [la.random([65, 40], { seed: 1 }), la.random([40, 30], { seed: 2 })];
    const c = la.spawn<Blasm.NDArray>(TASKS, ["product", a, b]).join();
    expect(c.toTyped()).toEqual(la.matmul(a, b).toTyped());
    expect(c.refs).toBe(1);
  });
});

describe("what goes wrong there", () => {
  test("its exception comes back, with its stack", async () => {
    const thread = la.spawn(TASKS, ["fail", "range"]);
    const error = failureOf(() => thread.join());
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "RangeError", message: "no such number: 7" });
    expect(error.stack).toContain("tasks.mjs");
    expect(await failure(thread.joinAsync())).toMatchObject({ name: "RangeError" });
    expect(failureOf(() => la.spawn(TASKS, ["fail", "later"]).join())).toMatchObject({ name: "TypeError" });
    expect(failureOf(() => la.spawn(TASKS, ["fail", "text"]).join()).message).toBe("only a text");
    expect(failureOf(() => la.spawn(TASKS, ["fail", "blasm"]).join())).toMatchObject({
      name: "ShapeError",
      code: "SHAPE",
    });
  });

  test("what it returns cannot be sent", () => {
    expect(failureOf(() => la.spawn(TASKS, ["fail", "function"]).join())).toMatchObject({
      name: "DataCloneError",
    });
  });

  test.each(["exit", "callback"])("it dies: %s", (how) => {
    const before = inUse();
    const error = failureOf(() => la.spawn(TASKS, ["fail", how]).join());
    expect(error).toMatchObject({ name: "TeamError", code: "DIED" });
    expect(error.message).toContain(how === "exit" ? "before its function returned" : "in a callback");
    expect(inUse()).toEqual(before);
  });

  test.each([
    ["./modules/none.mjs", /none\.mjs/],
    ["./modules/broken.txt", /broken\.txt|Unexpected identifier|Unknown file extension/],
    ["./modules/no-default.mjs", /no default export/],
  ])("a module that cannot be: %s", (path, message) => {
    const error = failureOf(() => la.spawn(new URL(path, import.meta.url)).join());
    expect(error.message).toMatch(message);
  });

  test("what cannot be sent is refused before anything starts", () => {
    const a = la.zeros(4);
    const error = failureOf(() => la.spawn(TASKS, ["echo", a, () => {}]));
    expect(error).toMatchObject({ name: "TeamError", code: "SENT" });
    expect(a.refs).toBe(1);
    const released = la.zeros(2);
    released.release();
    expect(failureOf(() => la.spawn(TASKS, ["echo", a, released]))).toMatchObject({ code: "RELEASED" });
    expect(a.refs).toBe(1);
    expect(failureOf(() => la.spawn("./worker.js"))).toMatchObject({ code: "OPTION" });
    expect(failureOf(() => la.spawn("worker.js")).message).toContain(
      'new URL("./worker.js", import.meta.url)',
    );
  });

  test("join() with a time limit", async () => {
    const [lock, here] = [la.lock(), la.event()];
    lock.acquire();
    const thread = la.spawn<string>(TASKS, ["wait", lock, here]);
    expect(failureOf(() => thread.join({ timeoutMs: 20 }))).toMatchObject({
      name: "TeamError",
      code: "TIMEOUT",
    });
    expect(await failure(thread.joinAsync({ timeoutMs: 20 }))).toMatchObject({ code: "TIMEOUT" });
    expect(failureOf(() => thread.join({ timeoutMs: -1 }))).toMatchObject({
      name: "LockError",
      code: "TIMEOUT",
    });
    lock.release();
    expect(thread.join({ timeoutMs: 10_000 })).toBe("got it");
  });
});

describe("locks between threads", () => {
  test("a hundred thousand increments, blocking and awaiting, lose none", async () => {
    const [lock, a] = [la.lock(), la.zeros(1)];
    const threads = ["increment", "incrementAsync"].map((task) => la.spawn(TASKS, [task, lock, a, 25_000]));
    for (let i = 0; i < 25_000; ++i) await lock.withLockAsync(() => a.set(a.at(0) + 1, 0));
    for (let i = 0; i < 25_000; ++i) lock.withLock(() => a.set(a.at(0) + 1, 0));
    for (const thread of threads) thread.join();
    expect(a.at(0)).toBe(100_000);
    expect(lock.locked()).toBe(false);
  });

  test.each(["return", "throw", "spin", "sleep"])(
    "a holder that ends by %s leaves the lock abandoned",
    async (how) => {
      const [lock, held] = [la.lock(), la.event()];
      const holder = la.spawn(TASKS, ["hold", lock, held, how]);
      held.wait();
      // This thread blocks right after: it is the keeper who sees the thread die.
      if (how === "spin" || how === "sleep") void holder.terminate();
      const error = failureOf(() => lock.acquire({ timeoutMs: 20_000 }));
      expect(error).toMatchObject({ name: "LockError", code: "ABANDONED" });
      expect(error.message).toContain("recover()");
      expect(failureOf(() => lock.acquire({ blocking: false }))).toMatchObject({ code: "ABANDONED" });
      expect(await failure(lock.acquireAsync())).toMatchObject({ code: "ABANDONED" });
      expect(lock.locked()).toBe(true);

      const holders: number[] = [];
      expect(lock.recover(() => void holders.push(lock.holder))).toBe(true);
      expect(holders).toEqual([la.threadId]);
      expect([lock.locked(), lock.recover()]).toEqual([false, false]);
      expect(lock.acquire()).toBe(true);
      lock.release();
      await holder.joinAsync().catch(() => {});
    },
  );

  test("an RLock, a Condition's lock and a Gil are abandoned and recovered, too", () => {
    const [rlock, gil, held] = [la.rlock(), la.gil(), la.event()];
    const condition = la.condition(rlock);
    la.spawn(TASKS, ["hold", rlock, held, "return"]).join();
    expect(failureOf(() => condition.lock.acquire())).toMatchObject({ code: "ABANDONED" });
    expect(rlock.recover()).toBe(true);
    rlock.withLock(() => condition.notify());
    la.spawn(TASKS, ["hold", gil, held, "return"]).join();
    expect(failureOf(() => gil.acquire())).toMatchObject({ code: "ABANDONED" });
    expect(gil.recover()).toBe(true);
    expect(gil.run(() => 5)).toBe(5);
  });

  test("a waiter that is terminated leaves nothing behind", async () => {
    const [lock, here] = [la.lock(), la.event()];
    for (let i = 0; i < 5; ++i) {
      lock.acquire();
      here.clear();
      const waiter = la.spawn(TASKS, ["wait", lock, here]);
      const other = la.spawn<string>(TASKS, ["wait", lock, la.event()]);
      here.wait();
      await waiter.terminate();
      lock.release();
      expect(other.join({ timeoutMs: 20_000 })).toBe("got it");
      expect(lock.acquire({ timeoutMs: 1000 })).toBe(true);
      lock.release();
    }
  });

  test("debug: the acquire that closes a cycle says so", () => {
    const [one, other, both] = [la.lock(), la.lock(), la.barrier(2)];
    const threads = [
      la.spawn<string>(TASKS, ["twoLocks", one, other, both]),
      la.spawn<string>(TASKS, ["twoLocks", other, one, both]),
    ];
    const messages = threads.map((thread) => thread.join({ timeoutMs: 20_000 }));
    const reports = messages.filter((text) => text !== "both");
    expect(reports.length).toBeGreaterThanOrEqual(1);
    for (const text of reports) {
      expect(text).toMatch(/would wait for ever/);
      for (const { index } of [one, other]) expect(text).toContain(`word ${index}`);
    }
    expect([one.locked(), other.locked()]).toEqual([false, false]);
    one.acquire();
    expect(failureOf(() => one.acquire())).toMatchObject({ code: "DEADLOCK" });
    one.release();
  });
});

describe("memory", () => {
  test("threads allocate at once; what they leave is released when they end", () => {
    const before = inUse();
    const threads = [1, 2, 3].map(() => la.spawn<number[]>(TASKS, ["churn", 2000]));
    for (let i = 0; i < 2000; ++i) la.full([(i * 31) % 700], i).release();
    const [first, ...others] = threads.map((thread) => thread.join());
    for (const numbers of others) expect(numbers).toEqual(first);
    expect(first).toEqual(la.random([3], { seed: 1 }).toArray());
    const { allocations, frees, blocks } = la.arena.stats();
    expect(allocations - frees).toBe(blocks);
    // The array of random numbers above, and nothing else.
    expect(inUse()[0]).toBe(before[0] + 1);
  });

  test("a thread that is terminated gives its scratch back", async () => {
    const before = inUse();
    const [lock, held] = [la.lock(), la.event()];
    const thread = la.spawn(TASKS, ["hold", lock, held, "spin"]);
    held.wait();
    await thread.terminate();
    expect(await failure(thread.joinAsync())).toMatchObject({
      code: "DIED",
      message: expect.stringContaining("terminated"),
    });
    lock[Symbol.dispose]();
    held[Symbol.dispose]();
    expect(inUse()).toEqual(before);
  });

  test("memory that another thread has grown is seen", () => {
    const big = la.spawn<[Blasm.NDArray]>(TASKS, ["echo", la.zeros([4_000_000])]).join()[0];
    const there = la.spawn<Blasm.NDArray>(TASKS, ["product", la.ones([900, 3]), la.ones([3, 5000])]).join();
    expect([there.at(0, 0), there.at(-1, -1), big.at(-1)]).toEqual([3, 3, 0]);
  });

  test("sharing by hand: share(), adopt() once, and only here", async () => {
    const a = la.ones(3);
    const shared = structuredClone(a.share());
    const b = la.adopt(shared);
    expect([b.at(2), a.refs]).toEqual([1, 2]);
    expect(failureOf(() => la.adopt(shared))).toMatchObject({
      code: "FOREIGN",
      message: expect.stringContaining("adopted already"),
    });
    const other = await init();
    expect(failureOf(() => other.adopt(a.share()))).toMatchObject({ code: "FOREIGN" });
    expect(failureOf(() => other.adopt(la.lock().share()))).toMatchObject({ code: "FOREIGN" });
    other.close();
    expect(failureOf(() => la.adopt({ ...shared, id: 1e9 }))).toMatchObject({ code: "FOREIGN" });
    expect(failureOf(() => la.adopt({ ...a.share(), shape: [1e6] }))).toMatchObject({ code: "FOREIGN" });
    expect(failureOf(() => la.adopt({} as never))).toMatchObject({ name: "LockError", code: "WORDS" });
  });

  test("attach() in this thread: another handle on all of it", async () => {
    const blocks = inUse()[0];
    const here = await attach(la.share());
    const a = la.random([40, 40], { seed: 3 });
    const b = here.adopt(a.share());
    expect(here.matmul(b, b).toTyped()).toEqual(la.matmul(a, a).toTyped());
    expect(here.threadId).not.toBe(la.threadId);
    here.close();
    // What the other handle has made is released with it.
    expect(inUse()[0]).toBe(blocks + 2);
    expect(a.refs).toBe(1);
    expect(await failure(attach({} as never))).toMatchObject({ code: "FOREIGN" });
  });
});

describe("threads that start threads", () => {
  test("they do", () => {
    expect(la.spawn(TASKS, ["parent", TASKS.href, la.full(2, 7)]).join()).toEqual([7, 5]);
  });
});

describe("the process", () => {
  const run = async (program: string): Promise<{ stdout: string; stderr: string }> =>
    promisify(execFile)(
      process.execPath,
      [
        "--input-type=module",
        "--eval",
        `import { init } from ${JSON.stringify(pathToFileURL(ENTRY).href)};\n${program}`,
      ],
      { timeout: 30_000 },
    );
  const spawn = (args: string): string => `la.spawn(${JSON.stringify(TASKS.href)}, ${args})`;

  test("a running thread keeps it alive, also one whose parent has ended; an idle keeper does not", async () => {
    const { stdout, stderr } = await run(`
      const la = await init(); const a = la.zeros(1);
      ${spawn('["late", a, 5, 100]')};
      ${spawn(`["orphan", ${JSON.stringify(TASKS.href)}, a, 6, 300]`)};
      console.log("end of main");
      process.on("exit", () => console.log("exit", a.at(0)));`);
    expect(stdout.trim().split("\n")).toEqual(["end of main", "late 5", "late 6", "exit 6"]);
    expect(stderr).toBe("");
  });

  test("close() ends threads wherever they are", async () => {
    const { stdout, stderr } = await run(`
      const la = await init(); const lock = la.lock(), held = la.event();
      const thread = ${spawn('["hold", lock, held, "spin"]')};
      held.wait(); la.close();
      await thread.joinAsync().catch((error) => console.log(error.code));
      console.log("closed");`);
    expect(stdout).toBe("DIED\nclosed\n");
    expect(stderr).toBe("");
  });

  test("a thread that is awaited keeps it alive until it is joined", async () => {
    const { stdout } = await run(`
      const la = await init();
      console.log(await ${spawn('["echo", 1]')}.joinAsync());
      console.log(await ${spawn('["echo", 2]')}.joinAsync());`);
    expect(stdout).toBe("[ 1 ]\n[ 2 ]\n");
  });
});

test("without shared memory there are no threads, and it says why", async () => {
  const alone = await init({ memory: { shared: false, maximum: "64 MiB" } });
  for (const use of [() => alone.spawn(TASKS), () => alone.share()]) {
    const error = failureOf(use);
    expect(error).toMatchObject({ name: "UnsupportedError" });
    expect(error.message).toContain("Cross-Origin-Opener-Policy");
  }
  expect(alone.arena.stats().blocks).toBe(0);
  alone.close();
});

test("an engine whose threads do not see each other's writes is noticed: one thread computes", async () => {
  const broken = await init({ threads: 2, memory: { initial: "32 MiB", maximum: "64 MiB" } });
  // As if what wasm has written had not arrived.
  const words = new Int32Array(broken.share().memory.buffer);
  Atomics.xor(words, CONTROL / 4 + WORD.proof, 1);
  const seen = { name: "UnsupportedError", message: expect.stringContaining("do not see what wasm writes") };
  const { blocks } = broken.arena.stats();
  expect(await failure(attach(broken.share()))).toMatchObject(seen);
  expect(await failure(broken.spawn(TASKS, ["nothing"]).joinAsync())).toMatchObject(seen);
  expect(broken.arena.stats().blocks).toBe(blocks);
  const a = broken.ones([128, 128]);
  await expect
    .poll(async () => {
      const product = await broken.matmulAsync(a, a);
      const element = product.at(5, 7);
      product.release();
      return [element, broken.config().threads];
    })
    .toEqual([128, { asked: 2, used: 1, reason: expect.stringContaining("do not see what wasm writes") }]);
  broken.close();
});

describe("without shared memory locks are for this thread's own asynchronous calls", () => {
  test("they take turns", async () => {
    const alone = await init({ memory: { shared: false, maximum: "64 MiB" } });
    const lock = alone.lock();
    const order: string[] = [];
    const turn = async (name: string): Promise<void> => {
      order.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push(`${name} out`);
    };
    await Promise.all(["a", "b", "c"].map((name) => lock.withLockAsync(() => turn(name))));
    // Who polls may overtake; nobody comes in before the last one is out.
    const turns = order.map((_, at) => order.slice(at, at + 2).join(", ")).filter((_, at) => at % 2 === 0);
    expect(turns.sort()).toEqual(["a in, a out", "b in, b out", "c in, c out"]);
    alone.close();
  });

  test("what nobody could end is refused", async () => {
    const alone = await init({ memory: { shared: false, maximum: "64 MiB" } });
    const lock = alone.lock();
    expect(lock.acquire()).toBe(true);
    expect(lock.acquire({ blocking: false })).toBe(false);
    expect(failureOf(() => lock.acquire())).toMatchObject({ name: "LockError", code: "BLOCKING" });
    expect(await lock.acquireAsync({ timeoutMs: 5 })).toBe(false);
    lock.release();
    expect(failureOf(() => alone.event().wait())).toMatchObject({ code: "BLOCKING" });
    alone.close();
  });
});

test("closed contexts refuse", () => {
  la.close();
  for (const use of [() => la.spawn(TASKS), () => la.share(), () => la.lock(), () => la.adopt({} as never)]) {
    expect(failureOf(use)).toMatchObject({ name: "ClosedError" });
  }
});

describe("products without the GIL", () => {
  test("the GIL is free while a large product is computed, held before and after", () => {
    const gil = la.gil();
    la.useGil(gil);
    const [large, small] = [la.random([80, 80], { seed: 1 }), la.random([8, 8], { seed: 2 })];
    const trace = gil.trace();
    gil.run(() => {
      la.matmul(small, small);
      const c = la.matmul(large, large);
      expect(gil.held).toBe(true);
      la.gemm({ a: large, b: large, c });
      expect(gil.held).toBe(true);
    });
    la.matmul(large, large);
    const activities = trace
      .stop()
      .spans()
      .map(({ activity }) => activity);
    expect(activities).toEqual(["held", "compute", "held", "compute", "held"]);
    expect([large.refs, small.refs, gil.locked()]).toEqual([1, 1, false]);
    la.useGil(undefined);
  });
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type * as Blasm from "../../src/index.ts";
import type { Arena } from "../../src/memory/arena.ts";
import type { BlockHandle } from "../../src/memory/block.ts";
import { ARENA_LOCK } from "../../src/memory/layout.ts";

// Every public operation, in a scope, without memory, and after close(). Over dist/index.js, as one of them starts a thread.

const blasm = (await import(
  /* @vite-ignore */ new URL("../../dist/index.js", import.meta.url).href
)) as typeof Blasm;
const { ArenaFullError, attach, ClosedError, Context, init, Linalg, NDArray, ArenaView } = blasm;
type Context = Blasm.Context;
type NDArray = Blasm.NDArray;

const TASKS = new URL("../team/modules/tasks.mjs", import.meta.url);

/** What operations are given, and must leave as it is. */
interface Given {
  /** 2 × 3, contiguous; 3 × 4, every other column of a larger one; 3; 2 × 4. */
  readonly a: NDArray;
  readonly b: NDArray;
  readonly v: NDArray;
  readonly out: NDArray;
  /** A file in C order, and one in Fortran order. */
  readonly file: Uint8Array<ArrayBuffer>;
  readonly fortran: Uint8Array<ArrayBuffer>;
  readonly folder: string;
}

interface Operation {
  /** How often it allocates, in this thread. */
  readonly allocations?: number;
  /** Whether it is done for a closed context, too. */
  readonly closed?: true;
  /** What it returns is released by the caller. */
  readonly run: (la: Context, given: Given) => unknown;
}

/** A, where a system is to be solved. */
const SYSTEM = [
  [2, 1],
  [1, 3],
];

const does = (run: Operation["run"], more: Omit<Operation, "run"> = {}): Operation => ({ run, ...more });
const allocates = (allocations: number, run: Operation["run"]): Operation => ({ allocations, run });

/** By class and name of the member; what follows a colon tells uses of one member apart. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  "Context.array": allocates(1, (la) =>
    la.array(
      [
        [1, 2],
        [3, 4],
      ],
      { name: "n" },
    ),
  ),
  "Context.array: typed": allocates(1, (la) => la.array([new Float32Array(3), new Uint8Array(3)])),
  "Context.array: of an array": allocates(1, (la, { b }) => la.array(b)),
  "Context.array: to another dtype": allocates(1, (la, { b }) => la.array(b, { dtype: "f32", name: "n" })),
  "Context.fromTyped": allocates(1, (la) => la.fromTyped(new Int16Array(6), [2, 3])),
  "Context.zeros": allocates(1, (la) => la.zeros([3, 0, 2])),
  "Context.ones": allocates(1, (la) => la.ones(3, { dtype: "float32" })),
  "Context.full": allocates(1, (la) => la.full([2, 2], 7)),
  "Context.eye": allocates(1, (la) => la.eye(3, 4, { k: 1, name: "n" })),
  "Context.arange": allocates(1, (la) => la.arange(1, 9, 2)),
  "Context.random": allocates(1, (la) => la.random([5], { seed: 1 })),
  "Context.standardNormal": allocates(1, (la) => la.standardNormal([5], { seed: 1, dtype: "f32" })),
  "Context.matmul": allocates(1, (la, { a, b }) => la.matmul(a, b)),
  "Context.matmul: into an array": does((la, { a, b, out }) => void la.matmul(a, b, { out })),
  "Context.matmul: of literals": allocates(3, (la) => la.matmul([[1, 2]], [[3], [4]])),
  "Context.matmul: of stacks": allocates(2, (la, { b }) => la.matmul([[[1, 2, 3]], [[4, 5, 6]]], b)),
  "Context.gemm": does((la, { a, b, out: c }) => void la.gemm({ a, b, c, alpha: 2 })),
  "Context.gemm: of literals": allocates(
    2,
    (la, { out: c }) => void la.gemm({ a: [[1], [2]], b: [[1, 2, 3, 4]], c }),
  ),
  "Context.matmulAsync": allocates(1, (la, { a, b }) => la.matmulAsync(a, b)),
  "Context.matmulAsync: of literals": allocates(3, (la) => la.matmulAsync([[1, 2]], [[3], [4]])),
  "Context.matmulAsync: into an array": allocates(
    1,
    async (la, { a, out }) =>
      void (await la.matmulAsync(
        a,
        [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
          [9, 9, 9, 9],
        ],
        { out },
      )),
  ),
  "Context.gemmAsync": does(async (la, { a, b, out: c }) => void (await la.gemmAsync({ a, b, c }))),
  "Context.gemmAsync: of literals": allocates(
    2,
    async (la, { out: c }) => void (await la.gemmAsync({ a: [[1], [2]], b: [[1, 2, 3, 4]], c })),
  ),
  "Context.trsm": allocates(1, (la, { out: b }) => void la.trsm({ a: SYSTEM, b, alpha: 2 })),
  "Linalg.luFactor": allocates(2, (la, { a }) => la.linalg.luFactor(a)),
  "Linalg.luFactor: in place": allocates(1, (la, { out }) => la.linalg.luFactor(out, { overwriteA: true })),
  "Linalg.luFactorAsync": allocates(2, (la, { b }) => la.linalg.luFactorAsync(b)),
  "Linalg.luSolve": allocates(4, (la, { a }) => {
    const factors = la.linalg.luFactor(SYSTEM);
    try {
      return la.linalg.luSolve(factors, a);
    } finally {
      factors.release();
    }
  }),
  "Linalg.solve": allocates(3, (la, { a }) => la.linalg.solve(SYSTEM, a)),
  "Linalg.solveAsync": allocates(3, (la, { a }) => la.linalg.solveAsync(SYSTEM, a)),
  "Linalg.solveTriangular": allocates(2, (la, { a }) => la.linalg.solveTriangular(SYSTEM, a)),
  "Linalg.lu": allocates(5, (la, { a }) => Object.values(la.linalg.lu(a))),
  "Linalg.rcond": allocates(3, (la) => void la.linalg.rcond(SYSTEM)),
  "Context.scope": allocates(2, (la) => la.scope(() => la.zeros(2) && la.ones(3).T)),
  "Context.cell": allocates(2, (la) => la.cell("ones", () => la.zeros(2) && la.ones(3).T)),
  "Context.loadNpy": allocates(1, (la, { file }) => la.loadNpy(file)),
  "Context.loadNpy: in Fortran order": allocates(1, (la, { fortran }) => la.loadNpy(new Blob([fortran]))),
  "Context.saveNpy": does((la, { a, folder }) => la.saveNpy(a, join(folder, "a.npy"))),
  "Context.saveNpy: of a strided array": allocates(1, (la, { b, folder }) =>
    la.saveNpy(b, join(folder, "b.npy")),
  ),
  "Context.npyBytes": does(async (la, { a }) => {
    const view = a.T;
    await la.npyBytes(view);
    return view;
  }),
  "Context.npyBytes: of a strided array": allocates(1, (la, { b }) => la.npyBytes(b)),
  "Context.lock": allocates(1, (la) => la.lock()),
  "Context.rlock": allocates(1, (la) => la.rlock()),
  "Context.condition": allocates(2, (la) => la.condition()),
  "Context.condition: of a lock": allocates(2, (la) => {
    const lock = la.lock();
    try {
      return [la.condition(lock), lock];
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }),
  "Context.semaphore": allocates(1, (la) => la.semaphore(2)),
  "Context.boundedSemaphore": allocates(1, (la) => la.boundedSemaphore(2)),
  "Context.event": allocates(1, (la) => la.event()),
  "Context.barrier": allocates(1, (la) => la.barrier(2)),
  "Context.gil": allocates(1, (la) => la.gil({ traceEvents: 4 })),
  "Context.useGil": does((la) => la.useGil(undefined), { closed: true }),
  "Context.setThreads": does((la) => la.setThreads(1)),
  "Context.threadId": does((la) => void la.threadId, { closed: true }),
  "Context.spawn": does((la, { a }) => {
    const view = a.T;
    return [view, la.spawn(TASKS, ["echo", [a, view]]).join()];
  }),
  "Context.spawn: and awaited": does((la, { v }) => la.spawn(TASKS, ["product", v, v]).joinAsync()),
  "Context.share": does((la) => void la.share()),
  "Context.adopt": does((la, { a }) => la.adopt(a.share())),
  "Context.config": does((la) => void la.config(), { closed: true }),
  "Context.showConfig": does((la) => la.showConfig(), { closed: true }),
  "Context.close": does(async () => (await init({ memory: { maximum: "8 MiB" } })).close(), { closed: true }),

  "NDArray.name": does((_, { a }) => void a.name),
  "NDArray.name: given": allocates(1, (la) => Object.assign(la.zeros(1), { name: "b" })),
  "NDArray.ndim": does((_, { a }) => void a.ndim, { closed: true }),
  "NDArray.size": does((_, { a }) => void a.size, { closed: true }),
  "NDArray.refs": does((_, { a }) => void a.refs, { closed: true }),
  "NDArray.released": does((_, { a }) => void a.released, { closed: true }),
  "NDArray.isContiguous": does((_, { a }) => void a.isContiguous, { closed: true }),
  "NDArray.T": does((_, { a }) => {
    const view = a.T;
    return [view, view.T];
  }),
  "NDArray.data": does((_, { a }) => void a.data),
  "NDArray.at": does((_, { a }) => void a.at(1, -1)),
  "NDArray.set": does((_, { out }) => out.set(7, 0, 0)),
  "NDArray.slice": does((_, { b }) => b.slice([null, null, -1], [1, 3])),
  "NDArray.row": does((_, { b }) => b.row(-1)),
  "NDArray.col": does((_, { b }) => b.col(0)),
  "NDArray.reshape": does((_, { a }) => a.reshape([3, -1])),
  "NDArray.reshape: by a copy": allocates(1, (_, { b }) => b.reshape(12)),
  "NDArray.copy": allocates(1, (_, { b }) => b.copy()),
  "NDArray.toArray": does((_, { b }) => void b.toArray()),
  "NDArray.toTyped": does((_, { b }) => void b.toTyped()),
  "NDArray.retain": does((_, { a }) => {
    const view = a.T.retain();
    view.release();
    return view;
  }),
  "NDArray.release": does((_, { a }) => a.T.release()),
  "NDArray.share": does((la, { b }) => la.adopt(structuredClone(b.share()))),
  // What is shown of an array whose context is closed says so.
  "NDArray.toString": does((_, { b }) => void b.toString(), { closed: true }),
  "NDArray.toHTML": does((_, { b }) => void b.toHTML(), { closed: true }),
  "NDArray.toElement": does((_, { b }) => expect(() => b.toElement()).toThrow("no DOM"), { closed: true }),
  "NDArray.heatmap": does((_, { b }) => void b.heatmap().toSVG()),
  [`NDArray.${String(Symbol.dispose)}`]: does((_, { a }) => {
    const view = a.T;
    view[Symbol.dispose]();
    view[Symbol.dispose]();
  }),
  ...Object.fromEntries(
    ["Jupyter.display", "nodejs.util.inspect.custom"].map((name) => [
      `NDArray.Symbol(${name})`,
      does((_, { b }) => void (b as never as Record<symbol, () => unknown>)[Symbol.for(name)]!(), {
        closed: true,
      }),
    ]),
  ),

  "ArenaView.stats": does((la) => void la.arena.stats(), { closed: true }),
  "ArenaView.blocks": does((la) => void la.arena.blocks(), { closed: true }),
  "ArenaView.snapshot": does((la) => void la.arena.snapshot(), { closed: true }),
  "ArenaView.check": does((la) => void la.arena.check(), { closed: true }),
  "ArenaView.leaks": does((la) => void la.arena.leaks(), { closed: true }),
  "ArenaView.record": allocates(1, (la) => {
    la.arena.record(10);
    la.arena.record(0);
  }),
  "ArenaView.history": does((la) => void la.arena.history(), { closed: true }),
  "ArenaView.map": does((la) => void la.arena.map({ format: "svg" }), { closed: true }),
  "ArenaView.timeline": allocates(1, (la, { a }) => {
    la.arena.record(10);
    a.T.release();
    la.arena.timeline();
    la.arena.record(0);
  }),
};

/** Members that are not for users. */
const INTERNAL = [
  "Linalg.constructor",
  ...["constructor", "receiveArguments", "sendResult", "serve", "serveApart"].map(
    (name) => `Context.${name}`,
  ),
  ...["constructor", "check", "watch", "elements"].map((name) => `NDArray.${name}`),
  ...["constructor", "Symbol(Jupyter.display)", "Symbol(nodejs.util.inspect.custom)"].map(
    (name) => `ArenaView.${name}`,
  ),
];

let la: Context;
let given: Given;
let folder: string;

beforeAll(async () => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  folder = await mkdtemp(join(tmpdir(), "blasm-"));
  la = await init({ threads: 1, memory: { initial: "32 MiB", maximum: "64 MiB" } });
  given = await give(la);
});
afterAll(async () => {
  la.close();
  await rm(folder, { recursive: true });
});

async function give(to: Context): Promise<Given> {
  const a = to.array([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const b = to.scope(() => to.random([3, 9], { seed: 1 }).slice([], [0, 8, 2]));
  return {
    ...{ a, b, v: to.arange(3), out: to.zeros([2, 4]), folder },
    ...{ file: await to.npyBytes(a), fortran: await to.npyBytes(a.T) },
  };
}

/** A context with no room for another thread's scratch, whose arena is filled but for `room` bytes. */
class Tight {
  readonly la: Context;
  readonly given: Given;
  #filler: BlockHandle | undefined;

  static async make(): Promise<Tight> {
    const tight = await init({ threads: 1, memory: { initial: "5 MiB", maximum: "5 MiB" } });
    return new Tight(tight, await give(tight));
  }

  constructor(la: Context, given: Given) {
    this.la = la;
    this.given = given;
  }

  fill(room: number): void {
    const arena = arenaOf(this.la);
    if (this.#filler) arena.release(this.#filler);
    this.#filler = arena.allocate(this.la.arena.stats().largestHole - room);
    expect(this.la.arena.stats().free).toBe(room);
  }

  empty(): void {
    if (this.#filler) arenaOf(this.la).release(this.#filler);
    this.#filler = undefined;
  }
}

const arenas = new WeakMap<Context, Arena>();

/** A context's arena, which is not for users. */
function arenaOf(context: Context): Arena {
  const known = arenas.get(context);
  if (known) return known;
  const probe = context.zeros(0);
  probe.release();
  arenas.set(context, probe.store.arena);
  return probe.store.arena;
}

/** All that an operation must leave as it was. (Allocations are counted, and the peak may rise.) */
function state(context: Context, { a, b, v }: Given): unknown {
  const { allocations: _, frees: __, peak: ___, ...stats } = context.arena.stats();
  return {
    stats,
    blocks: context.arena.blocks().filter((block) => block.state === "block"),
    leaks: context.arena.leaks(),
    check: context.arena.check(),
    lock: arenaOf(context).linear.i32[ARENA_LOCK / 4],
    elements: [a, b, v].map((array) => array.toArray()),
  };
}

/** Gives back what an operation has returned: arrays that no scope has released, and locks. */
function release(value: unknown): void {
  if (Array.isArray(value)) value.forEach(release);
  else (value as Disposable | undefined)?.[Symbol.dispose]?.();
}

test("every public member of a context, its linalg, an array and an arena is here", () => {
  const names = [Context, Linalg, NDArray, ArenaView].flatMap(({ name, prototype }) =>
    Reflect.ownKeys(prototype).map((key) => `${name}.${String(key)}`),
  );
  expect(names.length).toBeGreaterThan(70);
  const known = [...Object.keys(OPERATIONS).map((name) => name.split(":")[0]!), ...INTERNAL];
  expect(names.filter((name) => !known.includes(name))).toEqual([]);
  expect(known.filter((name) => !names.includes(name))).toEqual([]);
});

describe("in a scope, nothing is left", () => {
  test.each(Object.entries(OPERATIONS))("%s", async (_, { run }) => {
    const before = state(la, given);
    let result: unknown;
    la.scope(() => {
      result = run(la, given);
    });
    const made = await result;
    // What made its arrays when the scope had ended, and locks, which are no arrays.
    const late = [made].flat().some((item) => item instanceof NDArray && !item.released);
    if (!(result instanceof Promise)) expect(late).toBe(false);
    release(made);
    expect(state(la, given)).toEqual(before);
  });

  test.each(Object.entries(OPERATIONS))("%s: also if it throws", async (_, { run }) => {
    const before = state(la, given);
    const thrown = new Error("in a scope");
    let result: unknown;
    const fails = (): void =>
      la.scope(() => {
        result = run(la, given);
        throw thrown;
      });
    expect(fails).toThrow(thrown);
    release(await result);
    expect(state(la, given)).toEqual(before);
  });
});

describe("without memory nothing happens", () => {
  const operations = Object.entries(OPERATIONS);

  test.each(operations)("%s: at each of its allocations", async (_, { allocations = 0, run }) => {
    const arena = arenaOf(la);
    const allocate = arena.allocate.bind(arena);
    const full = new ArenaFullError("There is none.");
    const before = state(la, given);
    for (let at = 0; at < allocations; ++at) {
      let count = 0;
      const spy = vi.spyOn(arena, "allocate").mockImplementation((...how) => {
        if (count++ === at) throw full;
        return allocate(...how);
      });
      try {
        await expect((async () => run(la, given))()).rejects.toBe(full);
        expect(count).toBe(at + 1);
      } finally {
        spy.mockRestore();
      }
      expect(state(la, given), `at allocation ${at + 1} of ${allocations}`).toEqual(before);
    }
    const spy = vi.spyOn(arena, "allocate");
    release(await run(la, given));
    expect(spy).toHaveBeenCalledTimes(allocations);
    spy.mockRestore();
    expect(state(la, given)).toEqual(before);
  });

  describe("in an arena that is full but for some bytes", () => {
    let tight: Tight;
    beforeAll(async () => {
      tight = await Tight.make();
    });
    afterAll(() => tight.la.close());

    test.each(operations.filter(([, { allocations }]) => allocations))("%s", async (_, { run }) => {
      for (let room = 0, done = false; !done; room += 64) {
        tight.fill(room);
        const before = state(tight.la, tight.given);
        try {
          release(await run(tight.la, tight.given));
          expect(room).toBeGreaterThan(0);
          done = true;
        } catch (error) {
          expect(error).toBeInstanceOf(ArenaFullError);
          expect((error as Error).message).toMatch(/^No room for \d+ bytes: \d+ bytes free/);
        }
        expect(state(tight.la, tight.given), `with room for ${room} bytes`).toEqual(before);
      }
      tight.empty();
    });

    test("attach(), more often than there can be threads", async () => {
      const before = state(tight.la, tight.given);
      for (let i = 0; i < 260; ++i) await expect(attach(tight.la.share())).rejects.toThrow(ArenaFullError);
      expect(state(tight.la, tight.given)).toEqual(before);
    });

    test("a thread that finds no room for its scratch: its arguments are visible in leaks()", async () => {
      const { a } = tight.given;
      const thread = tight.la.spawn(TASKS, ["echo", a]);
      expect(() => thread.join()).toThrow("No room for 4194304 bytes");
      const { block } = a;
      expect(tight.la.arena.leaks()).toMatchObject([{ kind: "posted", id: block.id, refs: 1 }]);
      expect(tight.la.arena.check().problems).toEqual([]);
    });
  });
});

test.each(Object.entries(OPERATIONS))("of a closed context: %s", async (_, { closed, run }) => {
  const gone = await init({ threads: 1, memory: { initial: "5 MiB", maximum: "8 MiB" } });
  const givenToIt = await give(gone);
  gone.close();
  const before = gone.arena.stats();
  const attempt = (async () => run(gone, givenToIt))();
  if (closed) await attempt;
  else await expect(attempt).rejects.toThrow(ClosedError);
  expect(gone.arena.stats()).toEqual(before);
});

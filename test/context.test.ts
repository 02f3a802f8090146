import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Context, init } from "../src/index.ts";
import { BLOCKING } from "../src/plan/blocking.ts";
import { context, type Refusal, refuses, refusesLater } from "./helpers/context.ts";

let la: Context;

beforeAll(async () => {
  la = await context();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("init: options", () => {
  test.each<[string, object, Refusal]>([
    ["unknown", { thread: 4 }, ["UnsupportedError", "OPTION", '"thread"', "threads"]],
    [
      "unknown, of the memory",
      { memory: { inital: 1 } },
      ["UnsupportedError", "OPTION", '"inital"', "initial"],
    ],
    [
      "unknown, of the micro-kernels",
      { microKernel: { f32: "6x2" } },
      ["UnsupportedError", "OPTION", '"f32"', "float32"],
    ],
    ["a build", { build: "fast" }, ["UnsupportedError", "OPTION", '"fast"', "strict, relaxed, tuned"]],
    ["a micro-kernel", { microKernel: { float32: "8x8" } }, ["UnsupportedError", "OPTION", '"8x8"', "6x4"]],
    ["no threads", { threads: 0 }, ["UnsupportedError", "OPTION", "threads 0"]],
    ["half a thread", { threads: 1.5 }, ["UnsupportedError", "OPTION", "1.5"]],
    ["too many threads", { threads: 1e6 }, ["UnsupportedError", "OPTION", "1000000"]],
    ["threads that are no number", { threads: "4" }, ["UnsupportedError", "OPTION", "threads 4"]],
    ["NaN threads", { threads: Number.NaN }, ["UnsupportedError", "OPTION", "NaN"]],
    ["a size", { memory: { initial: "lots" } }, ["UnsupportedError", "OPTION", "memory.initial", '"lots"']],
    ["a negative size", { memory: { maximum: -1 } }, ["UnsupportedError", "OPTION", "memory.maximum", "-1"]],
    ["an infinite size", { memory: { maximum: Number.POSITIVE_INFINITY } }, ["UnsupportedError", "OPTION"]],
    [
      "more than wasm32 has",
      { memory: { maximum: "5 GiB" } },
      ["UnsupportedError", "OPTION", '"5 GiB"', "4 GiB"],
    ],
    [
      "a maximum below the start",
      { memory: { initial: "32 MiB", maximum: "16 MiB" } },
      ["UnsupportedError", "OPTION", "16777216", "33554432"],
    ],
    [
      "a maximum without room for the scratch",
      { memory: { initial: 1, maximum: "1 MiB" } },
      ["UnsupportedError", "OPTION", "1048576"],
    ],
  ])("%s", async (_, options, refusal) => {
    await refusesLater(init(options), refusal);
  });

  test("the smallest there is works", async () => {
    const tiny = await init({ memory: { initial: 1, maximum: "5 MiB" }, threads: 1 });
    expect(tiny.matmul([[2]], [[3]]).toArray()).toEqual([[6]]);
    refuses(tiny, () => tiny.zeros([2 ** 17]), ["ArenaFullError", "ARENA_FULL", `${2 ** 20}`]);
    expect(tiny.arena.stats().capacity).toBeGreaterThan(0);
  });

  test("a host that grants no memory", async () => {
    const Real = WebAssembly.Memory;
    try {
      WebAssembly.Memory = class extends Real {
        constructor() {
          super({ initial: 0 });
          throw new RangeError("no");
        }
      };
      await refusesLater(init(), ["ArenaFullError", "ARENA_FULL", "memory.initial"]);
    } finally {
      WebAssembly.Memory = Real;
    }
  });

  test("an engine without SIMD", async () => {
    vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
    await refusesLater(init(), ["UnsupportedError", "UNSUPPORTED", "SIMD", "Node 16.4"]);
  });

  test("a host that shares no memory, asked to", async () => {
    const page = globalThis as { crossOriginIsolated?: boolean };
    try {
      page.crossOriginIsolated = false;
      await refusesLater(init({ memory: { shared: true } }), [
        "UnsupportedError",
        "UNSUPPORTED",
        "memory.shared",
      ]);
      const unshared = await context();
      expect(unshared.config().memory).toMatchObject({ shared: false });
      expect(unshared.config().memory.reason).toContain("cross-origin");
    } finally {
      delete page.crossOriginIsolated;
    }
  });
});

describe("builds", () => {
  test("strict where asked for; by default relaxed where the engine has it", async () => {
    const strict = (await context({ build: "strict" })).config();
    expect(strict.build).toMatchObject({ asked: "strict", chosen: "strict", reason: "asked for" });
    expect(strict.features.fusedMultiplyAdd).toBe(false);
    const { build, features } = la.config();
    expect(build.asked).toBe("default");
    expect(build.chosen).toBe(features.relaxedSimd ? "relaxed" : "strict");
    expect(build.available).toEqual(features.relaxedSimd ? ["strict", "relaxed"] : ["strict"]);
  });

  test("relaxed, asked of an engine without it, is strict with a reason", async () => {
    const real = WebAssembly.validate;
    let calls = 0;
    // The second module that is asked about is the relaxed one.
    vi.spyOn(WebAssembly, "validate").mockImplementation(
      (bytes) => ++calls === 1 && real.call(WebAssembly, bytes),
    );
    const { build, features } = (await context({ build: "relaxed" })).config();
    expect(features).toMatchObject({ simd: true, relaxedSimd: false });
    expect(build).toMatchObject({
      chosen: "strict",
      reason: "this engine has no relaxed SIMD",
      available: ["strict"],
    });
  });

  test("tuned: what is chosen is available; what cannot be had falls back with a reason", async () => {
    const tuned = await context({ build: "tuned" });
    const { build } = tuned.config();
    expect(build.asked).toBe("tuned");
    expect(build.available).toContain(build.chosen);
    // On the Nodes that the table knows it is to be had: the fallback is for others.
    if (build.chosen !== "tuned") expect(build.reason).toMatch(/^(no tuned build: |tuned was dropped)/);
    else expect(build.reason).toMatch(/256-bit|optimised/);
  });

  test("tuned gives the relaxed build's bits; contexts do not get into each other's way", async () => {
    const [tuned, strict] = [await context({ build: "tuned" }), await context({ build: "strict" })];
    const product = (on: Context, dtype: "f32" | "f64"): number[] =>
      on.scope(() => {
        const a = on.standardNormal([130, 300], { seed: 1, dtype });
        return [...on.matmul(a, a.T).toTyped(), ...on.matmul(a, a.row(0)).toTyped()];
      });
    for (const dtype of ["f32", "f64"] as const) {
      const before = product(strict, dtype);
      const bits = product(tuned, dtype);
      if (la.config().build.chosen === "relaxed" && tuned.config().build.chosen === "tuned") {
        expect(bits).toEqual(product(la, dtype));
      }
      expect(product(strict, dtype)).toEqual(before);
      // Fused multiply-adds give other bits: so these are two builds, not one under two names.
      if (tuned.config().features.fusedMultiplyAdd) expect(bits).not.toEqual(before);
    }
  });
});

describe("config() and showConfig()", () => {
  test("what there is to know", () => {
    const config = la.config();
    expect(config.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(config.host).toMatchObject({ runtime: "node", version: process.versions.node, engine: "v8" });
    expect(config.host.v8).toBe(process.versions.v8);
    expect(config.host.cores).toBeGreaterThanOrEqual(1);
    expect(config.blocking).toEqual(BLOCKING);
    expect(config.memory).toMatchObject({ committed: 8 * 2 ** 20, maximum: 256 * 2 ** 20 });
    expect(config.threads).toMatchObject({ asked: 1, used: 1 });
    expect(structuredClone(config)).toEqual(config);
  });

  test("is a copy: changing it changes nothing", () => {
    const config = la.config() as unknown as {
      microKernels: { float32: { candidates: { gflops: number }[] } };
    };
    config.microKernels.float32.candidates[0]!.gflops = -1;
    expect(la.config().microKernels.float32.candidates[0]!.gflops).toBeGreaterThanOrEqual(0);
  });

  test("showConfig prints it", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    la.showConfig();
    const text = log.mock.calls.map(([line]) => String(line)).join("\n");
    const { version, build, microKernels } = la.config();
    for (const part of [
      `blasm ${version}`,
      `chosen: ${build.chosen}`,
      build.reason,
      "KC 256",
      "256 MiB",
      process.versions.node,
    ]) {
      expect(text).toContain(part);
    }
    for (const { microKernel } of microKernels.float64.candidates) expect(text).toContain(microKernel);
  });

  test("showConfig gives the text to whoever is to print it", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const print = vi.fn();
    la.showConfig();
    la.showConfig(print);
    expect(print.mock.calls).toEqual(log.mock.calls);
  });

  test("threads that were asked for, and what is used", async () => {
    const { threads } = (await context({ threads: 4 })).config();
    expect(threads).toEqual({ asked: 4, used: 4, reason: "as asked" });
    const usual = (await init({ memory: { initial: "8 MiB", maximum: "256 MiB" } })).config();
    expect(usual.threads).toEqual({ asked: "default", used: usual.host.cores, reason: "one a core" });
  });
});

describe("the arena as its users see it", () => {
  test("stats and blocks agree", async () => {
    const fresh = await context();
    const a = fresh.zeros([10]);
    const b = fresh.zeros([100]);
    a.release();
    const view = b.slice([0, 1]);
    const stats = fresh.arena.stats();
    const blocks = fresh.arena.blocks();
    expect(blocks.map(({ state, refs }) => [state, refs])).toEqual([
      ["hole", 0],
      ["block", 2],
      ["hole", 0],
    ]);
    expect(stats).toMatchObject({
      blocks: 1,
      holes: 2,
      used: 832,
      requested: 800,
      allocations: 2,
      frees: 1,
      peak: 960,
    });
    expect(stats.used + stats.free).toBe(stats.capacity);
    view.release();
    b.release();
  });

  test("the scratch memory is the same whatever the size of a product", async () => {
    const fresh = await context();
    const { scratch, committed } = fresh.config().memory;
    expect(scratch).toBeLessThanOrEqual(8 * 2 ** 20);
    const used = fresh.arena.stats().used;
    fresh.scope(() => {
      const a = fresh.ones([300, 300]);
      fresh.matmul(a, a);
    });
    expect(fresh.config().memory).toMatchObject({ scratch, committed });
    expect(fresh.arena.stats()).toMatchObject({ used, peak: 2 * 300 * 300 * 8 });
  });
});

describe("close", () => {
  test("what makes arrays or uses them is ClosedError from then on", async () => {
    const fresh = await context();
    const a = fresh.ones([2, 2]);
    fresh.close();
    const closed: Refusal = ["ClosedError", "CLOSED", "closed", "init()"];
    for (const use of [
      () => fresh.zeros(1),
      () => fresh.full(1, 2),
      () => fresh.eye(2),
      () => fresh.arange(3),
      () => fresh.array([1]),
      () => fresh.array(a),
      () => fresh.fromTyped(new Float64Array(1)),
      () => fresh.random(1),
      () => fresh.standardNormal(1),
      () => fresh.matmul(a, a),
      () => fresh.matmul([[1]], [[1]]),
      () => fresh.gemm({ a, b: a, c: a }),
      () => fresh.scope(() => 1),
    ]) {
      refuses(fresh, use, closed);
    }
    await refusesLater(fresh.loadNpy(new Uint8Array(100)), closed);
    await refusesLater(fresh.npyBytes(a), closed);
    fresh.close();
    expect(fresh.config().version).toBe(la.config().version);
  });

  test("another context is not touched by it", async () => {
    const fresh = await context();
    const a = fresh.full([2], 5);
    fresh.close();
    expect(la.full([2], 3).toArray()).toEqual([3, 3]);
    refuses(la, () => la.array(a), ["ClosedError", "CLOSED"]);
  });
});

test("an array of another context is not written; a maximum below the default start lowers the start", async () => {
  const other = await init({ memory: { maximum: "32 MiB" } });
  const refusal: Refusal = ["UnsupportedError", "FOREIGN", "another context"];
  await refusesLater(la.npyBytes(other.ones(3)), refusal);
  await refusesLater(la.saveNpy(other.ones(3), "never-written.npy"), refusal);
  expect(other.config().memory.maximum).toBe(32 * 2 ** 20);
});

test("what is being written survives the scope it was made in", async () => {
  const before = la.arena.stats().blocks;
  let writing: Promise<Uint8Array> | undefined;
  la.scope(() => {
    writing = la.npyBytes(la.arange(12).reshape([3, 4]).slice([null, null, 2]));
  });
  const copy = await la.loadNpy((await writing) as Uint8Array);
  expect(copy.toArray()).toEqual([
    [0, 1, 2, 3],
    [8, 9, 10, 11],
  ]);
  copy.release();
  expect(la.arena.stats().blocks).toBe(before);
});

test("scope keeps what is returned in an object without prototype", () => {
  const kept = la.scope(() => Object.assign(Object.create(null), { a: la.ones(2) }));
  expect(kept.a.released).toBe(false);
  kept.a.release();
});

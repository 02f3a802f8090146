import { describe, expect, test } from "vitest";
import type { EngineHost } from "../../src/kernels/engine.ts";
import { type DType, MICRO_KERNELS, type MicroKernel } from "../../src/kernels/exports.ts";
import type { Workbench } from "../../src/kernels/job.ts";
import { checkOverride, isMicroKernel, Selection } from "../../src/kernels/select.ts";
import type { Kernels } from "../../src/kernels/table.ts";
import { context, refusesLater } from "../helpers/context.ts";

const HOST: EngineHost = {
  runtime: "node",
  version: "26.0.0",
  engine: "v8",
  v8: "14.6.202.34-node.34",
  architecture: "x64",
  setFlags: undefined,
  flags: [],
  runChild: undefined,
  inflate: undefined,
};

const memory = new ArrayBuffer(2 ** 20);
const BENCH: Workbench = {
  i32: new Int32Array(memory),
  f64: new Float64Array(memory),
  job: 1024,
  tile: 4096,
  a: 2 ** 16,
  b: 2 ** 18,
};

/** Micro-kernels that do nothing but take time: `rate(tile, ms so far)` in GFLOP/s, of a clock that they alone move. */
class Engine {
  ms = 0;
  calls = 0;
  readonly kernels: Kernels;
  readonly now = (): number => this.ms;

  constructor(rate: (tile: MicroKernel, ms: number) => number, dtype: DType = "float32") {
    const lanes = dtype === "float32" ? 4 : 2;
    const tiles = MICRO_KERNELS.map((name) => {
      const [rows, vectors] = name.split("x").map(Number) as [number, number];
      const micro = (): void => {
        this.calls += 1;
        this.ms += (2 * rows * vectors * lanes * 256) / rate(name, this.ms) / 1e6;
      };
      return [name, { rows, vectors, micro, macro: micro, small: micro }];
    });
    this.kernels = { tiles: Object.fromEntries(tiles) } as Kernels;
  }

  refine(selection: Selection, whole = false, dtype: DType = "float32"): number {
    const before = this.ms;
    do selection.refine(this.kernels, dtype, BENCH, this.now);
    while (whole && !selection.settled);
    return this.ms - before;
  }
}

const relaxed = (): Selection => new Selection("relaxed", HOST, undefined);

describe("the choice", () => {
  test("a first guess before anything was measured", () => {
    const selection = relaxed();
    expect(selection.chosen).toBe(selection.candidates[0]!.microKernel);
    expect(selection.candidates.every(({ gflops }) => gflops === 0)).toBe(true);
    expect([selection.settled, selection.reason]).toEqual([false, "first guess for this engine"]);
  });

  test("the fastest candidate, whichever it is, with its rate", () => {
    for (const dtype of ["float32", "float64"] as const) {
      for (const { microKernel } of relaxed().candidates) {
        const selection = relaxed();
        const engine = new Engine((tile) => (tile === microKernel ? 60 : 40), dtype);
        engine.refine(selection, true, dtype);
        expect(selection.chosen).toBe(microKernel);
        expect([selection.settled, selection.reason]).toEqual([true, "measured"]);
        for (const { microKernel: name, gflops } of selection.candidates) {
          expect(gflops).toBeCloseTo(name === microKernel ? 60 : 40, 3);
        }
      }
    }
  });

  test("a lead that may be noise does not replace the first guess", () => {
    const second = relaxed().candidates[1]!.microKernel;
    const choose = (lead: number): MicroKernel => {
      const selection = relaxed();
      new Engine((tile) => (tile === second ? 50 * lead : 50)).refine(selection, true);
      return selection.chosen;
    };
    expect(choose(1.01)).not.toBe(second);
    expect(choose(1.1)).toBe(second);
  });

  test("the best of several slices counts: a kernel that starts in the slow tier is not given up", () => {
    const second = relaxed().candidates[1]!.microKernel;
    const selection = relaxed();
    const engine = new Engine((tile, ms) => (ms < 3 ? 5 : tile === second ? 80 : 50));
    let slices = 0;
    while (!selection.settled) {
      engine.refine(selection);
      slices += 1;
      if (!selection.settled) expect(selection.reason).toBe("being measured");
    }
    expect(slices).toBeGreaterThan(2);
    expect(selection.chosen).toBe(second);
  });

  test("settled: nothing is measured any more", () => {
    const selection = relaxed();
    const engine = new Engine(() => 50);
    engine.refine(selection, true);
    const { calls } = engine;
    engine.refine(selection);
    engine.refine(selection, true);
    expect(engine.calls).toBe(calls);
  });
});

describe("what it costs", () => {
  test.each([5, 10, 20, 40, 60, 110])("both dtypes together at most 15 ms, at %d GFLOP/s", (gflops) => {
    for (const build of ["strict", "relaxed", "tuned"] as const) {
      let total = 0;
      for (const dtype of ["float32", "float64"] as const) {
        const selection = new Selection(build, HOST, undefined);
        const engine = new Engine(() => gflops, dtype);
        while (!selection.settled) total += engine.refine(selection, false, dtype);
      }
      expect(total).toBeGreaterThan(1);
      expect(total).toBeLessThanOrEqual(15);
    }
  });

  test("a clock that stands still does not keep it going", () => {
    const selection = relaxed();
    const engine = new Engine(() => 50);
    let slices = 0;
    while (!selection.settled && slices < 1000) {
      selection.refine(engine.kernels, "float32", BENCH, () => 0);
      slices += 1;
    }
    expect(slices).toBeLessThan(20);
    expect(selection.chosen).toBe(selection.candidates[0]!.microKernel);
  });
});

describe("override", () => {
  test("is taken, not measured", () => {
    for (const name of MICRO_KERNELS) {
      const selection = new Selection("strict", HOST, name);
      const engine = new Engine(() => 50);
      engine.refine(selection, true);
      expect([selection.chosen, selection.settled, selection.reason]).toEqual([name, true, "asked for"]);
      expect(selection.candidates.map(({ microKernel }) => microKernel)).toEqual([name]);
      expect(engine.calls).toBe(0);
    }
  });

  test("names", () => {
    expect(MICRO_KERNELS.every(isMicroKernel)).toBe(true);
    for (const name of ["6x3", "", "6X2", 62, null, {}, "toString"]) expect(isMicroKernel(name)).toBe(false);
    expect(checkOverride("float32", undefined)).toBeUndefined();
    expect(checkOverride("float32", "6x2")).toBe("6x2");
    expect(() => checkOverride("float64", "7x7")).toThrow(/microKernel.float64: there is no "7x7".*6x4/);
  });

  test("through init()", async () => {
    const la = await context({ microKernel: { float32: "2x4" } });
    const { float32, float64 } = la.config().microKernels;
    expect(float32).toMatchObject({ chosen: "2x4", reason: "asked for" });
    expect(float64.reason).not.toBe("asked for");
    const wrong = { float64: "9x9" } as never;
    await refusesLater(context({ microKernel: wrong }), ["UnsupportedError", "OPTION", '"9x9"', "float64"]);
  });
});

test("every engine has candidates that exist, the tuned build those that revectorise", () => {
  const engines: Partial<EngineHost>[] = [
    {},
    { v8: "11.3.244.8" },
    { v8: "12.4.254.21" },
    { engine: "javascriptcore", v8: undefined, runtime: "bun" },
    { engine: "spidermonkey", v8: undefined, runtime: "browser" },
    { architecture: "arm64" },
    { engine: "unknown", v8: undefined, architecture: undefined },
  ];
  for (const changes of engines) {
    for (const build of ["strict", "relaxed", "tuned"] as const) {
      const { candidates } = new Selection(build, { ...HOST, ...changes }, undefined);
      const names = candidates.map(({ microKernel }) => microKernel);
      expect(names.every(isMicroKernel)).toBe(true);
      expect(new Set(names).size).toBe(names.length);
      expect(names.length).toBeGreaterThan(1);
    }
  }
  const tuned = new Selection("tuned", HOST, undefined).candidates;
  expect(tuned.every(({ microKernel }) => microKernel.endsWith("x4"))).toBe(true);
});

test("real products settle it, and config() shows it", async () => {
  const la = await context();
  const before = la.config().microKernels.float64;
  expect(before.candidates.length).toBeGreaterThan(1);
  la.scope(() => {
    const a = la.ones([96, 96]);
    for (let i = 0; i < 40; ++i) la.matmul(a, a).release();
  });
  const { chosen, reason, candidates } = la.config().microKernels.float64;
  expect(reason).toBe("measured");
  expect(candidates.every(({ gflops }) => gflops > 0.1)).toBe(true);
  expect(candidates.map(({ microKernel }) => microKernel)).toContain(chosen);
});

import { setFlagsFromString } from "node:v8";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Binaries, loadBinaries } from "../../src/kernels/binaries.ts";
import { detectFeatures } from "../../src/kernels/features.ts";
import type { Workbench } from "../../src/kernels/job.ts";
import { instantiateKernels } from "../../src/kernels/load.ts";
import { faultOf } from "../../src/kernels/self-test.ts";
import { broken, occurrences, REPLACEMENTS, replaced, unshuffled } from "../helpers/broken-kernels.ts";
import { context, refusesLater } from "../helpers/context.ts";

// An engine that computes wrongly, as modules in which an instruction is another one.

let binaries: Binaries;

// Node 20 has relaxed SIMD, but behind a flag.
const FLAG = "--experimental-wasm-relaxed-simd";
const isFlagged = !detectFeatures().relaxedSimd;

beforeAll(async () => {
  if (isFlagged) setFlagsFromString(FLAG);
  binaries = await loadBinaries();
});
afterAll(() => {
  if (isFlagged) setFlagsFromString(FLAG.replace("--", "--no-"));
});

const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536, shared: true });
const bench: Workbench = {
  i32: new Int32Array(memory.buffer),
  f64: new Float64Array(memory.buffer),
  job: 1024,
  tile: 2048,
  a: 64 * 1024,
  b: 2 ** 20,
};
const faultIn = (bytes: Uint8Array<ArrayBuffer>): string | undefined =>
  faultOf(instantiateKernels(new WebAssembly.Module(bytes), memory), bench);

describe.each(["strict", "relaxed"] as const)("the %s kernels", (build) => {
  test("are right, whatever lies in the memory", () => {
    for (const garbage of [0, Number.NaN, 1e300]) {
      bench.f64.fill(garbage);
      expect(faultIn(binaries[build])).toBe(undefined);
    }
  });

  test("a wrong instruction anywhere is noticed", () => {
    const tried = new Map<string, number>();
    for (const replacement of REPLACEMENTS) {
      for (const at of occurrences(binaries[build], replacement.from)) {
        const module = replaced(binaries[build], replacement, at);
        // Those were bytes of another instruction.
        if (!WebAssembly.validate(module)) continue;
        expect(faultIn(module), `${replacement.name} at byte ${at}: self-test.ts must reach it`).toMatch(
          /, float(32|64), computes/,
        );
        tried.set(replacement.name, (tried.get(replacement.name) ?? 0) + 1);
      }
    }
    const madds = [...tried].filter(([name]) => name.includes("madd"));
    expect(madds.length, "multiply-adds").toBe(build === "relaxed" ? 2 : 0);
    expect(tried.size - madds.length, "other instructions").toBe(REPLACEMENTS.length - 2);
  }, 60_000);

  test("a wrong shuffle anywhere is noticed", () => {
    const modules = unshuffled(binaries[build]).filter((bytes) => WebAssembly.validate(bytes));
    expect(modules.length).toBeGreaterThanOrEqual(10);
    for (const bytes of modules) expect(faultIn(bytes), "self-test.ts must reach it").toMatch(/computes/);
  });
});

test("a trap is a fault", () => {
  const right = instantiateKernels(new WebAssembly.Module(binaries.strict), memory);
  const gemv = (): never => {
    throw new WebAssembly.RuntimeError("unreachable");
  };
  expect(faultOf({ ...right, float64: { ...right.float64, gemv } }, bench)).toBe("unreachable");
});

describe("init() steps down", () => {
  const wrongStrict = (): Uint8Array<ArrayBuffer> => broken(binaries.strict, "f64x2.mul");
  const wrongRelaxed = (): Uint8Array<ArrayBuffer> => broken(binaries.relaxed, "f32x4.relaxed_madd");

  test("from relaxed to strict, and says why", async () => {
    const la = await context({ wasm: { strict: binaries.strict, relaxed: wrongRelaxed() } });
    expect(la.config().build).toMatchObject({
      chosen: "strict",
      reason: expect.stringMatching(/^relaxed was dropped: \w+.*, float32, computes -?\d+, not -?\d+$/),
      available: ["strict"],
    });
    expect(la.matmul([[2, 1]], [[3], [4]]).toArray()).toEqual([[10]]);
    la.close();
  });

  test("from tuned and relaxed to strict", async () => {
    const la = await context({ build: "tuned", wasm: { strict: binaries.strict, relaxed: wrongRelaxed() } });
    const { chosen, reason, available } = la.config().build;
    expect([chosen, available]).toEqual(["strict", ["strict"]]);
    expect(reason).toMatch(/^tuned was dropped: .*computes.*; relaxed was dropped: .*computes/);
    la.close();
  });

  test("from tuned to relaxed, where only the compile window does harm", async () => {
    const { Module } = WebAssembly;
    try {
      // In the window a module is compiled by its constructor, with an empty section at its end.
      WebAssembly.Module = class extends Module {
        constructor(source: BufferSource) {
          const bytes = source as Uint8Array<ArrayBuffer>;
          super(bytes.length > binaries.relaxed.length ? broken(bytes, "f64x2.relaxed_madd") : bytes);
        }
        static override [Symbol.hasInstance](value: unknown): boolean {
          return value instanceof Module;
        }
      };
      const la = await context({ build: "tuned" });
      expect(la.config().build).toMatchObject({
        chosen: "relaxed",
        reason: expect.stringMatching(/^tuned was dropped: .*float64, computes/),
      });
      la.close();
    } finally {
      WebAssembly.Module = Module;
    }
  });

  test("strict kernels that compute wrongly are no kernels", async () => {
    for (const [build, relaxed] of [
      ["strict", binaries.relaxed],
      ["relaxed", wrongRelaxed()],
    ] as const) {
      await refusesLater(context({ build, wasm: { strict: wrongStrict(), relaxed } }), [
        "UnsupportedError",
        "UNSUPPORTED",
        "strict kernels",
        /float64, computes -?[\d.]+, not/,
      ]);
    }
  });

  test("so is a module that was given", async () => {
    const name = Buffer.from("\x05blasmstrict shared");
    const named = (bytes: Uint8Array): WebAssembly.Module =>
      new WebAssembly.Module(Uint8Array.from([...bytes, 0, name.length, ...name]));
    const la = await context({ module: named(binaries.strict) });
    expect(la.config().build).toMatchObject({ chosen: "strict", reason: "the module given" });
    la.close();
    await refusesLater(context({ module: named(wrongStrict()) }), [
      "UnsupportedError",
      "UNSUPPORTED",
      "strict kernels",
    ]);
  });
});

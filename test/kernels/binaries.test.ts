import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Binaries, forUnsharedMemory, loadBinaries, withMark } from "../../src/kernels/binaries.ts";
import { MICRO_KERNELS } from "../../src/kernels/exports.ts";
import { detectFeatures, isFused } from "../../src/kernels/features.ts";
import type { Workbench } from "../../src/kernels/job.ts";
import { instantiateKernels } from "../../src/kernels/load.ts";
import { readModule } from "../assembly/wasm-module.ts";

let binaries: Binaries;

beforeAll(async () => {
  binaries = await loadBinaries();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const memoryOf = (shared: boolean): WebAssembly.Memory =>
  new WebAssembly.Memory({ initial: 64, maximum: 65536, shared });

describe("the modules", () => {
  test("are what the AssemblyScript compiler wrote, to the byte", () => {
    for (const name of ["strict", "relaxed"] as const) {
      const file = readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url));
      expect(Buffer.compare(file, binaries[name]), name).toBe(0);
    }
  });

  test("are unpacked once", () => {
    expect(loadBinaries()).toBe(loadBinaries());
  });

  test("are the same by Node's zlib, which needs no DecompressionStream", async () => {
    vi.stubGlobal("DecompressionStream", undefined);
    vi.resetModules();
    const fresh = (await import("../../src/kernels/binaries.ts")).loadBinaries;
    expect(await fresh(inflateRawSync)).toEqual(binaries);
  });

  test("cannot be had in a host without DecompressionStream: the error says so", async () => {
    vi.stubGlobal("DecompressionStream", undefined);
    vi.resetModules();
    const fresh = (await import("../../src/kernels/binaries.ts")).loadBinaries;
    const error = (await fresh().catch((thrown: unknown) => thrown)) as { name: string; code: string };
    expect(error).toMatchObject({ name: "UnsupportedError", code: "UNSUPPORTED" });
    expect(String(error)).toContain("DecompressionStream");
  });
});

describe("for unshared memory", () => {
  test("one byte differs, the original stays", () => {
    for (const bytes of Object.values(binaries)) {
      const before = bytes.slice();
      const unshared = forUnsharedMemory(bytes);
      expect(bytes).toEqual(before);
      expect(unshared).toHaveLength(bytes.length);
      const differing = [...unshared.keys()].filter((i) => unshared[i] !== bytes[i]);
      expect(differing).toHaveLength(1);
      expect(readModule(bytes).imports).toEqual([{ name: "env.memory", kind: "memory", flags: 3 }]);
      expect(readModule(unshared).imports).toEqual([{ name: "env.memory", kind: "memory", flags: 1 }]);
    }
  });

  test("it links with unshared memory, and only with that", () => {
    const unshared = new WebAssembly.Module(forUnsharedMemory(binaries.strict));
    const shared = new WebAssembly.Module(binaries.strict);
    instantiateKernels(unshared, memoryOf(false));
    instantiateKernels(shared, memoryOf(true));
    expect(() => instantiateKernels(unshared, memoryOf(true))).toThrow(WebAssembly.LinkError);
    expect(() => instantiateKernels(shared, memoryOf(false))).toThrow(WebAssembly.LinkError);
  });

  test("other modules are not taken for ours", () => {
    const none = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
    expect(() => forUnsharedMemory(none)).toThrow(/does not import a shared memory/);
    expect(() => forUnsharedMemory(forUnsharedMemory(binaries.strict))).toThrow(
      /does not import a shared memory/,
    );
    // Imports a function only.
    const other = new Uint8Array([
      0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 7, 1, 1, 97, 1, 98, 0, 0,
    ]);
    expect(WebAssembly.validate(other)).toBe(true);
    expect(() => forUnsharedMemory(other)).toThrow(/does not import a shared memory/);
  });
});

describe("with a mark", () => {
  test("the same module and one empty custom section more", () => {
    const { strict } = binaries;
    const marked = withMark(strict);
    expect(marked.subarray(0, strict.length)).toEqual(strict);
    const [one, other] = [new WebAssembly.Module(strict), new WebAssembly.Module(marked)];
    expect(WebAssembly.Module.exports(other)).toEqual(WebAssembly.Module.exports(one));
    expect(WebAssembly.Module.customSections(other, "").map(({ byteLength }) => byteLength)).toEqual([0]);
    expect(WebAssembly.Module.customSections(one, "")).toEqual([]);
    expect(readModule(forUnsharedMemory(marked)).imports[0]!.flags).toBe(1);
  });
});

describe("features", () => {
  test("what the engine says of the two modules", () => {
    const features = detectFeatures();
    expect(features).toEqual({ simd: true, relaxedSimd: WebAssembly.validate(binaries.relaxed) });
  });

  test.each([
    [false, false],
    [true, false],
    [true, true],
  ])("an engine with SIMD: %s, relaxed: %s", (simd, relaxedSimd) => {
    // Two probes: the longer one, with three operands, is the one of relaxed SIMD.
    vi.spyOn(WebAssembly, "validate").mockImplementation((bytes) =>
      bytes.byteLength > 35 ? relaxedSimd : simd,
    );
    expect(detectFeatures()).toEqual({ simd, relaxedSimd });
  });

  test("the probes are modules, each of the instruction that it is to be", () => {
    const seen: Uint8Array[] = [];
    vi.spyOn(WebAssembly, "validate").mockImplementation((bytes) => seen.push(bytes as Uint8Array) > 0);
    detectFeatures();
    vi.restoreAllMocks();
    const [simd, relaxed] = seen as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
    expect(WebAssembly.validate(simd)).toBe(true);
    // The same module where each engine refuses it: an instruction that nobody has.
    for (const probe of [simd, relaxed]) {
      const at = probe.length - (probe === simd ? 2 : 3);
      expect([...probe.subarray(at - 1, at + 1)]).toEqual([0xfd, probe === simd ? 98 : 0x85]);
    }
  });

  test("no WebAssembly at all, or no SIMD: init says what has it", async () => {
    vi.resetModules();
    const { init } = await import("../../src/index.ts");
    vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
    const error = (await init().catch((thrown: unknown) => thrown)) as Error & { code: string };
    expect(error).toMatchObject({ name: "UnsupportedError", code: "UNSUPPORTED" });
    expect(error.message).toMatch(/SIMD.*Node 16.4, Chromium 91, Firefox 89, Safari 16.4/);
    vi.restoreAllMocks();
    vi.stubGlobal("WebAssembly", undefined);
    const none = await import("../../src/kernels/features.ts");
    expect(none.detectFeatures()).toEqual({ simd: false, relaxedSimd: false });
  });

  /** A bench over a memory of its own; `multiplyAdd` stands for the micro-kernel. */
  function bench(): { memory: WebAssembly.Memory; views: Workbench } {
    const memory = memoryOf(true);
    const { buffer } = memory;
    const views = {
      i32: new Int32Array(buffer),
      f64: new Float64Array(buffer),
      job: 1024,
      tile: 4096,
      a: 8192,
      b: 16384,
    };
    // Left over from earlier work: it must not matter.
    views.f64.fill(Number.NaN, 4096 / 8, 32768 / 8);
    return { memory, views };
  }

  test("strict never fuses", () => {
    const { memory, views } = bench();
    expect(isFused(instantiateKernels(new WebAssembly.Module(binaries.strict), memory), views)).toBe(false);
  });

  test("a multiply-add with one rounding is noticed", () => {
    const { memory, views } = bench();
    const kernels = instantiateKernels(new WebAssembly.Module(binaries.strict), memory);
    expect(MICRO_KERNELS).toContain("4x2");
    const tile = kernels.float64.tiles["4x2"];
    const micro = (job: number): void => {
      tile.micro(job);
      // As a fused one leaves it: x² is not rounded before −round(x²) is added.
      views.f64[views.tile / 8]! += 2 ** -54;
    };
    const tiles = { ...kernels.float64.tiles, "4x2": { ...tile, micro } };
    expect(isFused({ ...kernels, float64: { ...kernels.float64, tiles } }, views)).toBe(true);
  });
});

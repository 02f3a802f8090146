import { afterEach, describe, expect, test } from "vitest";
import { ArenaFullError, UnsupportedError } from "../../src/errors.ts";
import { PAGE } from "../../src/memory/layout.ts";
import { createLinearMemory, type MemoryOptions, parseBytes } from "../../src/memory/linear.ts";
import { context } from "../helpers/context.ts";

const GIB = 2 ** 30;
const Real = WebAssembly.Memory;

afterEach(() => {
  WebAssembly.Memory = Real;
  delete (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated;
});

/** A host that grants no memory for which `refuses` says so; returns the list of what was asked for. */
function hostThat(refuses: (asked: WebAssembly.MemoryDescriptor) => boolean): WebAssembly.MemoryDescriptor[] {
  const asked: WebAssembly.MemoryDescriptor[] = [];
  WebAssembly.Memory = class extends Real {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      asked.push(descriptor);
      if (refuses(descriptor)) throw new RangeError("WebAssembly.Memory(): could not allocate memory");
      super(descriptor);
    }
  };
  return asked;
}

describe("sizes", () => {
  test.each([
    [1, 1],
    [65536, 65536],
    [1.5, 2],
    [4 * GIB, 4 * GIB],
    ["64 MiB", 64 * 2 ** 20],
    ["64MiB", 64 * 2 ** 20],
    [" 4 GiB ", 4 * GIB],
    ["0.5 GiB", GIB / 2],
    ["10 KiB", 10240],
    ["100 B", 100],
    ["100", 100],
  ])("%j is %d bytes", (value, bytes) => {
    expect(parseBytes(value, "memory.initial")).toBe(bytes);
  });

  const wrong = [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 4 * GIB + 1, "", "MiB", "-1 MiB", "0 B", "1e3"];
  test.each([...wrong, "64 MB", "5 GiB", "64 mib", "0x10", "1,5 GiB"])("%j is none", (value) => {
    expect(() => parseBytes(value, "memory.initial")).toThrow(UnsupportedError);
    expect(() => parseBytes(value, "memory.initial")).toThrow(`memory.initial: ${JSON.stringify(value)}`);
  });
});

describe("the ladder of maxima", () => {
  test("the largest there is, where the host grants it", () => {
    const linear = createLinearMemory({ initial: "1 MiB" }, PAGE);
    expect(linear).toMatchObject({ shared: true, maximum: 4 * GIB, size: 2 ** 20, reason: undefined });
  });

  test.each([4, 2, 1, 0.5].map((gib, i) => [gib, [2, 1, 0.5, 0.25][i]!]))(
    "a host that refuses %d GiB grants %d GiB",
    (refused, granted) => {
      const asked = hostThat(({ maximum }) => maximum! * PAGE >= refused * GIB);
      const linear = createLinearMemory({ initial: "1 MiB" }, PAGE);
      expect(linear).toMatchObject({ shared: true, maximum: granted * GIB });
      expect(linear.reason).toBe(`maximum ${4 * GIB} bytes refused by the host, ${granted * GIB} granted`);
      expect(asked.map(({ maximum }) => (maximum! * PAGE) / GIB)).toEqual(
        [4, 2, 1, 0.5, 0.25].filter((gib) => gib >= granted),
      );
      expect(asked.map(({ initial }) => initial)).toEqual(asked.map(() => 2 ** 20 / PAGE));
    },
  );

  test("from the maximum that was asked for, downwards, never below what is needed at the start", () => {
    const asked = hostThat(() => true);
    const options: MemoryOptions = { initial: "600 MiB", maximum: "3 GiB", shared: true };
    expect(() => createLinearMemory(options, PAGE)).toThrow(ArenaFullError);
    expect(asked.map(({ maximum }) => (maximum! * PAGE) / GIB)).toEqual([3, 2, 1]);
  });

  test("a host that shares no memory gives an unshared one, and says so", () => {
    hostThat(({ shared }) => shared === true);
    const linear = createLinearMemory({ initial: "1 MiB", maximum: "16 MiB" }, PAGE);
    expect(linear).toMatchObject({ shared: false, maximum: 16 * 2 ** 20 });
    expect(linear.reason).toContain("the host refused a shared memory of any size");
    expect(() => createLinearMemory({ initial: "1 MiB", shared: true }, PAGE)).toThrow(ArenaFullError);
  });

  test("a page that is not cross-origin isolated: unshared by itself, refused on request", () => {
    (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated = false;
    const linear = createLinearMemory({ initial: "1 MiB", maximum: "2 MiB" }, PAGE);
    expect(linear.shared).toBe(false);
    expect(linear.reason).toContain("not cross-origin isolated");
    expect(linear.memory.buffer).toBeInstanceOf(ArrayBuffer);
    expect(() => createLinearMemory({ shared: true }, PAGE)).toThrow(UnsupportedError);
  });

  test("no memory at all: the error says what was tried", () => {
    hostThat(() => true);
    expect(() => createLinearMemory({ initial: "1 MiB" }, PAGE)).toThrow(
      /no wasm memory of 1048576 bytes \(tried maxima 4294967296, .*268435456\)/,
    );
  });

  test("a maximum below what is needed at the start is refused", () => {
    expect(() => createLinearMemory({ initial: "2 MiB", maximum: "1 MiB" }, PAGE)).toThrow(
      "memory.maximum 1048576 bytes is less than the 2097152 bytes",
    );
    expect(() => createLinearMemory({ initial: 1, maximum: PAGE }, 2 * PAGE)).toThrow(UnsupportedError);
  });
});

describe.each([true, false])("growth (shared: %s)", (shared) => {
  test("every view is of the whole memory afterwards", () => {
    const linear = createLinearMemory({ initial: PAGE, maximum: 16 * PAGE, shared }, PAGE);
    linear.i32[5] = 42;
    expect(linear.growTo(3 * PAGE)).toBe(true);
    expect(linear.size).toBe(3 * PAGE);
    for (const view of [linear.i32, linear.f32, linear.f64]) {
      expect(view.byteLength).toBe(3 * PAGE);
      expect(view.buffer).toBe(linear.memory.buffer);
    }
    expect(linear.i32[5]).toBe(42);
    expect(linear.bytes(2 * PAGE, PAGE)).toHaveLength(PAGE);
    expect(linear.growTo(2 * PAGE)).toBe(true);
    expect(linear.size).toBe(3 * PAGE);
    expect(linear.growTo(16 * PAGE + 1)).toBe(false);
    expect(linear.size).toBe(3 * PAGE);
    expect(linear.growTo(16 * PAGE)).toBe(true);
  });

  test("array.data is never stale", async () => {
    const la = await context({ memory: { initial: "6 MiB", maximum: "512 MiB", shared } });
    expect(la.config().memory.shared).toBe(shared);
    const a = la.arange(1000);
    const before = a.data;
    const committed = la.config().memory.committed;
    const big = la.zeros([4096, 4096]);
    expect(la.config().memory.committed).toBeGreaterThan(committed);
    if (!shared) expect(before).toHaveLength(0);
    expect(a.data).toHaveLength(1000);
    expect(a.data[999]).toBe(999);
    expect(a.at(999)).toBe(999);
    a.set(-1, 999);
    expect(a.data[999]).toBe(-1);
    expect(big.at(4095, 4095)).toBe(0);
    expect(la.matmul(a, a).at()).toBe((998 * 999 * 1997) / 6 + 1);
    expect(la.random([4], { seed: 1 }).at(0)).toBeCloseTo(0.5118, 4);
  });
});

test("the bits do not depend on whether the memory is shared", async () => {
  const contexts = [true, false].map((shared) =>
    context({ memory: { initial: "8 MiB", maximum: "64 MiB", shared } }),
  );
  const bits = (await Promise.all(contexts)).map((la) => {
    const [a, b] = [
      la.standardNormal([150, 300], { seed: 3 }),
      la.random([300, 90], { seed: 4, dtype: "f64" }),
    ];
    const [x, y] = [la.random([7, 9], { seed: 5, dtype: "f32" }), la.random(9, { seed: 6, dtype: "f32" })];
    return [la.matmul(a, b).toTyped(), la.matmul(x, y).toTyped(), la.matmul(x, x.T).toTyped()];
  });
  expect(bits[0]).toEqual(bits[1]);
});

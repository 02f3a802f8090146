import { expect, test } from "vitest";
import relaxed from "../../build/relaxed.wasm";
import strict from "../../build/strict.wasm";
import { loadBinaries } from "../../src/kernels/binaries.ts";

test("the packed kernels unpack to what the compiler wrote", async () => {
  const binaries = await loadBinaries();
  expect(Buffer.compare(binaries.strict, strict)).toBe(0);
  expect(Buffer.compare(binaries.relaxed, relaxed)).toBe(0);
});

test("they are unpacked once", () => {
  expect(loadBinaries()).toBe(loadBinaries());
});

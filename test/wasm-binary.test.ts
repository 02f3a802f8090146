import { expect, test } from "vitest";
import relaxed from "../build/relaxed.wasm";
import strict from "../build/strict.wasm";
import { MICRO_KERNELS } from "../src/kernels/exports.ts";
import { readModule, SECTION } from "./assembly/wasm-module.ts";

/** What assembly/index.ts exports, once an element type T, and its parameters. */
const PER_TYPE: Record<string, string> = {
  pack: "i32, i32, i32, i32, i32, i32, i32",
  scale: "i32, i32, T, i32, i32, i32",
  copy: "i32, i32, i32, i32, i32, i32, i32, i32",
  gemv: "i32, i32, T, i32, i32, i32, i32, i32, T, i32, i32, i32",
  trsm: "i32, i32, i32, i32, i32, i32, i32, i32, i32",
  getf2: "i32, i32, i32, i32, i32, i32",
  laswp: "i32, i32, i32, i32, i32, i32, i32, i32",
  asum: "i32, i32, i32, i32, i32, i32",
  random: "i32, i32, i32",
  standardNormal: "i32, i32, i32, i32",
};

/** Once a micro-kernel and an element type; the parameter is a job record's address. */
const PER_TILE = ["micro", "macro", "small"];

function expectedExports(): Record<string, string> {
  const expected: Record<string, string> = { memory: "memory" };
  for (const type of ["f32", "f64"]) {
    for (const [name, parameters] of Object.entries(PER_TYPE)) {
      const result = name === "getf2" ? "i32" : "";
      expected[`${name}_${type}`] = `(${parameters.replaceAll("T", type)}) -> (${result})`;
    }
    for (const tile of MICRO_KERNELS) {
      for (const name of PER_TILE) expected[`${name}_${tile}_${type}`] = "(i32) -> ()";
    }
  }
  return expected;
}

const SIMD = 0xfd * 65536;
const ATOMIC = 0xfe;
const MADDS = [0x105, 0x106, 0x107, 0x108].map((number) => SIMD + number);

for (const [name, bytes] of Object.entries({ strict, relaxed })) {
  const module = readModule(bytes);

  test(`${name}: its one import is a shared memory`, () => {
    expect(module.imports).toEqual([{ name: "env.memory", kind: "memory", flags: 3 }]);
    expect(module.sections).not.toContain(SECTION.memory);
  });

  test(`${name}: no data, no start function, no table, no state`, () => {
    const { data, dataCount, start, table, element } = SECTION;
    for (const id of [data, dataCount, start, table, element]) expect(module.sections).not.toContain(id);
    expect(module.mutableGlobals).toBe(0);
  });

  test(`${name}: exports are those of src/kernels/exports.ts`, () => {
    expect(Object.fromEntries(module.exports)).toEqual(expectedExports());
  });

  test(`${name}: no allocation, no threads, no indirect calls; SIMD`, () => {
    const [memoryGrow, callIndirect] = [0x40, 0x11];
    expect(module.opcodes).not.toContain(memoryGrow);
    expect(module.opcodes).not.toContain(callIndirect);
    expect([...module.opcodes].filter((opcode) => opcode >> 16 === ATOMIC)).toEqual([]);
    expect([...module.opcodes].some((opcode) => opcode >> 16 === 0xfd)).toBe(true);
  });
}

test("relaxed instructions are in the relaxed build, and only there", () => {
  const relaxedOpcodes = (bytes: Uint8Array) =>
    [...readModule(bytes).opcodes].filter((opcode) => opcode >= SIMD + 0x100 && opcode < SIMD + 65536);
  expect(relaxedOpcodes(strict)).toEqual([]);
  const used = relaxedOpcodes(relaxed);
  expect(used.length).toBeGreaterThan(0);
  for (const opcode of used) expect(MADDS).toContain(opcode);
});

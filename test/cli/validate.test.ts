import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { type Case, equalSquare, floats, square, TRANSPOSES } from "../../bench/gemm/cases.ts";
import { plainLoop } from "../../bench/gemm/plain.ts";
import { linesOf, pickLines, prepare, residual } from "../../bench/gemm/validate.ts";
import { Native } from "../../bench/host/node/native.ts";

const ONE: Case = { ...square("float64", 0), m: 7, n: 5, k: 9 };

describe("checking results", () => {
  test.each(["float32", "float64"] as const)("the plain loop is right in %s", (dtype) => {
    const one = { ...ONE, dtype };
    const problem = prepare(one);
    const c = floats(dtype, 35);
    plainLoop(one, problem.a, problem.b, c)();
    expect(residual(linesOf(c, 7, 5, problem.lines), problem)).toBeLessThan(1);
  });

  test("one element that is off shows, and so does what is no number", () => {
    const problem = prepare(ONE);
    const right = [...problem.expected];
    expect(residual(right, problem)).toBe(0);
    for (const wrong of [right[17]! + 1e-12, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(residual(right.with(17, wrong), problem)).toBeGreaterThan(1);
    }
    expect(residual([...right.slice(1), null], problem)).toBe(Number.POSITIVE_INFINITY);
    expect(residual(right.slice(1), problem)).toBe(Number.POSITIVE_INFINITY);
  });

  test("small results are compared whole, large ones at both ends and between", () => {
    expect(pickLines(3, 9, 2)).toEqual({ rows: [0, 1, 2], columns: [] });
    const { rows, columns } = pickLines(1000, 2, 5000);
    expect(rows).toEqual([0, 382, 809, 999]);
    expect(columns).toEqual([0, 1]);
  });
});

test("a shape's square has about as much work, in whole tiles", () => {
  expect(equalSquare([4096, 64, 512])).toBe(512);
  expect(equalSquare([1024, 1024, 16])).toBe(256);
  expect(equalSquare([1, 1, 1])).toBe(16);
});

const numpy = spawnSync("python3", ["-c", "import numpy"]).status === 0;

describe.skipIf(!numpy)("native BLAS (skipped where python3 has no NumPy)", () => {
  test.each(TRANSPOSES)("has the same inputs, and right results: %s", async (pair) => {
    const native = await Native.start("python3", 1);
    if (typeof native === "string") throw new Error(native);
    for (const dtype of ["float32", "float64"] as const) {
      const one = { ...ONE, dtype, transA: pair[0], transB: pair[1] } as Case;
      const problem = prepare(one);
      expect(residual(await native.prepare(one, problem.lines), problem)).toBeLessThan(1);
    }
    const { ms, cpuMs } = await native.sample(2);
    expect([Number.isFinite(ms), Number.isFinite(cpuMs)]).toEqual([true, true]);
    native.close();
  });
});

test("a Python that is not there is a reason, no error", async () => {
  expect(await Native.start("/no/such/python", 1)).toMatch(/^\/no\/such\/python: not found/);
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type DType, MICRO_KERNELS, type MicroKernel } from "../../src/kernels/exports.ts";
import { itemSize } from "../../src/kernels/job.ts";
import { SCRATCH_BYTES, SCRATCH_PARTS } from "../../src/memory/layout.ts";
import { BLOCKING, type Problem, plan } from "../../src/plan/blocking.ts";

const DTYPES: readonly DType[] = ["float32", "float64"];
const extent = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 5000 }));
const problems: fc.Arbitrary<Problem> = fc.record({
  dtype: fc.constantFrom(...DTYPES),
  m: extent,
  n: extent,
  k: extent,
  aRowsAdjacent: fc.boolean(),
  bRowsAdjacent: fc.boolean(),
});
const microKernels = fc.constantFrom(...MICRO_KERNELS);

function tileOf(name: MicroKernel): { rows: number; vectors: number } {
  const [rows, vectors] = name.split("x").map(Number) as [number, number];
  return { rows, vectors };
}

test("pure: the same question has the same answer, and is not changed by it", () => {
  fc.assert(
    fc.property(problems, microKernels, (problem, chosen) => {
      const before = { ...problem };
      expect(plan(Object.freeze(problem), chosen)).toEqual(plan(before, chosen));
      expect(problem).toEqual(before);
    }),
  );
});

test("the path, and with it the order of summation, never depends on the choice or on strides", () => {
  fc.assert(
    fc.property(problems, microKernels, microKernels, fc.boolean(), (problem, one, other, adjacent) => {
      const restrided = { ...problem, aRowsAdjacent: adjacent, bRowsAdjacent: !adjacent };
      expect(plan(restrided, other).path).toBe(plan(problem, one).path);
    }),
  );
});

test("vector exactly where m or n is 1; small only where k is one piece of KC, so that it sums in the same order", () => {
  fc.assert(
    fc.property(problems, microKernels, (problem, chosen) => {
      const { path } = plan(problem, chosen);
      expect(path === "vector").toBe(problem.m === 1 || problem.n === 1);
      if (path === "small") expect(problem.k).toBeLessThanOrEqual(BLOCKING[problem.dtype].KC);
    }),
    { numRuns: 1000 },
  );
});

test("what is not packed has adjacent rows where a kernel reads vectors, and packed B fits the scratch", () => {
  fc.assert(
    fc.property(problems, microKernels, (problem, chosen) => {
      const { path, microKernel, packB } = plan(problem, chosen);
      if (path === "vector") return;
      if (!packB) expect(problem.bRowsAdjacent).toBe(true);
      if (path !== "small") return;
      const size = itemSize(problem.dtype);
      const width = (tileOf(microKernel).vectors * 16) / size;
      const room = packB ? SCRATCH_BYTES - SCRATCH_PARTS.bPanel : SCRATCH_PARTS.aBlock - SCRATCH_PARTS.bTail;
      const columns = packB ? Math.ceil(problem.n / width) * width : width;
      expect(columns * problem.k * size).toBeLessThanOrEqual(room);
    }),
    { numRuns: 1000 },
  );
});

test("every path is taken, and small products are not sent through the five loops", () => {
  const at = (m: number, n: number, k: number): string =>
    plan({ dtype: "float64", m, n, k, aRowsAdjacent: true, bRowsAdjacent: true }, "6x2").path;
  expect(at(1, 500, 500)).toBe("vector");
  expect(at(500, 1, 500)).toBe("vector");
  expect(at(4, 4, 4)).toBe("small");
  expect(at(64, 64, 64)).toBe("small");
  expect(at(1000, 1000, 1000)).toBe("blocked");
  expect(at(2, 2, 5000)).toBe("blocked");
});

test("one KC; packed blocks of every tile fit their parts of the scratch", () => {
  for (const dtype of DTYPES) {
    const { MC, KC, NC } = BLOCKING[dtype];
    expect(KC).toBe(256);
    const size = itemSize(dtype);
    const { aTail, bTail, aBlock, bPanel } = SCRATCH_PARTS;
    for (const { rows, vectors } of MICRO_KERNELS.map(tileOf)) {
      const width = (vectors * 16) / size;
      const [mc, nc] = [MC - (MC % rows), NC - (NC % width)];
      expect(mc).toBeGreaterThan(0);
      expect(nc).toBeGreaterThan(0);
      expect(rows * vectors * 16).toBeLessThanOrEqual(aTail);
      expect(rows * KC * size).toBeLessThanOrEqual(bTail - aTail);
      expect(width * KC * size).toBeLessThanOrEqual(aBlock - bTail);
      expect(mc * KC * size).toBeLessThanOrEqual(bPanel - aBlock);
      expect(nc * KC * size).toBeLessThanOrEqual(SCRATCH_BYTES - bPanel);
    }
  }
});

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DType, MICRO_KERNELS, type MicroKernel } from "../../src/kernels/exports.ts";
import { itemSize } from "../../src/kernels/job.ts";
import { SCRATCH_BYTES, SCRATCH_PARTS } from "../../src/memory/layout.ts";
import { BLOCKING, fitting, type Problem, plan } from "../../src/plan/blocking.ts";

const DTYPES: readonly DType[] = ["float32", "float64"];
const extent = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 5000 }));
const problems: fc.Arbitrary<Problem> = fc.record({
  dtype: fc.constantFrom(...DTYPES),
  m: extent,
  n: extent,
  k: extent,
  aRowsAdjacent: fc.boolean(),
  bRowsAdjacent: fc.boolean(),
  vectors: fc.constantFrom(1, 2, 3, 4),
});
const microKernels = fc.constantFrom(...MICRO_KERNELS);

function tileOf(name: MicroKernel): { rows: number; vectors: number } {
  const [rows, vectors] = name.split("x").map(Number) as [number, number];
  return { rows, vectors };
}

test("pure: the same question has the same answer, and is not changed by it", () => {
  fc.assert(
    fc.property(problems, (problem) => {
      const before = { ...problem };
      expect(plan(Object.freeze(problem))).toEqual(plan(before));
      expect(problem).toEqual(before);
    }),
  );
});

test("vector exactly where m or n is 1, whatever the strides: there alone the order of summation is another", () => {
  fc.assert(
    fc.property(problems, fc.boolean(), fc.boolean(), (problem, aRowsAdjacent, bRowsAdjacent) => {
      const { path } = plan({ ...problem, aRowsAdjacent, bRowsAdjacent });
      expect(path === "vector").toBe(problem.m === 1 || problem.n === 1);
    }),
    { numRuns: 1000 },
  );
});

test("small only where k is one piece of KC, so that it sums in the order of the five loops", () => {
  fc.assert(
    fc.property(problems, (problem) => {
      if (plan(problem).path === "small") expect(problem.k).toBeLessThanOrEqual(BLOCKING[problem.dtype].KC);
    }),
    { numRuns: 1000 },
  );
});

test("what is not packed has adjacent rows where a kernel reads vectors, and what is packed fits the scratch", () => {
  fc.assert(
    fc.property(problems, microKernels, (problem, chosen) => {
      const { dtype, m, n, k } = problem;
      const { path, packB, mc } = plan(problem);
      if (path === "vector") return;
      if (!packB) expect(problem.bRowsAdjacent).toBe(true);
      const size = itemSize(dtype);
      const { rows, vectors } = tileOf(fitting(chosen, dtype, m, n));
      if (path === "blocked") {
        // A block of rows holds at least one whole tile, and no more rows than the packed block has room for.
        expect(mc).toBeGreaterThanOrEqual(rows);
        expect(mc).toBeLessThanOrEqual(BLOCKING[dtype].MC);
        return;
      }
      const width = (vectors * 16) / size;
      const room = packB ? SCRATCH_BYTES - SCRATCH_PARTS.bPanel : SCRATCH_PARTS.aBlock - SCRATCH_PARTS.bTail;
      const columns = packB ? Math.ceil(n / width) * width : width;
      expect(columns * k * size).toBeLessThanOrEqual(room);
    }),
    { numRuns: 1000 },
  );
});

test("every path is taken, and small products are not sent through the five loops", () => {
  const at = (m: number, n: number, k: number): string =>
    plan({ dtype: "float64", m, n, k, aRowsAdjacent: true, bRowsAdjacent: true, vectors: 2 }).path;
  expect(at(1, 500, 500)).toBe("vector");
  expect(at(500, 1, 500)).toBe("vector");
  expect(at(4, 4, 4)).toBe("small");
  expect(at(64, 64, 64)).toBe("small");
  expect(at(1000, 1000, 1000)).toBe("blocked");
  expect(at(2, 2, 5000)).toBe("blocked");
});

describe("the tile that fits", () => {
  const computed = (tile: MicroKernel, dtype: DType, m: number, n: number): number => {
    const { rows, vectors } = tileOf(tile);
    const width = (vectors * 16) / itemSize(dtype);
    return Math.ceil(m / rows) * rows * Math.ceil(n / width) * width;
  };

  test("is one there is; the chosen one unless another computes less", () => {
    fc.assert(
      fc.property(problems, microKernels, ({ dtype, m, n }, chosen) => {
        const tile = fitting(chosen, dtype, m, n);
        expect(MICRO_KERNELS).toContain(tile);
        if (tile !== chosen) {
          expect(computed(tile, dtype, m, n)).toBeLessThan(computed(chosen, dtype, m, n));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("large products use the chosen one, a 4 × 4 product no wide one", () => {
    for (const dtype of DTYPES) {
      for (const chosen of MICRO_KERNELS) expect(fitting(chosen, dtype, 1000, 1000)).toBe(chosen);
    }
    expect(fitting("6x4", "float32", 4, 4)).toBe("4x2");
    expect(fitting("6x4", "float64", 4, 4)).toBe("4x2");
    expect(fitting("6x4", "float32", 4, 16)).toBe("4x4");
  });
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

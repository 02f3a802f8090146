import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Partition, partition, type Shape } from "../../src/plan/partition.ts";

const SHAPES = fc.record({
  m: fc.integer({ min: 2, max: 5000 }),
  n: fc.integer({ min: 2, max: 5000 }),
  k: fc.integer({ min: 1, max: 1000 }),
  members: fc.integer({ min: 1, max: 64 }),
  tileRows: fc.constantFrom(2, 3, 4, 5, 6),
  tileColumns: fc.constantFrom(8, 16, 12),
  gflops: fc.integer({ min: 5, max: 150 }),
});

/** Rows and columns of each block. */
function blocks({ rows, columns, across, tickets }: Partition, { m, n }: Shape): [number, number][] {
  return Array.from({ length: tickets }, (_, ticket) => [
    Math.min(rows, m - Math.floor(ticket / across) * rows),
    Math.min(columns, n - (ticket % across) * columns),
  ]);
}

test("every element of C is in one block, no block is empty, blocks are whole tiles", () => {
  fc.assert(
    fc.property(SHAPES, (shape) => {
      const parts = partition(shape);
      const all = blocks(parts, shape);
      expect(all.every(([rows, columns]) => rows > 0 && columns > 0)).toBe(true);
      expect(all.reduce((sum, [rows, columns]) => sum + rows * columns, 0)).toBe(shape.m * shape.n);
      expect([parts.rows % shape.tileRows, parts.columns % shape.tileColumns]).toEqual([0, 0]);
      expect(parts.tickets).toBeLessThanOrEqual(4 * shape.members + 64);
    }),
    { numRuns: 2000, seed: 1 },
  );
});

test.each([2, 4, 8, 16, 32, 64])(
  "%d members: a large square is balanced, and packing stays small",
  (members) => {
    for (const n of [1024, 2048, 4096]) {
      const shape = { m: n, n, k: n, members, tileRows: 6, tileColumns: 16, gflops: 100 };
      const parts = partition(shape);
      const sizes = blocks(parts, shape).map(([rows, columns]) => rows * columns);
      const rounds = Math.ceil(parts.tickets / members);
      // What the busiest member computes, in shares of what each would compute if all were equal.
      const busiest = (rounds * Math.max(...sizes) * members) / (n * n);
      expect(busiest, `n = ${n}: ${JSON.stringify(parts)}`).toBeLessThan(n >= 32 * members ? 1.2 : 1.35);
    }
  },
);

test("two members: a square is halved, as long as more tickets would mean much more packing", () => {
  const of = (n: number, gflops: number): number =>
    partition({ m: n, n, k: n, members: 2, tileRows: 6, tileColumns: 16, gflops }).tickets;
  for (const n of [64, 128, 256, 512]) expect(of(n, 100)).toBe(2);
  for (const n of [1024, 2048, 4096]) expect(of(n, 100)).toBeGreaterThan(2);
  // At a quarter of the rate packing is a quarter of the share.
  expect(of(512, 25)).toBeGreaterThan(2);
});

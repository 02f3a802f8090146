import { describe, expect, test } from "vitest";
import { Lot } from "../../bench/common/lot.ts";
import {
  bootstrapRatio,
  geometricMean,
  median,
  normalBelow,
  studentT,
} from "../../bench/common/statistics.ts";

test("the normal distribution and Student's t are those of the tables", () => {
  // scipy.stats.norm.cdf, t.ppf(0.975, …)
  expect(normalBelow(-1.959964)).toBeCloseTo(0.025, 6);
  expect(normalBelow(0)).toBeCloseTo(0.5, 6);
  expect(normalBelow(1)).toBeCloseTo(0.8413447, 6);
  for (const [degrees, t] of [
    [3, 3.1824],
    [5, 2.5706],
    [8, 2.306],
    [30, 2.0423],
  ] as const)
    expect(Math.abs(studentT(degrees) / t - 1)).toBeLessThan(0.01);
});

test("geometric mean", () => {
  expect(geometricMean([2, 8])).toBeCloseTo(4);
  expect(geometricMean([0.5, 2])).toBeCloseTo(1);
  expect(geometricMean([])).toBeNaN();
});

/** Numbers about 100 with a spread of so many per cent: Irwin–Hall, nearly normal. */
function sample(lot: Lot, count: number, percent: number, middle = 100): number[] {
  const uniform = (): number => lot.draw(2 ** 20) / 2 ** 20;
  return Array.from({ length: count }, () => {
    const normal = Array.from({ length: 12 }, uniform).reduce((sum, x) => sum + x, -6);
    return middle * (1 + (percent / 100) * normal);
  });
}

describe("the bootstrap of a ratio of medians", () => {
  test("is the same each time, and another with another seed", () => {
    const [over, under] = [
      [11, 12, 10, 13, 9, 11.5, 10.5, 12.5, 9.5, 10.9],
      [5, 6, 4, 5.5, 5.1, 4.9, 5.2, 4.7, 4.2, 5],
    ];
    const interval = bootstrapRatio(over, under);
    expect(bootstrapRatio(over, under)).toEqual(interval);
    expect(bootstrapRatio(over, under, 2)).not.toEqual(interval);
    expect(interval.ratio).toBe(10.95 / 5);
    expect(interval.low).toBeGreaterThan(9 / 6);
    expect(interval.high).toBeLessThan(13 / 4);
    expect(interval.low).toBeLessThan(10.95 / 5);
    expect(interval.high).toBeGreaterThan(10.95 / 5);
  });

  test("of equal numbers is exact", () => {
    expect(bootstrapRatio([6, 6, 6], [3, 3, 3])).toEqual({ ratio: 2, low: 2, high: 2 });
  });

  test("does not depend on the order of the numbers' rounds, nor change them", () => {
    const over = [3, 1, 2];
    bootstrapRatio(over, [1, 2, 3]);
    expect(over).toEqual([3, 1, 2]);
  });

  test("needs three numbers", () => {
    expect(() => bootstrapRatio([1, 2], [1, 2, 3])).toThrow("There is no interval of 2 numbers.");
  });

  // How often the interval has the true ratio in it. Three numbers cannot do better: their range has the median in it in 75 %.
  test.each([
    [3, 0.75],
    [5, 0.93],
    [9, 0.94],
    [25, 0.94],
  ])("of %s numbers covers the truth in at least %s of synthetic runs", (count, least) => {
    const lot = new Lot(7);
    const RUNS = 300;
    let covered = 0;
    for (let run = 0; run < RUNS; ++run) {
      const { low, high } = bootstrapRatio(sample(lot, count, 3, 120), sample(lot, count, 5), run);
      if (low <= 1.2 && high >= 1.2) covered += 1;
    }
    expect(covered / RUNS).toBeGreaterThanOrEqual(least);
  });

  test("becomes narrower with more numbers", () => {
    const lot = new Lot(3);
    const width = (count: number): number =>
      median(
        Array.from({ length: 20 }, (_, seed) => {
          const { low, high } = bootstrapRatio(sample(lot, count, 3), sample(lot, count, 3), seed);
          return high - low;
        }),
      );
    expect(width(36)).toBeLessThan(0.6 * width(9));
  });
});

import { inspect } from "node:util";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { JUPYTER } from "../../src/base/picture.ts";
import type { Context, HeatmapOptions, NDArray } from "../../src/index.ts";
import { cellsOf } from "../../src/show/cells.ts";
import { coloursOf, DIVERGING, SEQUENTIAL } from "../../src/show/colours.ts";
import { heatOf, STEPS } from "../../src/show/heat.ts";
import { context, refuses } from "../helpers/context.ts";
import { type Element, expectApart, parse } from "../helpers/svg.ts";

let la: Context;
beforeEach(async () => {
  la = await context();
});
afterEach(() => la.close());

/** Lightness (L* of CIELAB) of an sRGB colour, 0 to 100. */
function lightness(colour: string): number {
  const [red, green, blue] = Array.from(colour.matchAll(/\d+/g), ([part]) => {
    const x = Number(part) / 255;
    return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const y = 0.2126729 * red + 0.7151522 * green + 0.072175 * blue;
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}

describe("colours", () => {
  const rises = (colours: readonly string[]): boolean =>
    colours.every((colour, i) => i === 0 || lightness(colour) > lightness(colours[i - 1]!));

  test("of one sign: each is lighter than the one before, from dark to light", () => {
    const colours = coloursOf(SEQUENTIAL);
    expect(colours).toHaveLength(STEPS + 1);
    expect(rises(colours)).toBe(true);
    expect([colours[0], colours[STEPS]]).toEqual(["rgb(68,1,84)", "rgb(253,231,37)"]);
  });

  test("of both: lightest in the middle, and equally dark at equal distances from it", () => {
    const colours = coloursOf(DIVERGING);
    expect(rises(colours.slice(0, STEPS / 2 + 1))).toBe(true);
    expect(rises(colours.slice(STEPS / 2).reverse())).toBe(true);
    colours.forEach((colour, i) => {
      expect(Math.abs(lightness(colour) - lightness(colours[STEPS - i]!))).toBeLessThan(10);
    });
    expect(lightness(colours[STEPS / 2]!)).toBeGreaterThan(90);
  });

  test("are even: no step is more than three times the average", () => {
    for (const stops of [SEQUENTIAL, DIVERGING]) {
      const levels = coloursOf(stops).map(lightness);
      const steps = levels.slice(1).map((level, i) => Math.abs(level - levels[i]!));
      const average = steps.reduce((sum, step) => sum + step, 0) / steps.length;
      expect(Math.max(...steps)).toBeLessThan(3 * average);
    }
  });
});

describe("cells", () => {
  const matrix = (rows: number[][]): NDArray => la.array(rows);

  test("are the elements where there is room for all", () => {
    const rows = [
      [1, -2, 3],
      [4, 5, 6],
    ];
    for (const how of ["mean", "extreme"] as const) {
      expect(cellsOf(matrix(rows), how, 3)).toEqual({
        values: rows,
        each: [1, 1],
        low: -2,
        high: 6,
        counts: [0, 0, 0],
      });
    }
  });

  test("are means, exactly, or the largest in magnitude with its sign; the last have fewer elements", () => {
    const a = matrix([
      [1, 3, -8, 0, 7],
      [5, 7, 2, 2, -9],
      [10, 20, -1, 1, 0.5],
    ]);
    expect(cellsOf(a, "mean", 3)).toMatchObject({
      values: [
        [2, -4, 7],
        [6, 2, -9],
        [15, 0, 0.5],
      ],
      each: [1, 2],
      low: -9,
      high: 20,
    });
    expect(cellsOf(a, "mean", 2)).toMatchObject({
      values: [
        [10 / 6, 0],
        [expect.closeTo(29 / 3, 14), 0.75],
      ],
      each: [2, 3],
    });
    expect(cellsOf(a, "extreme", 2).values).toEqual([
      [-8, -9],
      [20, 1],
    ]);
  });

  test("of views are those of the elements they show", () => {
    const a = la.arange(48).reshape([6, 8]);
    expect(cellsOf(a.T, "mean", 99).values).toEqual(a.T.toArray());
    const view = a.slice([null, null, -2], [1, null, 3]);
    expect(cellsOf(view, "mean", 99).values).toEqual(view.toArray());
    expect(cellsOf(a.col(3), "extreme", 99).values).toEqual([a.col(3).toArray()]);
    expect(cellsOf(la.full([], 7), "mean", 9).values).toEqual([[7]]);
    expect(cellsOf(la.zeros([0, 4]), "mean", 9).values).toEqual([]);
    expect(cellsOf(la.zeros([3, 0]), "mean", 9)).toMatchObject({ values: [[], [], []], low: Infinity });
    expect(cellsOf(la.zeros(0), "mean", 9).values).toEqual([[]]);
  });

  test("do not hide a single NaN or infinity, and count each element that is one", () => {
    const a = la.ones([100, 100]);
    a.set(NaN, 5, 5);
    a.set(Infinity, 50, 5);
    a.set(-Infinity, 99, 99);
    a.set(-Infinity, 98, 98);
    a.set(Infinity, 5, 95);
    a.set(-Infinity, 6, 95);
    for (const how of ["mean", "extreme"] as const) {
      const { values, counts, low, high } = cellsOf(a, how, 10);
      expect([values[0]![0], values[5]![0], values[9]![9], values[1]![1]]).toEqual([
        NaN,
        Infinity,
        -Infinity,
        1,
      ]);
      expect(values[0]![9]).toBe(Infinity);
      expect([counts, low, high]).toEqual([[1, 2, 3], 1, 1]);
    }
  });

  test("of equal numbers are that number; of the largest they do not overflow", () => {
    const { values } = cellsOf(la.full([100, 101], 0.1), "mean", 7);
    expect(new Set(values.flat())).toEqual(new Set([0.1]));
    expect(cellsOf(matrix([[-1.7e308, 1.7e308, 1.7e308, -1.7e308]]), "mean", 1).values[0]![0]).toBeLessThan(
      1e293,
    );
  });

  test("show each element once (any shape, strides and number of cells)", () => {
    const size = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(size, size, size, fc.boolean(), (rows, columns, most, transposed) => {
        la.scope(() => {
          const whole = la.arange(1, rows * columns + 1).reshape([rows, columns]);
          const a = transposed ? whole.T : whole;
          const elements = a.toArray() as number[][];
          const { values, each } = cellsOf(a, "mean", most);
          expect(Math.max(values.length, values[0]!.length)).toBeLessThanOrEqual(most);
          values.forEach((cells, i) => {
            cells.forEach((value, j) => {
              const inside = elements
                .slice(i * each[0], (i + 1) * each[0])
                .flatMap((row) => row.slice(j * each[1], (j + 1) * each[1]));
              expect(value).toBeCloseTo(inside.reduce((sum, x) => sum + x, 0) / inside.length, 10);
            });
          });
          expect(values.length * each[0]).toBeGreaterThanOrEqual(elements.length);
        });
      }),
    );
  });
});

describe("the scale", () => {
  const steps = (values: number[], options: HeatmapOptions = {}): [readonly number[], readonly string[]] => {
    const { steps, labels } = heatOf(la.array([values]), options);
    return [steps[0]!, labels];
  };

  test("of one sign goes from the lowest to the highest", () => {
    expect(steps([2, 3, 4, 6])).toEqual([
      [0, 16, 32, 64],
      ["2", "4", "6"],
    ]);
    expect(steps([-1, -3, 0])).toEqual([
      [43, 0, 64],
      ["-3", "-1.5", "0"],
    ]);
  });

  test("of both has 0 in the middle", () => {
    expect(steps([-1, 0, -0, 4])).toEqual([
      [24, 32, 32, 64],
      ["-4", "0", "4"],
    ]);
  });

  test("has a step for what is no number", () => {
    expect(steps([NaN, 1, Infinity, 2, -Infinity])[0]).toEqual([65, 0, 66, 64, 67]);
    expect(steps([NaN, Infinity])).toEqual([[65, 66], []]);
  });

  test("of equal numbers is its middle", () => {
    expect(steps([3, 3])).toEqual([
      [32, 32],
      ["", "3", ""],
    ]);
  });

  test("holds the largest and the smallest numbers", () => {
    expect(steps([-1.7e308, 0, 1.7e308])).toEqual([
      [0, 32, 64],
      ["-1.7e+308", "0", "1.7e+308"],
    ]);
    expect(steps([1e-300, 2e-300, 3e-300])[0]).toEqual([0, 32, 64]);
  });

  test("is that of what is shown: signs that means even out are still told apart", () => {
    const { steps, labels, signed, summary } = heatOf(la.array(Array(64).fill([5, -1]).flat()), {
      width: 20,
    });
    expect([steps, labels, signed]).toEqual([[[64, 64]], ["-2", "0", "2"], true]);
    expect(summary).toEqual(["(128,) float64, from -1 to 5", "a cell is the mean of up to 1 × 64 elements"]);
  });
});

// ---- pictures -------------------------------------------------------------------------------------------------------

/** The colour of each cell of the first mosaic of an SVG. */
function coloursIn(elements: readonly Element[]): string[][] {
  const from = elements.findIndex(({ tag }) => tag === "g") + 1;
  const cells: string[][] = [];
  for (const { tag, attributes } of elements.slice(from)) {
    if (tag !== "path" || attributes["stroke-width"] !== undefined) break;
    for (const [, column, row, count] of attributes.d!.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
      cells[Number(row)] ??= [];
      for (let i = 0; i < Number(count); ++i) {
        expect(cells[Number(row)]![Number(column) + i]).toBeUndefined();
        cells[Number(row)]![Number(column) + i] = attributes.stroke!;
      }
    }
  }
  return cells;
}

const MATRICES: Record<string, (la: Context) => [NDArray, HeatmapOptions?]> = {
  signed: (la) => [la.array([1, 2.5, -3, 4, 0, -0.5]).reshape([2, 3])],
  "one-sign": (la) => [la.arange(1000).reshape([50, 20]), { width: 80, title: "rows" }],
  strange: (la) => [la.array([NaN, Infinity, -Infinity, -0, 0.5, 1e-300, 7e22, 3]).reshape([2, 4])],
  row: (la) => [la.arange(12, undefined, 1, { name: "x" })],
  "nothing-finite": (la) => [la.full([2, 2], NaN)],
  nothing: (la) => [la.zeros([0, 3])],
};

describe.each(Object.entries(MATRICES))("heat map, %s", (name, make) => {
  it("looks as it always has", async () => {
    const picture = la.scope(() => {
      const [a, options] = make(la);
      return a.heatmap(options);
    });
    await expect(`${picture.toText()}\n`).toMatchFileSnapshot(`../data/show/heat-${name}.txt`);
    await expect(`${picture.toSVG()}\n`).toMatchFileSnapshot(`../data/show/heat-${name}.svg`);
    expectApart(parse(picture.toSVG()));
  });

  it("has each cell in its colour", () => {
    const [a, options = {}] = make(la);
    const { steps, signed } = heatOf(a, options);
    const colours = [...coloursOf(signed ? DIVERGING : SEQUENTIAL), "#e0c", "#000", "#000"];
    expect(coloursIn(parse(a.heatmap(options).toSVG()))).toEqual(
      steps.map((row) => row.map((step) => colours[step])),
    );
  });
});

describe("heat maps", () => {
  it("show themselves: on consoles and in texts as text, in notebooks as SVG", () => {
    const picture = la.eye(3).heatmap({ title: "one" });
    expect([`${picture}`, inspect(picture)]).toEqual(Array(2).fill(picture.toText()));
    expect(picture[JUPYTER]()).toEqual({
      "text/plain": picture.toText(),
      "image/svg+xml": picture.toSVG(),
      "text/html": picture.toSVG(),
    });
    expect(picture.toHTML()).toBe(picture.toSVG());
  });

  it("are of what the array held, and need neither it nor its context any more", async () => {
    const other = await context();
    const a = other.ones([2, 2], { name: "a" });
    const picture = a.heatmap();
    const svg = picture.toSVG();
    a.set(-5, 0, 0);
    expect(a.heatmap().toSVG()).not.toBe(svg);
    a.release();
    other.close();
    expect(picture.toSVG()).toBe(svg);
    expect(svg).toContain("<title>a</title>");
  });

  it("are safe whatever they are called", () => {
    const title = '</title><script>alert("&")</script>\u0007';
    const elements = parse(la.eye(3).heatmap({ title }).toSVG());
    expect(elements.map(({ tag }) => tag)).not.toContain("script");
    expect(elements.find(({ tag }) => tag === "title")!.text).toBe('</title><script>alert("&")</script>?');
    const a = la.eye(3, 3, { name: "<b>&" });
    expect(parse(a.heatmap().toSVG()).find(({ tag }) => tag === "title")!.text).toBe("<b>&");
  });

  it("stay within bounds for any shape and width, with texts apart", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 1, max: 3000 }),
        fc.constantFrom(20, 100, 512),
        (rows, columns, width) => {
          la.scope(() => {
            const svg = la.random([rows, columns], { seed: 1 }).heatmap({ width }).toSVG();
            expect(svg.length).toBeLessThan(100_000);
            const elements = parse(svg);
            expectApart(elements);
            const cells = coloursIn(elements);
            expect(Math.max(cells.length, cells[0]!.length) * 8).toBeLessThanOrEqual(width);
            // Read from left to right, from top to bottom, and nowhere a cell is missing.
            for (const row of cells) expect(row.filter(Boolean)).toHaveLength(cells[0]!.length);
          });
        },
      ),
      { numRuns: 30 },
    );
  });

  it("refuse stacks, and options that they do not know", () => {
    const a = la.zeros([2, 2, 2]);
    refuses(la, () => a.heatmap(), ["ShapeError", "SHAPE", "(2, 2, 2)", "slice()"]);
    const b = la.eye(2);
    refuses(la, () => b.heatmap({ cells: "max" as "mean" }), [
      "UnsupportedError",
      "OPTION",
      '"max"',
      '"extreme"',
    ]);
    refuses(la, () => b.heatmap({ color: 1 } as object), ["UnsupportedError", "OPTION", '"color"']);
  });
});

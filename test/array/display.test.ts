import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Printable, toRepr, toText } from "../../src/array/display.ts";

interface Case {
  name: string;
  dtype: "float32" | "float64";
  shape: number[];
  /** The elements NumPy shows, and no others; see make_display.py. */
  shown: string;
  repr: string;
  str: string;
}

const { numpy, cases }: { numpy: string; cases: Case[] } = JSON.parse(
  readFileSync(new URL("../data/display.json", import.meta.url), "utf8"),
);

/** The array of a case; it throws where anything but a shown element is read. */
function arrayOf({ dtype, shape, shown }: Case): Printable {
  const bytes = Buffer.from(shown, "base64");
  const summarised = shape.reduce((product, n) => product * n, 1) > 1000;
  const at = (...index: number[]): number => {
    expect(index.length).toBe(shape.length);
    let position = 0;
    index.forEach((i, axis) => {
      const n = shape[axis]!;
      const kept = summarised && n > 6 ? 6 : n;
      const place = kept < n && i >= 3 ? i - n + kept : i;
      if (!(i >= 0 && i < n && place < kept && (i < 3 || place >= 3))) throw new Error(`read [${index}]`);
      position = position * kept + place;
    });
    return dtype === "float32" ? bytes.readFloatLE(4 * position) : bytes.readDoubleLE(8 * position);
  };
  return { shape, dtype, at };
}

/** A row of numbers. */
function row(values: readonly number[], dtype: "float32" | "float64"): Printable {
  return { shape: [values.length], dtype, at: (i) => values[i!]! };
}

describe(`prints as NumPy ${numpy}`, () => {
  it("knows enough cases", () => {
    expect(cases.length).toBeGreaterThan(300);
  });

  it.each(cases.map((each, i) => [i, each.name, each.dtype, each.shape.join("×"), each] as const))(
    "%i: %s, %s [%s]",
    (_i, _name, _dtype, _shape, each) => {
      const array = arrayOf(each);
      expect(toRepr(array)).toBe(each.repr);
      expect(toText(array)).toBe(each.str);
    },
  );
});

describe("reading", () => {
  it("reads each shown element once, however large the array", () => {
    const read = new Set<string>();
    let reads = 0;
    const at = (...index: number[]): number => {
      read.add(index.join());
      reads++;
      return 1;
    };
    toRepr({ shape: [4096, 4096], dtype: "float64", at });
    expect(reads).toBe(36);
    expect(read.size).toBe(36);
    expect(read).toContain("4095,4095");
    expect(read).not.toContain("3,0");
  });

  it("reads nothing of an empty array", () => {
    const at = (): number => expect.fail("read");
    expect(toRepr({ shape: [0, 3], dtype: "float64", at })).toBe("array([], shape=(0, 3), dtype=float64)");
  });
});

describe("printed numbers", () => {
  const numbers = {
    float64: fc.double({ noNaN: true, noDefaultInfinity: true }),
    float32: fc.float({ noNaN: true, noDefaultInfinity: true }),
  };
  const everyday = fc.oneof(
    fc.integer({ min: -99999, max: 99999 }),
    fc.double({ min: -999, max: 999, noNaN: true }),
  );

  for (const dtype of ["float64", "float32"] as const) {
    const inDtype = dtype === "float32" ? Math.fround : Number;

    it(`give a ${dtype} of no axes back to the bit`, () => {
      fc.assert(
        fc.property(numbers[dtype], (x) => {
          const text = toText({ shape: [], dtype, at: () => x });
          expect(inDtype(Number(text))).toBe(x);
        }),
        { numRuns: 1000 },
      );
    });

    it(`lie within half of the 8th digit of each ${dtype} in a row, in lines of at most 75`, () => {
      const value = fc.oneof(numbers[dtype], everyday.map(inDtype));
      const values = fc.oneof(
        fc.array(value, { minLength: 1, maxLength: 40 }),
        fc.array(everyday.map(inDtype), { minLength: 1, maxLength: 40 }),
      );
      fc.assert(
        fc.property(values, (row_) => {
          const text = toText(row(row_, dtype));
          for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(75);
          const words = text.slice(1, -1).trim().split(/\s+/);
          expect(words.length).toBe(row_.length);
          words.forEach((word, i) => {
            const x = row_[i]!;
            const printed = Number(word);
            expect(Object.is(Math.sign(printed), Math.sign(x)) || printed === 0).toBe(true);
            const exponent = Number(word.split("e")[1] ?? 0);
            const half = 0.5 * 10 ** (exponent - 8) * (1 + 1e-6);
            expect(inDtype(printed) === x || Math.abs(printed - x) <= half).toBe(true);
          });
        }),
        { numRuns: 1000 },
      );
    });
  }
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FULL, flopsOf, QUICK } from "../../bench/linpack/cases.ts";
import { centred, rowOf } from "../../bench/linpack/hpl.ts";
import { bytesFor, largestOrder, orderOf } from "../../bench/linpack/order.ts";
import { NATIVE } from "../../bench/linpack/parts.ts";
import { asMarkdown, asText, hplText } from "../../bench/linpack/report.ts";
import {
  infinityNorm,
  productResidual,
  residualOf,
  scaledResidual,
  THRESHOLD,
  triangleResidual,
} from "../../bench/linpack/residual.ts";
import type { Row } from "../../bench/linpack/rows.ts";
import { targets } from "../../bench/linpack/targets.ts";
import { type Context, init } from "../../src/index.ts";
import { INTERRUPTED, isBuilt, reportOf, runBench } from "../cli/bench-process.ts";
import { blasm } from "../cli/terminal.ts";

const GIB = 2 ** 30;
const DTYPES = ["float32", "float64"] as const;

describe("the order of the system", () => {
  const limits = { bytes: 3.5 * GIB, gflops: 100, budgetMs: 8000 };

  test.each(DTYPES)("the largest fits, one more does not (%s)", (dtype) => {
    for (const bytes of [0, 1000, 2 ** 20, 3.5 * GIB]) {
      const n = largestOrder(dtype, bytes);
      expect(bytesFor(dtype, n)).toBeLessThanOrEqual(bytes);
      expect(bytesFor(dtype, n + 1)).toBeGreaterThan(bytes);
    }
  });

  test("max is it, in steps of 128; a tiny memory has no step", () => {
    const n = orderOf("max", "float64", limits);
    expect(n % 128).toBe(0);
    expect(largestOrder("float64", limits.bytes) - n).toBeLessThan(128);
    expect(n).toBeGreaterThan(21_000);
    expect(orderOf("max", "float64", { ...limits, bytes: 30_000 })).toBe(largestOrder("float64", 30_000));
  });

  test("auto takes the time that there is, and no more than half of the memory", () => {
    const n = orderOf("auto", "float64", limits);
    const seconds = flopsOf(n) / 100e9;
    expect(seconds).toBeLessThanOrEqual(8);
    expect(seconds).toBeGreaterThan(7);
    const large = orderOf("auto", "float64", { ...limits, gflops: 1e6 });
    expect(bytesFor("float64", large)).toBeLessThanOrEqual(limits.bytes / 2);
    expect(orderOf("auto", "float64", { ...limits, gflops: 1e-9 })).toBe(128);
  });

  test("what was asked for is taken as it is, or refused with the largest that fits", () => {
    expect(orderOf(1000, "float64", limits)).toBe(1000);
    const largest = largestOrder("float64", limits.bytes);
    expect(orderOf(largest, "float64", limits)).toBe(largest);
    expect(() => orderOf(largest + 1, "float64", limits)).toThrow(
      `N = ${largest + 1} in float64 needs 3.50 GiB, there are 3.50 GiB: the largest N that fits is ${largest}.`,
    );
    expect(() => orderOf(30_000, "float32", limits)).not.toThrow();
    for (const order of [1, "max", "auto"] as const)
      expect(() => orderOf(order, "float64", { ...limits, bytes: -5 })).toThrow(
        "no system in float64 fits: -5 bytes are left beside the threads' scratch; take fewer --threads.",
      );
  });
});

describe("HPL's residual", () => {
  test("is scaled by ε, the norms and N", () => {
    expect(scaledResidual("float64", 10, { r: 2 ** -53, a: 3, x: 1, b: 1 })).toBeCloseTo(1 / 40);
    expect(scaledResidual("float32", 10, { r: 2 ** -24, a: 3, x: 1, b: 1 })).toBeCloseTo(1 / 40);
    expect(scaledResidual("float64", 10, { r: Number.NaN, a: 3, x: 1, b: 1 })).toBe(Number.POSITIVE_INFINITY);
    expect(
      scaledResidual("float64", 10, { r: Number.POSITIVE_INFINITY, a: 3, x: Number.POSITIVE_INFINITY, b: 1 }),
    ).toBe(Number.POSITIVE_INFINITY);
  });

  test("the norm is the largest row's; a NaN stays", () => {
    expect(infinityNorm([1, -2, 3, -5, 1, 0], 3)).toBe(6);
    expect(infinityNorm([1, -2, 3, -5], 1)).toBe(5);
    expect(infinityNorm([1, Number.NaN, 3, 4], 2)).toBeNaN();
    expect(infinityNorm([], 1)).toBe(0);
  });

  describe.each(DTYPES)("of a solution, %s", (dtype) => {
    let la: Context;
    beforeAll(async () => {
      la = await init({ threads: 1 });
    });
    afterAll(() => la.close());

    // More rows than are looked at in one piece, and no whole number of pieces.
    test.each([1, 2, 300, 600])("n = %i: small if it is right, large if one element of it is not", (n) => {
      la.scope(() => {
        const a = centred(la, [n, n], dtype, 1);
        const b = centred(la, [n], dtype, 2);
        const x = la.linalg.solve(a, b);
        const residual = residualOf(la, a, x, b);
        expect(residual).toBeLessThan(THRESHOLD / 4);
        // As it is by definition, in JavaScript.
        const [av, xv, bv] = [a.data, x.data, b.data];
        let r = 0;
        for (let i = 0; i < n; ++i) {
          let sum = -bv[i]!;
          for (let j = 0; j < n; ++j) sum += av[i * n + j]! * xv[j]!;
          r = Math.max(r, Math.abs(sum));
        }
        const norms = { r, a: infinityNorm(av, n), x: infinityNorm(xv, 1), b: infinityNorm(bv, 1) };
        const expected = scaledResidual(dtype, n, norms);
        expect(Math.abs(residual - expected)).toBeLessThan(dtype === "float32" ? 1e-6 : 1);
        const last = n - 1;
        x.set(x.at(last) + (dtype === "float32" ? 0.5 : 1e-6) * infinityNorm(x.data, 1), last);
        expect(residualOf(la, a, x, b)).toBeGreaterThan(THRESHOLD);
        x.set(Number.NaN, last);
        expect(residualOf(la, a, x, b)).toBe(Number.POSITIVE_INFINITY);
      });
      expect(la.arena.leaks()).toEqual([]);
    });

    test.each([1, 3, 70])(
      "of products and triangular systems, n = %i: one element that is wrong shows",
      (n) => {
        la.scope(() => {
          const a = centred(la, [n, n], dtype, 1);
          const c = la.matmul(a, a);
          expect(productResidual(a, a, c)).toBeLessThan(1);
          const l = a.copy();
          for (let i = 0; i < n; ++i) l.set(n, i, i);
          const b = centred(la, [n, 5], dtype, 2);
          const x = la.linalg.solveTriangular(l, b, { lower: true });
          expect(triangleResidual(l, x, b)).toBeLessThan(1);
          c.set(c.at(n - 1, 0) + 0.01, n - 1, 0);
          expect(productResidual(a, a, c)).toBeGreaterThan(1);
          x.set(x.at(n - 1, 4) + 0.01, n - 1, 4);
          expect(triangleResidual(l, x, b)).toBeGreaterThan(1);
          x.set(Number.NaN, 0, 0);
          expect(triangleResidual(l, x, b)).toBe(Number.POSITIVE_INFINITY);
        });
      },
    );

    test("random numbers are centred", () => {
      const numbers = centred(la, [10_000], dtype, 1);
      const values = Array.from(numbers.data);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(-0.5);
      expect(Math.max(...values)).toBeLessThan(0.5);
      expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length)).toBeLessThan(0.02);
      numbers.release();
    });
  });
});

const solution = (seconds: number, residual = 0.01) => ({ seconds, residual });
const part = (who: string, what: string, threads: number, values: number[]): Row => ({
  ...{
    section: "parts",
    label: "2048",
    dtype: "float64",
    n: 2048,
    who,
    what,
    threads,
    unit: "GFLOP/s",
    values,
  },
});
const ROWS: Row[] = [
  rowOf("tuned", 2, "float64", 1000, [solution(0.02), solution(0.01), solution(0.04)], [1, 1, 1]),
  part("tuned", "gemm", 1, [50]),
  part("tuned", "lu", 1, [45]),
  part("tuned", "lu", 2, [80]),
  part("tuned", "trsm", 1, [41]),
  part(NATIVE, "lu", 1, [45]),
  part("strict", "gemm", 1, [20]),
  part("strict", "lu", 1, [16]),
];

describe("the row of a system", () => {
  test("has the rates of its rounds, and its residual in units of the bound", () => {
    expect(ROWS[0]).toMatchObject({ label: "1000", n: 1000, threads: 2, residual: 0.01 / 16, wrong: false });
    expect(ROWS[0]!.values[1]).toBeCloseTo(flopsOf(1000) / 0.01 / 1e9);
    expect(flopsOf(3)).toBeCloseTo(18 + 13.5);
  });

  test.each([16, 17, Number.POSITIVE_INFINITY, Number.NaN])(
    "has FAILED with a residual of %s",
    (residual) => {
      const row = rowOf("tuned", 1, "float64", 10, [solution(1, residual)], undefined);
      expect(row).toMatchObject({ values: [], wrong: true });
      expect(hplText([row])).toContain("FAILED");
    },
  );
});

test("targets: of the product, over one thread, of LAPACK; the worst build decides", () => {
  const got = Object.fromEntries(
    targets(ROWS).map(({ figure, got: value, state }) => [figure, `${value} ${state}`]),
  );
  expect(got).toEqual({
    "LU n = 2048, one thread, of GEMM": "80.0 % (worst of 2: strict float64) missed",
    "LU on 2 threads, over one": "1.78 × (tuned float64) missed",
    "LU tuned, one thread, of native LAPACK": "100.0 % (tuned float64) reached",
    "triangular system with 256 right-hand sides, one thread, of GEMM": "82.0 % (tuned float64) reached",
  });
  expect(targets([]).every(({ state }) => state === "not measured")).toBe(true);
});

describe("reports", () => {
  const result = { header: { ...INTERRUPTED, selection: QUICK }, rows: ROWS };

  test("HPL's lines", () => {
    expect(hplText(ROWS)).toMatch(/^={80}\nT\/V {16}N {4}NB {5}P {5}Q {15}Time {17}Gflops\n/);
    expect(hplText(ROWS)).toMatch(/^WR-TUNED +1000 +64 +1 +2 +0\.02 +3\.34\d\de\+01$/m);
    expect(hplText(ROWS)).toContain("*N)=   1.00000000e-02 ...... PASSED");
    expect(hplText([])).toBe("");
  });

  test("tables", () => {
    const text = asText(result, false);
    expect(text).toMatch(
      /│ tuned\s+│ float64 │\s+1000 │\s+64 │ 1 × 2 │\s+0\.02 │\s+33\.4 │\s+66\.8 │\s+0\.0100 │ PASSED │/,
    );
    expect(text).toMatch(/│ float64 │ tuned\s+│\s+50\.0 │\s+45\.0 │\s+90 % │\s+80\.0 │\s+41\.0 │\s+82 % │/);
    expect(asMarkdown(result)).toMatch(/^# blasm bench linpack\n/);
    expect(asText({ ...result, rows: [] }, true)).toContain("Targets: 0 reached, 0 missed");
  });
});

test.each([
  [["--n", "0"], '"0" is no whole number from 1 to 32768. "max" is the largest that fits'],
  [["--n", "1.5"], '"1.5" is no whole number'],
  [["--n", "-3"], '"-3" is no whole number'],
  [["--n", "1e9"], '"1e9" is no whole number'],
  [["--n", "100,"], '"100," has an empty item.'],
  [["--threads", "66"], '"66" is no whole number from 1 to 65.'],
  [["--threads", "0"], '"0" is no whole number from 1 to 65.'],
  [["--dtype", "float16"], 'There is no "float16"; take float32, float64.'],
  [["--build", "fast"], 'There is no "fast"'],
])("bench linpack %j is a usage error", async (args, message) => {
  const { status, out, err } = await blasm("bench", "linpack", ...args);
  expect({ status, out }).toEqual({ status: 2, out: "" });
  expect(err).toContain(message);
});

test("--n without hpl is refused", async () => {
  const { status, err } = await blasm("bench", "linpack", "--n", "64", "--only", "parts");
  expect(status).toBe(1);
  expect(err).toContain("--n is the order of hpl's systems");
});

test("the largest order that the command line takes is above what fits a memory", () => {
  expect(largestOrder("float32", 4 * GIB)).toBeLessThan(32_768);
  expect(FULL.sections).toEqual(["hpl", "parts"]);
});

describe.skipIf(!isBuilt)("dist/cli.js bench linpack (skipped where it is not built)", () => {
  test("systems of several orders on one thread and on all: PASSED", async () => {
    for (const threads of ["1", "2"]) {
      const args = ["--n", "1,100,700", "--dtype", "float32,float64", "--threads", threads, "--rounds", "2"];
      const { status, out } = await runBench("linpack", [...args, "--json", "-"]);
      expect(status).toBe(0);
      const { rows } = reportOf<Row>(out);
      expect(rows.map(({ n, dtype }) => `${dtype} ${n}`)).toEqual(
        DTYPES.flatMap((dtype) => [1, 100, 700].map((n) => `${dtype} ${n}`)),
      );
      for (const { values, residual, wrong, section } of rows) {
        expect({ section, wrong }).toEqual({ section: "hpl", wrong: false });
        expect(values).toHaveLength(2);
        expect(residual).toBeLessThan(1);
      }
    }
  });

  test("an order that does not fit is refused before anything is computed", async () => {
    const { status, out } = await runBench("linpack", ["--n", "100,32768", "--json", "-"]);
    expect({ status, out }).toEqual({ status: 1, out: "" });
  });

  test("--n leaves the parts out, unless they are asked for", async () => {
    const args = [
      "--quick",
      "--rounds",
      "1",
      "--n",
      "64",
      "--build",
      "strict",
      "--no-native",
      "--threads",
      "1",
    ];
    const sectionsOf = async (...more: string[]): Promise<string[]> => {
      const { rows } = reportOf<Row>((await runBench("linpack", [...args, ...more, "--json", "-"])).out);
      return [...new Set(rows.map(({ section }) => section))];
    };
    expect(await sectionsOf()).toEqual(["hpl"]);
    expect(await sectionsOf("--only", "hpl,parts")).toEqual(["hpl", "parts"]);
  });

  test("parts", async () => {
    const args = ["--quick", "--only", "parts", "--rounds", "1", "--no-native", "--json", "-"];
    const { status, out } = await runBench("linpack", args);
    expect(status).toBe(0);
    const { rows } = reportOf<Row>(out);
    expect(rows.map(({ what }) => what)).toEqual(expect.arrayContaining(["gemm", "lu", "trsm"]));
    for (const { values, wrong } of rows)
      expect({ rounds: values.length, wrong }).toEqual({ rounds: 1, wrong: false });
  });
});

import { expect, test } from "vitest";
import {
  type Build,
  forEachBuild,
  KINDS,
  type Kind,
  type Matrix,
  rounding,
  Stage,
  SUFFIXES,
} from "./harness.ts";
import { Lcg } from "./lcg.ts";
import { checkSame, preciseDot, same, strictDot, within } from "./reference.ts";

/** What gemv may use: 4096 rows of 64 bytes of partial sums (columns), or 34816 bytes (rows). */
const SCRATCH = 262144;

/** y <- alpha A x + beta y; vectors are matrices of one column. Returns y, checked against the reference. */
function check(build: Build, stage: Stage, a: Matrix, x: Matrix, y: Matrix, alpha: number, beta: number) {
  const { suffix } = stage;
  const round = rounding(suffix);
  const [m, k] = [a.m, a.n];
  const before = y.dense();
  stage.run([y], [SCRATCH], ([scratch = 0]) => {
    const gemv = stage.kernels[`gemv_${suffix}`];
    gemv(m, k, alpha, a.address, a.rs, a.cs, x.address, x.rs, beta, y.address, y.rs, scratch);
  });
  const got = y.dense();
  const xs = x.dense();
  for (let i = 0; i < m; ++i) {
    const row = (p: number) => a.get(i, p);
    const vector = (p: number) => xs[p] as number;
    const old = before[i] as number;
    const product = round(round(alpha) * strictDot(suffix, k, row, vector));
    const bits = beta === 0 ? product : round(round(round(beta) * old) + product);
    const bounded = () => preciseDot(suffix, k, row, vector, round(alpha), round(beta), old, 1);
    const right =
      build.name === "strict" ? same(got[i] as number, bits) : within(got[i] as number, bits, bounded);
    if (!right) throw new Error(`m ${m}, k ${k}: y[${i}] is ${got[i]}, it should be ${bits}`);
  }
  return got;
}

forEachBuild("gemv", (build, suffix) => {
  const stage = new Stage(build, suffix);
  const random = new Lcg(13);
  const value = () => random.value(suffix);
  const ALPHAS = [1, 2.3, -1, 0];
  const BETAS = [0, 1, -1, 2.3];

  const SIZES = [
    ...[0, 1, 2, 3, 4, 5, 31, 32, 33, 63, 65].flatMap((m) => [0, 1, 3, 15, 16, 17].map((k) => [m, k])),
    ...[7, 8, 9, 31, 32, 33, 63, 64, 65, 127, 128, 129, 2047, 2048, 2049].map((k) => [5, k]),
    ...[1023, 1024, 1025, 4095, 4096, 4097].flatMap((m) => [1, 31, 32, 33, 65].map((k) => [m, k])),
    [33, 2049],
    [2049, 34],
  ] as [number, number][];

  for (const kind of ["row", "column", "rowGap", "columnGap"] as const) {
    test(`${kind}: sizes around every piece, to the bit of the documented order (strict)`, () => {
      for (const [turn, [m, k]] of SIZES.entries()) {
        stage.reset();
        const beta = BETAS[turn % 4] as number;
        const a = stage.matrix(m, k, kind).fill(value);
        const x = stage.matrix(k, 1, turn % 3 ? "row" : "strided").fill(value);
        const y = stage.matrix(m, 1, turn % 2 ? "row" : "strided");
        if (beta !== 0) y.fill(value);
        check(build, stage, a, x, y, ALPHAS[turn % 3] as number, beta);
      }
    });
  }

  test("any strides of A, x and y, every alpha and beta", () => {
    for (const kind of KINDS) {
      for (const incx of [1, 2, 5, -1, -3, 0]) {
        for (const incy of [1, 3, -1, -2]) {
          for (const alpha of ALPHAS) {
            for (const beta of BETAS) {
              const [m, k] = [6, 2 * random.below(20) + 1];
              stage.reset();
              const a = stage.matrix(m, k, kind).fill(value);
              const x = stage.matrix(k, 1, [incx, 0]).fill(value);
              const y = stage.matrix(m, 1, [incy, 0]);
              if (beta !== 0) y.fill(value);
              check(build, stage, a, x, y, alpha, beta);
            }
          }
        }
      }
    }
  });

  test("bits depend neither on how A is read, nor on the strides of x and y", () => {
    for (const [m, k] of [
      [1, 100],
      [37, 77],
      [1030, 70],
      [34, 2100],
    ] as const) {
      const values = Float64Array.from({ length: m * k }, value);
      const vector = Float64Array.from({ length: k }, value);
      const old = Float64Array.from({ length: m }, value);
      let first: Float64Array | undefined;
      for (const kind of ["row", "column", "strided", "columnReversed", "reversed"] satisfies Kind[]) {
        for (const inc of [1, 2, -1]) {
          stage.reset();
          const a = stage.matrix(m, k, kind).write(values);
          const x = stage.matrix(k, 1, [inc, 0]).write(vector);
          const y = stage.matrix(m, 1, [inc, 0]).write(old);
          const got = first ? runOnly(stage, a, x, y, 2.3, -1) : check(build, stage, a, x, y, 2.3, -1);
          first ??= got;
          checkSame(got, first, `${m} × ${k}, ${kind}, inc ${inc}`);
        }
      }
    }
  });

  test("NaN and infinities go where they should, and y is not read where beta is 0", () => {
    const values = [0, -0, 1, -1, 0.5, Infinity, -Infinity, Number.NaN];
    for (let turn = 0; turn < 400; ++turn) {
      const [m, k] = [1 + random.below(6), 1 + random.below(40)];
      stage.reset();
      // One in four is special, so that some sums stay finite.
      const fill = () => (random.below(k + 1) ? value() : random.pick(values));
      const a = stage.matrix(m, k, turn % 2 ? "row" : "column").fill(fill);
      const x = stage.matrix(k, 1, "row").fill(fill);
      const y = stage.matrix(m, 1, "row");
      const beta = turn % 3 ? 0 : 1;
      if (beta) y.fill(fill);
      check(build, stage, a, x, y, 1, beta);
    }
  });

  test("nothing is read or written past the memory's end", () => {
    const last = new Stage(build, suffix, 8);
    for (const kind of KINDS) {
      for (const [m, k] of [
        [7, 19],
        [5, 70],
      ] as const) {
        for (const place of ["a", "x", "y"]) {
          last.reset();
          const a = last.matrix(m, k, kind, place === "a").fill(value);
          const x = last.matrix(k, 1, "row", place === "x").fill(value);
          const y = last.matrix(m, 1, "row", place === "y").fill(value);
          check(build, last, a, x, y, 1, 1);
        }
      }
    }
  });
});

function runOnly(stage: Stage, a: Matrix, x: Matrix, y: Matrix, alpha: number, beta: number): Float64Array {
  stage.run([y], [SCRATCH], ([scratch = 0]) => {
    const gemv = stage.kernels[`gemv_${stage.suffix}`];
    gemv(a.m, a.n, alpha, a.address, a.rs, a.cs, x.address, x.rs, beta, y.address, y.rs, scratch);
  });
  return y.dense();
}

test("another order gives other bits, so that the checks above can see it", () => {
  const k = 64;
  for (const suffix of SUFFIXES) {
    const random = new Lcg(17);
    const round = rounding(suffix);
    let differ = 0;
    for (let turn = 0; turn < 100; ++turn) {
      const x = Float64Array.from({ length: k }, () => random.value(suffix));
      const y = Float64Array.from({ length: k }, () => random.value(suffix));
      const at = (list: Float64Array) => (p: number) => list[p] as number;
      let plain = 0;
      for (let p = 0; p < k; ++p) plain = round(plain + round(at(x)(p) * at(y)(p)));
      if (strictDot(suffix, k, at(x), at(y)) !== plain) ++differ;
    }
    expect(differ).toBeGreaterThan(50);
  }
});

import { expect, test } from "vitest";
import { MICRO_KERNELS, type MicroKernel } from "../../src/kernels/exports.ts";
import { type Build, forEachBuild, KINDS, type Matrix, rounding, Stage, tileSize } from "./harness.ts";
import { Lcg } from "./lcg.ts";
import { checkProduct, type Product, preciseDot, within } from "./reference.ts";

interface Tile {
  readonly a: Matrix;
  readonly b: Matrix;
  readonly c: Matrix;
  readonly alpha: number;
  readonly accumulate: boolean;
}

/** One call on a whole tile; returns what should come out. B's rows and C's rows are NR adjacent elements. */
function runMicro(stage: Stage, tile: MicroKernel, t: Tile): Product {
  const { a, b, c, alpha, accumulate } = t;
  const product: Product = {
    suffix: stage.suffix,
    m: a.m,
    n: b.n,
    k: a.n,
    a: a.dense(),
    b: b.dense(),
    c: c.dense(),
    alpha,
    beta: accumulate ? 1 : 0,
    KC: Math.max(1, a.n),
  };
  stage.run([c], [], () => {
    const job = stage.job({
      alpha,
      accumulate: accumulate ? 1 : 0,
      k: a.n,
      a: a.address,
      rsa: a.rs,
      csa: a.cs,
      b: b.address,
      rsb: b.rs,
      c: c.address,
      rsc: c.rs,
    });
    stage.kernels[`micro_${tile}_${stage.suffix}`](job);
  });
  return product;
}

/** As runMicro, and checks the result. Where C is not to be read, it holds the guard's NaN. */
function check(build: Build, stage: Stage, tile: MicroKernel, t: Tile, what: string): void {
  const product = runMicro(stage, tile, t);
  checkProduct(build, product, t.c.dense(), `${what}, alpha ${t.alpha}, accumulate ${t.accumulate}`);
}

forEachBuild("micro-kernels", (build, suffix) => {
  const stage = new Stage(build, suffix);
  const round = rounding(suffix);

  for (const tile of MICRO_KERNELS) {
    const { MR, NR } = tileSize(tile, suffix);
    const random = new Lcg(MR * 100 + NR);
    const value = () => random.value(suffix);

    test(`${tile}: packed operands, every k, alpha and accumulate`, () => {
      const ks = [0, 1, 2, MR - 1, MR, MR + 1, NR - 1, NR, NR + 1, 31, 255, 256];
      for (const k of new Set(ks)) {
        for (const alpha of [0, 1, -1, 2.3]) {
          for (const accumulate of [false, true]) {
            stage.reset();
            const a = stage.matrix(MR, k, [1, MR]).fill(value);
            const b = stage.matrix(k, NR, [NR, 1]).fill(value);
            const c = stage.matrix(MR, NR, "rowGap");
            if (accumulate) c.fill(value);
            check(build, stage, tile, { a, b, c, alpha, accumulate }, `k ${k}`);
          }
        }
      }
    });

    test(`${tile}: operands in place, any strides`, () => {
      const k = 7;
      for (const kind of KINDS) {
        for (const stepB of [NR, NR + 3, -NR, -NR - 5, 1]) {
          for (const stepC of [NR, NR + 1, 3 * NR, -NR, -NR - 7]) {
            for (const accumulate of [false, true]) {
              stage.reset();
              const a = stage.matrix(MR, k, kind).fill(value);
              const b = stage.matrix(k, NR, [stepB, 1]).fill(value);
              const c = stage.matrix(MR, NR, [stepC, 1]);
              if (accumulate) c.fill(value);
              check(build, stage, tile, { a, b, c, alpha: 2.3, accumulate }, `${kind}, ${stepB}, ${stepC}`);
            }
          }
        }
      }
    });

    test(`${tile}: NaN and infinities go where they should, from every place of A, B and C`, () => {
      const k = 3;
      for (const special of [Number.NaN, Infinity, -Infinity]) {
        for (let place = 0; place < MR * k + k * NR + MR * NR; ++place) {
          stage.reset();
          const a = stage.matrix(MR, k, "columnGap").fill(value);
          const b = stage.matrix(k, NR, "rowGap").fill((p) => (p === 1 ? 0 : value()));
          const c = stage.matrix(MR, NR, "row").fill(value);
          const [x, from] =
            place < MR * k ? [a, 0] : place < MR * k + k * NR ? [b, MR * k] : [c, MR * k + k * NR];
          const at = place - from;
          x.fill((i, j) => (i * x.n + j === at ? special : x.get(i, j)));
          const t = { a, b, c, alpha: place % 5 ? 1 : -2, accumulate: x === c || place % 2 === 0 };
          check(build, stage, tile, t, `${special} at place ${place}`);
        }
      }
    });

    test(`${tile}: mixtures of signed zeros, denormals, infinities and NaN`, () => {
      const tiny = suffix === "f32" ? 2 ** -149 : 2 ** -1074;
      const least = suffix === "f32" ? 2 ** -126 : 2 ** -1022;
      const mild = [0, -0, tiny, -tiny, 3 * tiny, least, -least * 1.5, 1, -1, 0.5];
      const wild = [...mild, Infinity, -Infinity, Number.NaN];
      for (let round = 0; round < 120; ++round) {
        const values = round % 2 ? mild : wild;
        const k = 1 + random.below(4);
        stage.reset();
        const a = stage.matrix(MR, k, "column").fill(() => random.pick(values));
        const b = stage.matrix(k, NR, "row").fill(() => random.pick(values));
        const c = stage.matrix(MR, NR, "row").fill(() => random.pick(values));
        const t = { a, b, c, alpha: random.pick([0, -0, 1, -1, 2.3]), accumulate: random.below(2) === 1 };
        check(build, stage, tile, t, `round ${round}`);
      }
    });

    test(`${tile}: huge values, with and without overflow`, () => {
      const [huge, scale] = suffix === "f32" ? [2 ** 100, 2 ** -90] : [2 ** 900, 2 ** -890];
      const k = 20;
      stage.reset();
      const a = stage.matrix(MR, k, "row").fill(() => value() * huge);
      const b = stage.matrix(k, NR, "row").fill(() => value() * scale);
      const c = stage.matrix(MR, NR, "row").fill(value);
      check(build, stage, tile, { a, b, c, alpha: 2.3, accumulate: true }, "no overflow");
      // What overflows first depends on the order, so that only the strict build's result is known.
      b.fill(() => value() * huge);
      const product = runMicro(stage, tile, { a, b, c, alpha: 1, accumulate: false });
      if (build.name === "strict") checkProduct(build, product, c.dense(), "overflow");
      else expect(c.dense().every((x) => !Number.isFinite(x))).toBe(true);
    });

    test(`${tile}: the error stays within its bound, against a reference of twice the precision`, () => {
      const k = 256;
      for (const alpha of [1, 2.3]) {
        stage.reset();
        const a = stage.matrix(MR, k, [1, MR]).fill(value);
        const b = stage.matrix(k, NR, [NR, 1]).fill(value);
        const c = stage.matrix(MR, NR, "row").fill(value);
        const before = c.dense();
        runMicro(stage, tile, { a, b, c, alpha, accumulate: true });
        let worst = 0;
        for (let i = 0; i < MR; ++i) {
          for (let j = 0; j < NR; ++j) {
            const old = before[i * NR + j] as number;
            const x = (p: number) => a.get(i, p);
            const y = (p: number) => b.get(p, j);
            const bounded = preciseDot(suffix, k, x, y, round(alpha), 1, old, 1);
            const got = c.get(i, j);
            worst = Math.max(worst, Math.abs(got - bounded.value.high - bounded.value.low));
            expect(within(got, got, () => bounded)).toBe(true);
          }
        }
        // A reference that only repeats the kernel's own roundings would find none.
        expect(worst).toBeGreaterThan(0);
      }
    });

    test(`${tile}: nothing is read or written past the memory's end`, () => {
      const k = 5;
      const last = new Stage(build, suffix, 1);
      for (const place of ["a", "b", "c"]) {
        for (const accumulate of [false, true]) {
          last.reset();
          const a = last.matrix(MR, k, [1, MR], place === "a").fill(value);
          const b = last.matrix(k, NR, [NR, 1], place === "b").fill(value);
          const c = last.matrix(MR, NR, "row", place === "c").fill(value);
          check(build, last, tile, { a, b, c, alpha: 1, accumulate }, `${place} at the end`);
        }
      }
    });
  }
});

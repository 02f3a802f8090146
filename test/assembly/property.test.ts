import fc from "fast-check";
import { test } from "vitest";
import { MICRO_KERNELS } from "../../src/kernels/exports.ts";
import { blocked, forEachBuild, KINDS, OUTPUT_KINDS, Stage, small } from "./harness.ts";
import { Lcg } from "./lcg.ts";
import { checkProduct } from "./reference.ts";

forEachBuild("any product", (build, suffix) => {
  const stage = new Stage(build, suffix);
  const tiny = suffix === "f32" ? 2 ** -149 : 2 ** -1074;
  const huge = suffix === "f32" ? 2 ** 127 : 2 ** 1023;
  // Where sums overflow depends on whether the CPU fuses, so that the relaxed build gets no huge values.
  const specials = [0, -0, tiny, -tiny, 1, Infinity, -Infinity, Number.NaN];
  if (build.name === "strict") specials.push(huge, -huge);

  test("C <- alpha A B + beta C on every path", () => {
    const arbitrary = fc.record({
      tile: fc.constantFrom(...MICRO_KERNELS),
      path: fc.constantFrom("packed", "B in place", "small"),
      m: fc.nat(20),
      n: fc.nat(40),
      k: fc.nat(40),
      kinds: fc.tuple(fc.constantFrom(...KINDS), fc.constantFrom(...KINDS), fc.constantFrom(...OUTPUT_KINDS)),
      alpha: fc.constantFrom(1, 0, -1, 2.3),
      beta: fc.constantFrom(0, 1, -1, 2.3),
      MC: fc.integer({ min: 1, max: 20 }),
      KC: fc.integer({ min: 1, max: 40 }),
      NC: fc.integer({ min: 1, max: 50 }),
      seed: fc.nat(1000),
      specials: fc.array(
        fc.record({
          where: fc.constantFrom("a", "b", "c"),
          at: fc.nat(1600),
          value: fc.constantFrom(...specials),
        }),
        { maxLength: 8 },
      ),
    });
    fc.assert(
      fc.property(arbitrary, (x) => {
        const { m, n, k, alpha, beta } = x;
        const random = new Lcg(x.seed);
        const [kindA, kindB, kindC] = x.kinds;
        stage.reset();
        const operands = {
          a: stage.matrix(m, k, kindA),
          b: stage.matrix(k, n, x.path === "B in place" ? "rowGap" : kindB),
          c: stage.matrix(m, n, kindC),
        };
        for (const matrix of Object.values(operands)) matrix.fill(() => random.value(suffix));
        for (const { where, at, value } of x.specials) {
          const matrix = operands[where as "a" | "b" | "c"];
          const place = at % Math.max(1, matrix.m * matrix.n);
          matrix.fill((i, j) => (i * matrix.n + j === place ? value : matrix.get(i, j)));
        }
        const { a, b, c } = operands;
        const KC = x.path === "small" ? Math.max(1, k) : x.KC;
        const dense = { a: a.dense(), b: b.dense(), c: c.dense() };
        if (x.path === "small") small(stage, x.tile, { a, b, c, alpha, beta });
        else blocked(stage, x.tile, { a, b, c, alpha, beta }, { ...x, KC }, x.path === "B in place");
        checkProduct(build, { suffix, m, n, k, ...dense, alpha, beta, KC }, c.dense(), x.path);
      }),
      { numRuns: 800 },
    );
  });
});

import { test } from "vitest";
import { forEachBuild, OUTPUT_KINDS, rounding, Stage } from "./harness.ts";
import { Lcg } from "./lcg.ts";
import { checkSame } from "./reference.ts";

forEachBuild("scale", (build, suffix) => {
  const stage = new Stage(build, suffix);
  const round = rounding(suffix);
  const random = new Lcg(5);
  const tiny = suffix === "f32" ? 2 ** -149 : 2 ** -1074;
  const huge = suffix === "f32" ? 2 ** 127 : 2 ** 1023;
  const specials = [0, -0, tiny, -3 * tiny, huge, -huge, Infinity, -Infinity, Number.NaN];

  for (const kind of OUTPUT_KINDS) {
    test(`${kind}: C <- beta C to the bit, in both builds`, () => {
      for (const beta of [-1, 2.3, 0.5, tiny, huge, Infinity, Number.NaN]) {
        for (const m of [0, 1, 2, 5]) {
          for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 9, 33]) {
            stage.reset();
            const fill = () => (random.below(3) ? random.value(suffix) : random.pick(specials));
            const c = stage.matrix(m, n, kind).fill(fill);
            const expected = c.dense().map((x) => round(round(beta) * x));
            stage.run([c], [], () => {
              stage.kernels[`scale_${suffix}`](m, n, beta, c.address, c.rs, c.cs);
            });
            checkSame(c.dense(), expected, `beta ${beta}, ${m} × ${n}`);
          }
        }
      }
    });

    test(`${kind}: beta = 0 writes zeros over anything`, () => {
      for (const n of [1, 3, 4, 7, 16, 33]) {
        stage.reset();
        const c = stage.matrix(3, n, kind).fill(() => random.pick(specials));
        stage.run([c], [], () => stage.kernels[`scale_${suffix}`](3, n, 0, c.address, c.rs, c.cs));
        checkSame(c.dense(), new Float64Array(3 * n), `n ${n}`);
      }
    });
  }

  test("nothing is read or written past the memory's end", () => {
    const last = new Stage(build, suffix, 1);
    for (const kind of OUTPUT_KINDS) {
      for (const beta of [0, 2]) {
        last.reset();
        const c = last.matrix(3, 7, kind, true).fill(() => random.value(suffix));
        const expected = c.dense().map((x) => beta * x + 0);
        last.run([c], [], () => last.kernels[`scale_${suffix}`](3, 7, beta, c.address, c.rs, c.cs));
        checkSame(c.dense(), expected, `${kind}, beta ${beta}`);
      }
    }
  });
});

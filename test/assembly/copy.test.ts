import { test } from "vitest";
import { forEachBuild, KINDS, type Matrix, OUTPUT_KINDS, Stage } from "./harness.ts";
import { Lcg } from "./lcg.ts";

forEachBuild("copy", (build, suffix) => {
  const stage = new Stage(build, suffix);
  const random = new Lcg(11);

  /** Copies random bits, NaN among them, and compares words. */
  function check(on: Stage, from: Matrix, to: Matrix): void {
    const perItem = on.size / 4;
    const word = (x: Matrix, i: number, j: number) => (x.index(i, j) * on.size) / 4;
    for (let i = 0; i < from.m; ++i) {
      for (let j = 0; j < from.n; ++j) {
        for (let part = 0; part < perItem; ++part) {
          on.words[word(from, i, j) + part] = random.below(8) ? random.next() * 2 : 0x7fa00001;
        }
      }
    }
    on.run([to], [], () => {
      const copy = on.kernels[`copy_${on.suffix}`];
      copy(from.m, from.n, from.address, from.rs, from.cs, to.address, to.rs, to.cs);
    });
    for (let i = 0; i < from.m; ++i) {
      for (let j = 0; j < from.n; ++j) {
        for (let part = 0; part < perItem; ++part) {
          const [x, y] = [on.words[word(to, i, j) + part], on.words[word(from, i, j) + part]];
          if (x !== y) throw new Error(`${from.m} × ${from.n}: element (${i}, ${j}) is not the source's`);
        }
      }
    }
  }

  for (const kind of KINDS) {
    test(`from ${kind} to any strides, sizes around the squares of 32`, () => {
      let turn = 0;
      for (const to of OUTPUT_KINDS) {
        for (const m of [0, 1, 31, 32, 33, 65]) {
          for (const n of [0, 1, 2, 31, 32, 33, 64]) {
            if (m * n > 1200 && ++turn % 4) continue;
            stage.reset();
            check(stage, stage.matrix(m, n, kind), stage.matrix(m, n, to));
          }
        }
      }
    });
  }

  test("nothing is read or written past the memory's end", () => {
    const last = new Stage(build, suffix, 2);
    for (const kind of OUTPUT_KINDS) {
      for (const [m, n] of [
        [3, 5],
        [33, 34],
      ] as const) {
        for (const place of ["from", "to"]) {
          last.reset();
          check(last, last.matrix(m, n, kind, place === "from"), last.matrix(m, n, "row", place === "to"));
        }
      }
    }
  });
});

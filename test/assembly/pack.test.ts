import { test } from "vitest";
import { forEachBuild, KINDS, type Kind, type Matrix, Stage } from "./harness.ts";
import { Lcg } from "./lcg.ts";

/** The bits of element (i, k), which numbers would lose where they are NaN. */
function bits(stage: Stage, matrix: Matrix, i: number, k: number): number[] {
  const at = (matrix.index(i, k) * stage.size) / 4;
  return Array.from(stage.words.subarray(at, at + stage.size / 4));
}

/** Packs, and checks every word of the micropanels: k-major, `width` elements a k, zeros below the last row. */
function check(stage: Stage, source: Matrix, width: number): void {
  const { m: extent, n: kc } = source;
  const panels = Math.ceil(extent / width);
  const expected: number[] = [];
  for (let panel = 0; panel < panels; ++panel) {
    for (let k = 0; k < kc; ++k) {
      for (let i = panel * width; i < (panel + 1) * width; ++i) {
        expected.push(...(i < extent ? bits(stage, source, i, k) : new Array(stage.size / 4).fill(0)));
      }
    }
  }
  // 16 bytes more may be overwritten; what lies past them is guarded.
  stage.run([], [expected.length * 4 + 16], ([to = 0]) => {
    stage.kernels[`pack_${stage.suffix}`](extent, kc, width, source.address, source.rs, source.cs, to);
    const wrong = expected.findIndex((word, i) => word !== stage.words[to / 4 + i]);
    if (wrong >= 0) throw new Error(`extent ${extent}, kc ${kc}: word ${wrong} is wrong`);
  });
}

forEachBuild("pack", (build, suffix) => {
  const stage = new Stage(build, suffix);
  const random = new Lcg(3);
  // Any 32 bits: quiet and signalling NaN among them.
  const scramble = (source: Matrix) => {
    for (let i = 0; i < source.m; ++i) {
      for (let k = 0; k < source.n; ++k) {
        const at = (source.index(i, k) * stage.size) / 4;
        const kind = random.below(8);
        for (let word = 0; word < stage.size / 4; ++word) {
          stage.words[at + word] = kind ? random.next() * 2 : 0x7fa00000 + random.below(1000);
        }
      }
    }
  };

  for (const kind of KINDS) {
    test(`${kind}: every width, extent and kc around its pieces`, () => {
      for (let width = 1; width <= 16; ++width) {
        for (const extent of new Set([0, 1, 2, 3, width - 1, width, width + 1, 2 * width, 3 * width - 1])) {
          for (const kc of [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17]) {
            stage.reset();
            const source = stage.matrix(extent, kc, kind as Kind);
            scramble(source);
            check(stage, source, width);
          }
        }
      }
    });
  }

  test("nothing is read past the memory's end", () => {
    const last = new Stage(build, suffix, 1);
    for (const kind of KINDS) {
      for (const width of [3, 4, 6, 8]) {
        for (let kc = 1; kc < 10; ++kc) {
          last.reset();
          const source = last.matrix(2 * width - 1, kc, kind, true).fill(() => random.value(suffix));
          check(last, source, width);
        }
      }
    }
  });
});

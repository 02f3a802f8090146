import { test } from "vitest";
import { forEachBuild, KINDS, type Kind, type Matrix, Stage } from "./harness.ts";
import { Lcg } from "./lcg.ts";

/** Packs, and checks every word of the micropanels: k-major, `width` elements a k, zeros below the last row. */
function check(stage: Stage, source: Matrix, width: number): void {
  const { m: extent, n: kc } = source;
  const { words } = stage;
  const perItem = stage.size / 4;
  const rows = Math.ceil(extent / width) * width;
  // 16 bytes more may be overwritten; what lies past them is guarded.
  stage.run([], [rows * kc * stage.size + 16], ([to = 0]) => {
    stage.kernels[`pack_${stage.suffix}`](extent, kc, width, source.address, source.rs, source.cs, to);
    // Words are compared, since numbers would lose the bits of a NaN.
    for (let i = 0; i < rows; ++i) {
      const panel = i - (i % width);
      for (let k = 0; k < kc; ++k) {
        const got = to / 4 + (panel * kc + k * width + i - panel) * perItem;
        const from = source.index(i, k) * perItem;
        for (let part = 0; part < perItem; ++part) {
          if (words[got + part] === (i < extent ? words[from + part] : 0)) continue;
          throw new Error(`width ${width}, extent ${extent}, kc ${kc}: element (${i}, ${k}) is wrong`);
        }
      }
    }
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
      // No tile is wider than four vectors.
      for (let width = 1; width <= 64 / stage.size; ++width) {
        const panels = [1, 2, 3, 5, 9].flatMap((count) => [
          count * width - 1,
          count * width,
          count * width + 1,
        ]);
        for (const extent of new Set([0, 1, 2, 3, ...panels])) {
          for (const kc of [0, 1, 2, 3, 4, 5, 7, 8, 16, 17, 33]) {
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
      for (const width of [3, 4, 5, 6, 8]) {
        for (let kc = 1; kc < 10; ++kc) {
          for (const extent of [width, 2 * width - 1, 2 * width, 4 * width, 5 * width]) {
            last.reset();
            const source = last.matrix(extent, kc, kind, true).fill(() => random.value(suffix));
            check(last, source, width);
          }
        }
      }
    }
  });
});

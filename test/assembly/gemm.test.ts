import { expect, test } from "vitest";
import { MICRO_KERNELS, type MicroKernel } from "../../src/kernels/exports.ts";
import {
  type Blocking,
  blocked,
  forEachBuild,
  KINDS,
  type Kind,
  OUTPUT_KINDS,
  type Problem,
  Stage,
  small,
  tileSize,
} from "./harness.ts";
import { Lcg } from "./lcg.ts";
import { checkProduct, checkSame, type Product } from "./reference.ts";

type Path = "packed" | "B in place" | "small";

function productOf(stage: Stage, p: Problem, KC: number): Product {
  return {
    suffix: stage.suffix,
    m: p.a.m,
    n: p.b.n,
    k: p.a.n,
    a: p.a.dense(),
    b: p.b.dense(),
    c: p.c.dense(),
    alpha: p.alpha,
    beta: p.beta,
    KC,
  };
}

/** The paths that may compute this product: in place only with adjacent columns, small only with one piece of k. */
function pathsOf(stage: Stage, p: Problem, KC: number): Path[] {
  const paths: Path[] = ["packed"];
  if (p.b.cs === stage.size) paths.push("B in place");
  if (p.a.n <= KC) paths.push("small");
  return paths;
}

function runPath(stage: Stage, tile: MicroKernel, p: Problem, path: Path, blocking: Blocking): void {
  if (path === "small") small(stage, tile, p);
  else blocked(stage, tile, p, blocking, path === "B in place");
}

/** Runs the product on each of its paths: all right, and all to the same bit. */
function checkPaths(stage: Stage, tile: MicroKernel, p: Problem, blocking: Blocking, what: string): void {
  const product = productOf(stage, p, blocking.KC);
  let first: Float64Array | undefined;
  for (const path of pathsOf(stage, p, blocking.KC)) {
    p.c.write(product.c);
    runPath(stage, tile, p, path, blocking);
    const got = p.c.dense();
    if (first) checkSame(got, first, `${what}, ${path} against packed`);
    else checkProduct(stage.build, product, got, `${what}, ${path}`);
    first ??= got;
  }
}

forEachBuild("products", (build, suffix) => {
  const stage = new Stage(build, suffix);
  const random = new Lcg(7);
  const value = () => random.value(suffix);

  for (const tile of MICRO_KERNELS) {
    const { MR, NR } = tileSize(tile, suffix);
    const blocking = { MC: 2 * MR + 1, KC: 16, NC: 2 * NR };

    test(`${tile}: every size around a tile and a block`, () => {
      const ms = [0, 1, MR - 1, MR, MR + 1, 2 * MR, 2 * MR + 1, 2 * MR + 2, 17];
      const ns = [0, 1, NR - 1, NR, NR + 1, 2 * NR - 1, 2 * NR, 2 * NR + 1, 37];
      const ks = [0, 1, 2, MR + 1, NR - 1, 15, 16, 17, 31, 37];
      const kinds: Kind[] = ["row", "column", "rowGap", "strided"];
      let turn = 0;
      for (const m of new Set(ms)) {
        for (const n of new Set(ns)) {
          for (const k of [ks[turn % 10], ks[(turn + 3) % 10]] as number[]) {
            const alpha = [1, 2.3, -1, 0][turn % 4] as number;
            const beta = [0, 1, -1, 2.3][Math.floor(turn / 4) % 4] as number;
            stage.reset();
            const a = stage.matrix(m, k, kinds[turn % 3] as Kind).fill(value);
            const b = stage.matrix(k, n, kinds[Math.floor(turn / 2) % 4] as Kind).fill(value);
            const c = stage.matrix(m, n, kinds[Math.floor(turn / 3) % 4] as Kind);
            if (beta !== 0) c.fill(value);
            checkPaths(stage, tile, { a, b, c, alpha, beta }, blocking, [m, n, k, alpha, beta].join(", "));
            ++turn;
          }
        }
      }
    });

    test(`${tile}: every mixture of strides`, () => {
      const sizes = [
        [MR + 1, NR + 2, 5],
        [2 * MR, NR, 4],
        [1, 2 * NR + 1, 2],
        [MR + 2, 1, 3],
      ] as const;
      let turn = 0;
      for (const kindA of KINDS) {
        for (const kindB of KINDS) {
          for (const kindC of OUTPUT_KINDS) {
            const [m, n, k] = sizes[turn % 4] as (typeof sizes)[number];
            const beta = [0, 1, -1, 0, 2.3][turn % 5] as number;
            ++turn;
            stage.reset();
            const a = stage.matrix(m, k, kindA).fill(value);
            const b = stage.matrix(k, n, kindB).fill(value);
            const c = stage.matrix(m, n, kindC);
            if (beta !== 0) c.fill(value);
            checkPaths(stage, tile, { a, b, c, alpha: 1, beta }, blocking, `${kindA}, ${kindB}, ${kindC}`);
          }
        }
      }
    });

    test(`${tile}: batches, with operands in common and in descending order`, () => {
      const [m, n, k, count] = [MR + 1, NR + 1, 6, 3];
      for (const common of ["", "a", "b", "ab"]) {
        for (const kindB of ["row", "column"] as const) {
          for (const beta of [0, 1, 2.3]) {
            stage.reset();
            const as = Array.from({ length: common.includes("a") ? 1 : count }, () =>
              stage.matrix(m, k, "row").fill(value),
            );
            const bs = Array.from({ length: common.includes("b") ? 1 : count }, () =>
              stage.matrix(k, n, kindB).fill(value),
            );
            // The first product's C lies highest, so that nextC is negative.
            const cs = Array.from({ length: count }, () =>
              stage.matrix(m, n, "column").fill(value),
            ).reverse();
            const problems = cs.map((c, i) => ({
              a: as[i % as.length]!,
              b: bs[i % bs.length]!,
              c,
              alpha: 1,
              beta,
            }));
            const products = problems.map((p) => productOf(stage, p, k));
            const step = (list: { address: number }[]) =>
              list.length > 1 ? list[1]!.address - list[0]!.address : 0;
            const batch = { count, nextA: step(as), nextB: step(bs), nextC: step(cs) };
            small(stage, tile, problems[0]!, batch, cs);
            for (const [i, c] of cs.entries()) {
              checkProduct(build, products[i]!, c.dense(), `product ${i}, common ${common}, beta ${beta}`);
            }
            small(stage, tile, problems[0]!, { ...batch, count: 0 }, []);
          }
        }
      }
    });

    test(`${tile}: nothing is read or written past the memory's end`, () => {
      const last = new Stage(build, suffix, 2);
      const [m, n, k] = [2 * MR - 1, 2 * NR - 1, 17];
      for (const place of ["a", "b", "c"]) {
        for (const kind of ["row", "column"] as const) {
          last.reset();
          const a = last.matrix(m, k, kind, place === "a").fill(value);
          const b = last.matrix(k, n, kind, place === "b").fill(value);
          const c = last.matrix(m, n, kind, place === "c").fill(value);
          const p = { a, b, c, alpha: 1, beta: 1 };
          checkPaths(last, tile, p, { ...blocking, KC: 17 }, `${place} at the end, ${kind}`);
        }
      }
    });
  }

  test("bits depend neither on the tile, nor on the path, nor on the blocking", () => {
    const [m, n, k, KC] = [61, 67, 150, 64];
    for (const [kindA, kindB, kindC] of [
      ["row", "row", "row"],
      ["column", "rowGap", "column"],
      ["strided", "column", "reversed"],
    ] as const) {
      stage.reset();
      const a = stage.matrix(m, k, kindA).fill(value);
      const b = stage.matrix(k, n, kindB).fill(value);
      const c = stage.matrix(m, n, kindC).fill(value);
      const p = { a, b, c, alpha: 2.3, beta: -1 };
      const product = productOf(stage, p, KC);
      const before = c.dense();
      let first: Float64Array | undefined;
      for (const tile of MICRO_KERNELS) {
        const { MR, NR } = tileSize(tile, suffix);
        for (const MC of [MR, 25, 1000]) {
          for (const NC of [NR, 48, 1000]) {
            for (const path of pathsOf(stage, p, KC)) {
              c.write(before);
              runPath(stage, tile, p, path, { MC, KC, NC });
              const got = c.dense();
              if (!first) checkProduct(build, product, got, `${tile}, ${path}`);
              first ??= got;
              checkSame(got, first, `${tile}, ${path}, MC ${MC}, NC ${NC}`);
            }
          }
        }
        // The small path takes one piece of k at a time; the pieces add up in the same order.
        c.write(before);
        for (let pc = 0; pc < k; pc += KC) {
          const kc = Math.min(KC, k - pc);
          const piece = { ...p, a: a.part(0, m, pc, kc), b: b.part(pc, kc, 0, n), beta: pc ? 1 : p.beta };
          small(stage, tile, piece);
        }
        checkSame(c.dense(), first!, `${tile}, small in pieces`);
      }
    }
  });

  test("another KC gives other bits, so that the checks above can see the order", () => {
    stage.reset();
    const a = stage.matrix(8, 64, "row").fill(value);
    const b = stage.matrix(64, 8, "row").fill(value);
    const results = [64, 16].map((KC) => {
      const c = stage.matrix(8, 8, "row");
      blocked(stage, "4x2", { a, b, c, alpha: 1, beta: 0 }, { MC: 8, KC, NC: 8 }, false);
      return c.dense();
    });
    expect(results[0]).not.toEqual(results[1]);
  });
});

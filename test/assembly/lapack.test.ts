import { expect, test } from "vitest";
import { forEachBuild, KINDS, type Matrix, OUTPUT_KINDS, rounding, Stage } from "./harness.ts";
import { Lcg } from "./lcg.ts";

forEachBuild("trsm", (build, suffix) => {
  const stage = new Stage(build, suffix);
  const round = rounding(suffix);
  const random = new Lcg(3);
  const epsilon = suffix === "f32" ? 2 ** -24 : 2 ** -53;

  /** What is not to be read, the upper triangle and a unit diagonal, stays NaN. */
  function triangle(n: number, kind: (typeof KINDS)[number], unit: boolean): Matrix {
    const t = stage.matrix(n, n, kind);
    for (let i = 0; i < n; ++i) {
      const [first, count] = [i, unit ? 0 : 1];
      t.part(i, 1, 0, first + count).fill((_, j) =>
        j === i ? 4 + random.below(4) : random.value(suffix) / 8,
      );
    }
    return t;
  }

  /** Row by row: b − Σ t·x in increasing order, each product and each difference rounded; divided by the diagonal. */
  function expected(t: Matrix, b: Matrix, unit: boolean): Float64Array {
    const x = b.dense();
    const r = b.n;
    for (let j = 0; j < r; ++j) {
      for (let i = 0; i < b.m; ++i) {
        let acc = x[i * r + j]!;
        for (let p = 0; p < i; ++p) acc = round(acc - round(t.get(i, p) * x[p * r + j]!));
        x[i * r + j] = unit ? acc : round(acc / t.get(i, i));
      }
    }
    return x;
  }

  function check(
    n: number,
    r: number,
    kind: (typeof KINDS)[number],
    to: readonly [number, number],
    unit: boolean,
  ) {
    stage.reset();
    const t = triangle(n, kind, unit);
    const b = stage.matrix(n, r, to).fill(() => random.value(suffix));
    const want = expected(t, b, unit);
    const packed = random.below(2) === 1;
    const size = stage.size;
    stage.run([b], [Math.ceil(n / 4) * 4 * n * size + 16], ([room = 0]) => {
      let [at, rst, cst, pst] = [t.address, t.rs, t.cs, 4 * t.rs];
      if (packed) {
        stage.kernels[`pack_${suffix}`](n, n, 4, at, rst, cst, room);
        [at, rst, cst, pst] = [room, size, 4 * size, 4 * n * size];
      }
      stage.kernels[`trsm_${suffix}`](n, r, at, rst, cst, pst, unit ? 1 : 0, b.address, b.rs);
    });
    const got = b.dense();
    const what = `n ${n}, r ${r}, T ${kind}, B ${to}, unit ${unit}, packed ${packed}`;
    if (build.name === "strict") expect(got, what).toEqual(want);
    else {
      const most = want.reduce((max, x) => Math.max(max, Math.abs(x)), 1);
      const off = got.reduce((max, x, i) => Math.max(max, Math.abs(x - want[i]!)), 0);
      expect(off, what).toBeLessThanOrEqual(8 * (n + 2) * most * epsilon);
    }
  }

  const kinds = OUTPUT_KINDS;
  for (const unit of [true, false]) {
    test(`${unit ? "unit" : "divided by the diagonal"}: all layouts, sizes around the blocks`, () => {
      let turn = 0;
      for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32]) {
        for (const r of [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 19]) {
          for (const kind of kinds) {
            if (n > 9 && ++turn % 3) continue;
            const pitch = r + random.below(4);
            check(n, r, kind, random.below(2) ? [pitch, 1] : [-pitch - 1, 1], unit);
          }
        }
      }
    });
  }
});

forEachBuild("getf2", (build, suffix) => {
  const stage = new Stage(build, suffix);
  const round = rounding(suffix);
  const random = new Lcg(4);
  const least = suffix === "f32" ? 2 ** -126 : 2 ** -1022;

  /** The textbook's elimination: what is left of all columns after each pivot. */
  function expected(a: Matrix): { lu: number[][]; piv: number[]; info: number } {
    const lu = Array.from({ length: a.m }, (_, i) => Array.from({ length: a.n }, (_, j) => a.get(i, j)));
    const piv: number[] = [];
    let info = 0;
    for (let j = 0; j < a.n; ++j) {
      let p = j;
      for (let i = j + 1; i < a.m; ++i) if (Math.abs(lu[i]![j]!) > Math.abs(lu[p]![j]!)) p = i;
      piv.push(p);
      [lu[j], lu[p]] = [lu[p]!, lu[j]!];
      const pivot = lu[j]![j]!;
      if (pivot === 0 && info === 0) info = j + 1;
      for (let i = j + 1; i < a.m; ++i) {
        const row = lu[i]!;
        if (Math.abs(pivot) >= least) row[j] = round(row[j]! * round(1 / pivot));
        else if (pivot !== 0) row[j] = round(row[j]! / pivot);
        for (let c = j + 1; c < a.n; ++c) row[c] = round(row[c]! - round(row[j]! * lu[j]![c]!));
      }
    }
    return { lu, piv, info };
  }

  function factor(a: Matrix, row0 = 0): { piv: number[]; info: number } {
    let info = -1;
    const piv: number[] = [];
    stage.run([a], [4 * a.n], ([room = 0]) => {
      info = stage.kernels[`getf2_${suffix}`](a.m, a.n, a.address, a.cs, room, row0);
      piv.push(...stage.words.subarray(room / 4, room / 4 + a.n));
    });
    return { piv, info };
  }

  function check(a: Matrix, what: string): void {
    const want = expected(a);
    const before = a.dense();
    const got = factor(a, 1000);
    if (build.name === "strict") {
      expect([...a.dense()], what).toEqual(want.lu.flat());
      expect(got, what).toEqual({ piv: want.piv.map((p) => p + 1000), info: want.info });
      return;
    }
    // Fused or not: L U are the rows of A, exchanged.
    const rows = Array.from({ length: a.m }, (_, i) => i);
    got.piv.forEach((p, i) => {
      [rows[i], rows[p - 1000]] = [rows[p - 1000]!, rows[i]!];
    });
    const most = before.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
    for (let i = 0; i < a.m; ++i) {
      for (let j = 0; j < a.n; ++j) {
        let sum = i <= j ? a.get(i, j) : 0;
        for (let p = 0; p < Math.min(i, j + 1); ++p) sum += a.get(i, p) * a.get(p, j);
        const off = Math.abs(sum - before[rows[i]! * a.n + j]!);
        expect(off, `${what} (${i}, ${j})`).toBeLessThan(
          64 * a.n * (most + 1) * (suffix === "f32" ? 2 ** -23 : 2 ** -52),
        );
      }
    }
  }

  test("shapes around the groups of 4 columns and the blocks of two vectors", () => {
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 33, 64]) {
      for (const more of [0, 1, 2, 3, 5, 8, 17, 60]) {
        stage.reset();
        const a = stage.matrix(n + more, n, [1, n + more + random.below(5)]);
        check(
          a.fill(() => random.value(suffix)),
          `${n + more} × ${n}`,
        );
      }
    }
  });

  test("ties take the first row; columns of zeros are told and left; denormal pivots divide", () => {
    for (const n of [1, 3, 4, 6, 9, 20]) {
      for (const zero of [-1, 0, n >> 1, n - 1]) {
        stage.reset();
        const a = stage.matrix(n + 3, n, [1, n + 4]);
        check(
          a.fill((_, j) => (j === zero ? 0 : random.below(5) - 2)),
          `integers, ${n}, column ${zero} of zeros`,
        );
      }
      stage.reset();
      const tiny = stage.matrix(n + 3, n, [1, n + 4]).fill(() => (random.below(31) - 15) * least * 2 ** -6);
      if (build.name === "strict") check(tiny, `denormal, ${n}`);
    }
  });

  test("NaN is no pivot while there is a number, infinity is", () => {
    for (const m of [1, 2, 5, 9, 30]) {
      for (let at = 0; at < m; ++at) {
        stage.reset();
        const a = stage.matrix(m, 1, [1, m]).fill((i) => (i === at ? Number.NaN : 1 + ((i * 7) % 5)));
        const numbers = Array.from({ length: m }, (_, i) => (i === at ? -1 : 1 + ((i * 7) % 5)));
        expect(factor(a).piv).toEqual([m === 1 ? 0 : numbers.indexOf(Math.max(...numbers))]);
        a.fill((i) => (i === at ? Number.NEGATIVE_INFINITY : i + 1));
        expect(factor(a).piv).toEqual([at]);
      }
      stage.reset();
      expect(factor(stage.matrix(m, 1, [1, m])).piv).toEqual([0]);
    }
  });
});

forEachBuild("laswp", (build, suffix) => {
  const stage = new Stage(build, suffix);
  const random = new Lcg(5);

  test("exchanges rows in order at any strides; backward undoes it", () => {
    for (const kind of OUTPUT_KINDS) {
      for (const [m, n] of [
        [1, 1],
        [5, 3],
        [9, 8],
        [20, 19],
        [40, 600],
      ] as const) {
        stage.reset();
        const a = stage.matrix(m, n, kind).fill(() => random.value(suffix));
        const [first, last] = [random.below(m), m];
        const piv = Array.from({ length: m }, (_, i) => i + random.below(m - i));
        const rows = Array.from({ length: m }, (_, i) => [...a.part(i, 1, 0, n).dense()]);
        const before = rows.flat();
        for (let i = first; i < last; ++i) [rows[i], rows[piv[i]!]] = [rows[piv[i]!]!, rows[i]!];
        stage.run([a], [4 * m], ([room = 0]) => {
          stage.words.set(piv, room / 4);
          const laswp = stage.kernels[`laswp_${suffix}`];
          laswp(n, a.address, a.rs, a.cs, room, first, last, 0);
          expect([...a.dense()], `${kind}, ${m} × ${n}`).toEqual(rows.flat());
          laswp(n, a.address, a.rs, a.cs, room, first, last, 1);
        });
        expect([...a.dense()], `${kind}, ${m} × ${n}, back`).toEqual(before);
      }
    }
  });
});

forEachBuild("asum", (build, suffix) => {
  const stage = new Stage(build, suffix);
  const round = rounding(suffix);
  const random = new Lcg(6);

  test("adds magnitudes to the sums of columns, row by row, at any strides", () => {
    for (const kind of KINDS) {
      for (const [m, n] of [
        [0, 3],
        [3, 0],
        [1, 1],
        [7, 5],
        [4, 33],
      ] as const) {
        stage.reset();
        const a = stage.matrix(m, n, kind).fill(() => random.value(suffix));
        const sums = stage.matrix(1, n, "row").fill((_, j) => j / 4);
        const want = sums.dense();
        for (let i = 0; i < m; ++i)
          for (let j = 0; j < n; ++j) want[j] = round(want[j]! + Math.abs(a.get(i, j)));
        stage.run([sums], [], () =>
          stage.kernels[`asum_${suffix}`](m, n, a.address, a.rs, a.cs, sums.address),
        );
        expect(sums.dense(), `${kind}, ${m} × ${n}`).toEqual(want);
      }
    }
  });
});

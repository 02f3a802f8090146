import { type DType, MICRO_KERNELS } from "./exports.ts";
import { elements, itemSize, NO_JOB, type Workbench, writeJob } from "./job.ts";
import type { KernelTable } from "./table.ts";

/** Sizes of the battery: ragged for every tile, k odd. */
const M = 13;
const N = 35;
const K = 61;
/** A matrix for the vector products: rows long enough to be read three at a time, a rest of both kinds. */
const ROWS = 5;
const LONG = 2100;

/** Fills `count` elements with numbers in (−1, 1) from a linear congruential generator (Numerical Recipes' constants). */
function fill(view: Float32Array | Float64Array, from: number, count: number, seed: number): void {
  let state = seed;
  for (let i = from; i < from + count; ++i) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    view[i] = state / 2 ** 31;
  }
}

/** Bits of the results of every micro-kernel, of packing, scaling and of the vector products. */
function battery(kernels: KernelTable, dtype: DType, bench: Workbench): Int32Array {
  const size = itemSize(dtype);
  const view = elements(bench, dtype);
  const a = bench.a;
  const b = a + M * K * size;
  const c = b + N * K * size;
  const aScratch = bench.b;
  const bScratch = aScratch + 32 * 1024;
  const words = (M * N * size) / 4;
  const bits = new Int32Array((MICRO_KERNELS.length * 2 + 1) * words);
  let row = 0;
  const keep = (): void => {
    bits.set(bench.i32.subarray(c / 4, c / 4 + words), row++ * words);
  };
  fill(view, a / size, (M + N) * K, 1);
  for (const microKernel of MICRO_KERNELS) {
    for (const transposed of [false, true]) {
      fill(view, c / size, M * N, 2);
      writeJob(bench, bench.job, {
        ...NO_JOB,
        alpha: 1.25,
        beta: 0.75,
        m: M,
        n: N,
        k: K,
        a,
        rsa: transposed ? size : K * size,
        csa: transposed ? M * size : size,
        b,
        rsb: transposed ? size : N * size,
        csb: transposed ? K * size : size,
        c,
        rsc: N * size,
        csc: size,
        tile: bench.tile,
        aScratch,
        bScratch,
      });
      kernels[dtype].tiles[microKernel].small(bench.job);
      keep();
    }
  }
  const { gemv } = kernels[dtype];
  const x = a + ROWS * LONG * size;
  fill(view, a / size, (ROWS + 1) * LONG, 3);
  gemv(ROWS, LONG, 1, a, LONG * size, size, x, size, 0, bench.tile, size, aScratch);
  gemv(ROWS, LONG, 1, a, size, ROWS * size, x, size, 0, bench.tile + ROWS * size, size, aScratch);
  bits.set(bench.i32.subarray(bench.tile / 4, bench.tile / 4 + (2 * ROWS * size) / 4), row * words);
  return bits;
}

/** Whether two builds give the same bits on the battery. Both must be instances over the same memory. */
export function agree(one: KernelTable, other: KernelTable, bench: Workbench): boolean {
  return (["float32", "float64"] as const).every((dtype) => {
    const expected = battery(one, dtype, bench);
    const got = battery(other, dtype, bench);
    return expected.every((word, i) => word === got[i]);
  });
}

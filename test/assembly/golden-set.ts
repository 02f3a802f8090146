import { type KernelExports, MICRO_KERNELS, type Suffix } from "../../src/kernels/exports.ts";
import { JOB } from "../../src/kernels/job.ts";
import { Lcg } from "./lcg.ts";

/** Where things lie; the whole needs 64 pages. */
const AT = { job: 1024, tile: 2048, aScratch: 8192, bScratch: 65536, a: 1 << 20, b: 1 << 21, c: 3 << 20 };
export const GOLDEN_PAGES = 64;

/** Products on each tile's no-packing path, then matrix times vector. */
const PRODUCTS = 36;
const VECTORS = 12;

/**
 * The results of a fixed set of products, as bytes: what every engine and every CPU must give with the strict build.
 * The operands come of + - * / and % alone, which every engine rounds alike; no result is a NaN, whose bits wasm leaves
 * open.
 */
export function goldenResults(
  kernels: KernelExports,
  memory: WebAssembly.Memory,
  suffix: Suffix,
): Uint8Array<ArrayBuffer> {
  const size = suffix === "f32" ? 4 : 8;
  const items = suffix === "f32" ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  const words = new Int32Array(memory.buffer);
  const floats = new Float64Array(memory.buffer);
  // Products of two such values are denormal.
  let small = 1;
  for (let halvings = suffix === "f32" ? 69 : 520; halvings > 0; --halvings) small /= 2;
  const random = new Lcg(20261123);
  const results: number[] = [];

  const fill = (address: number, count: number, scale: number) => {
    for (let i = 0; i < count; ++i) items[address / size + i] = random.value(suffix) * scale;
  };
  const keep = (address: number, count: number) => {
    const bytes = new Uint8Array(memory.buffer, address, count * size);
    for (const byte of bytes) results.push(byte);
  };

  for (let turn = 0; turn < PRODUCTS; ++turn) {
    const [m, n, k] = [1 + random.below(30), 1 + random.below(40), 1 + random.below(200)] as const;
    const scale = turn % 7 === 6 ? small : 1;
    fill(AT.a, m * k, scale);
    fill(AT.b, k * n, scale);
    fill(AT.c, m * n, turn % 14 === 13 ? small * small : 1);
    const record: Partial<Record<keyof typeof JOB, number>> = {
      count: 1,
      m,
      n,
      k,
      a: AT.a,
      rsa: turn % 2 ? size : k * size,
      csa: turn % 2 ? m * size : size,
      b: AT.b,
      rsb: turn % 4 > 1 ? size : n * size,
      csb: turn % 4 > 1 ? k * size : size,
      c: AT.c,
      rsc: turn % 8 > 3 ? size : n * size,
      csc: turn % 8 > 3 ? m * size : size,
      tile: AT.tile,
      aScratch: AT.aScratch,
      bScratch: AT.bScratch,
    };
    for (const name of Object.keys(JOB) as (keyof typeof JOB)[]) {
      if (name !== "alpha" && name !== "beta") words[(AT.job + JOB[name]) / 4] = record[name] ?? 0;
    }
    floats[(AT.job + JOB.alpha) / 8] = random.pick([1, -1, 2.3, 0.1]);
    floats[(AT.job + JOB.beta) / 8] = random.pick([0, 1, -1, 0.7]);
    const tile = MICRO_KERNELS[turn % MICRO_KERNELS.length] as (typeof MICRO_KERNELS)[number];
    kernels[`small_${tile}_${suffix}`](AT.job);
    keep(AT.c, m * n);
  }

  for (let turn = 0; turn < VECTORS; ++turn) {
    const [m, k] = [1 + random.below(60), 1 + random.below(turn % 3 ? 60 : 3000)] as const;
    fill(AT.a, m * k, turn % 6 === 5 ? small : 1);
    fill(AT.b, k, turn % 6 === 5 ? small : 1);
    fill(AT.c, m, 1);
    const [rsa, csa] = turn % 2 ? [size, m * size] : [k * size, size];
    const beta = random.pick([0, 1, 0.7]);
    kernels[`gemv_${suffix}`](m, k, 2.3, AT.a, rsa, csa, AT.b, size, beta, AT.c, size, AT.bScratch);
    keep(AT.c, m);
  }
  return Uint8Array.from(results);
}

import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import strict from "../../build/strict.wasm";
import { type KernelExports, MICRO_KERNELS, type Suffix } from "../../src/kernels/exports.ts";
import { JOB } from "../../src/kernels/job.ts";
import { GOLDEN_PAGES, goldenResults } from "./golden-set.ts";
import { Matrix, rounding, SUFFIXES } from "./harness.ts";
import { strictDot, strictProduct } from "./reference.ts";

/** A new hash means that results change for everybody: say so in the changelog. */
const GOLDEN = {
  f32: "211e8c36b63df2fa266b365aa2ded90aa0f28e242d48bfae51acfafa85c5ad30",
  f64: "042da542295c8ae62736afb5d648ea89ba33aa7725b5bbd72c577f6757477062",
};

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function newMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: GOLDEN_PAGES, maximum: 65536, shared: true });
}

/** The kernels that the golden set calls, in scalars. */
function scalarKernels(memory: WebAssembly.Memory, suffix: Suffix): KernelExports {
  const items = suffix === "f32" ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  const view = new DataView(memory.buffer);
  const round = rounding(suffix);
  const matrix = (m: number, n: number, address: number, rs: number, cs: number) =>
    new Matrix(items, m, n, address, rs / items.BYTES_PER_ELEMENT, cs / items.BYTES_PER_ELEMENT);
  const small = (job: number) => {
    const get = (name: keyof typeof JOB) => view.getInt32(job + JOB[name], true);
    const [m, n, k] = [get("m"), get("n"), get("k")];
    const a = matrix(m, k, get("a"), get("rsa"), get("csa")).dense();
    const b = matrix(k, n, get("b"), get("rsb"), get("csb")).dense();
    const c = matrix(m, n, get("c"), get("rsc"), get("csc"));
    const alpha = view.getFloat64(job + JOB.alpha, true);
    const beta = view.getFloat64(job + JOB.beta, true);
    c.write(strictProduct({ suffix, m, n, k, a, b, c: c.dense(), alpha, beta, KC: k }));
  };
  const gemv: KernelExports["gemv_f64"] = (m, k, alpha, a, rsa, csa, x, incx, beta, y, incy) => {
    const from = matrix(m, k, a, rsa, csa);
    const xs = matrix(k, 1, x, incx, 0).dense();
    matrix(m, 1, y, incy, 0).fill((i) => {
      const dot = strictDot(
        suffix,
        k,
        (p) => from.get(i, p),
        (p) => xs[p] as number,
      );
      const product = round(round(alpha) * dot);
      const old = items[(y + i * incy) / items.BYTES_PER_ELEMENT] as number;
      return beta === 0 ? product : round(round(round(beta) * old) + product);
    });
  };
  const named = MICRO_KERNELS.map((tile) => [`small_${tile}_${suffix}`, small]);
  return Object.fromEntries([...named, [`gemv_${suffix}`, gemv]]) as KernelExports;
}

for (const suffix of SUFFIXES) {
  test(`strict build, ${suffix}: the bits are those of every other engine and CPU`, () => {
    const memory = newMemory();
    const instance = new WebAssembly.Instance(new WebAssembly.Module(strict), { env: { memory } });
    const bytes = goldenResults(instance.exports as KernelExports, memory, suffix);
    expect(sha256(bytes)).toBe(GOLDEN[suffix]);
  });

  test(`${suffix}: the hash is what scalars give, denormals among the results and no NaN`, () => {
    const memory = newMemory();
    const bytes = goldenResults(scalarKernels(memory, suffix), memory, suffix);
    const items = suffix === "f32" ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
    const least = suffix === "f32" ? 2 ** -126 : 2 ** -1022;
    expect(items.every(Number.isFinite)).toBe(true);
    expect(items.some((x) => x !== 0 && Math.abs(x) < least)).toBe(true);
    expect(sha256(bytes)).toBe(GOLDEN[suffix]);
  });
}

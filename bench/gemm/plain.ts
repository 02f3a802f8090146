import type { DType } from "../../src/index.ts";
import type { Case, Floats } from "./cases.ts";

// What people write without a library: the loops i-k-j over typed arrays, row-major. Twice the same text, so that each
// engine sees one kind of array in each function.

function multiply32(
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  m: number,
  n: number,
  k: number,
): void {
  c.fill(0);
  for (let i = 0; i < m; ++i) {
    for (let p = 0; p < k; ++p) {
      const x = a[i * k + p]!;
      for (let j = 0; j < n; ++j) c[i * n + j]! += x * b[p * n + j]!;
    }
  }
}

function multiply64(
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  m: number,
  n: number,
  k: number,
): void {
  c.fill(0);
  for (let i = 0; i < m; ++i) {
    for (let p = 0; p < k; ++p) {
      const x = a[i * k + p]!;
      for (let j = 0; j < n; ++j) c[i * n + j]! += x * b[p * n + j]!;
    }
  }
}

const LOOPS: Record<DType, (a: never, b: never, c: never, m: number, n: number, k: number) => void> = {
  float32: multiply32,
  float64: multiply64,
};

/** The plain loop, ready to be called. */
export function plainLoop({ dtype, m, n, k }: Case, a: Floats, b: Floats, c: Floats): () => void {
  const loop = LOOPS[dtype];
  return () => loop(a as never, b as never, c as never, m, n, k);
}

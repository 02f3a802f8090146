import type { ArrayLike } from "../array/create.ts";
import type { NDArray } from "../array/ndarray.ts";
import { checkOptions, show } from "../array/shape.ts";
import type { ArrayStore } from "../array/store.ts";
import { ShapeError, UnsupportedError } from "../errors.ts";
import { checkLater, computeLater, type LaterOptions } from "./later.ts";
import { flip, type MatrixRef } from "./matrix-ref.ts";
import type { Engine, Product } from "./multiply.ts";
import {
  checkLetter,
  held,
  ours,
  outline,
  refOf,
  refuseOverlap,
  sameDType,
  withOperands,
  withoutGil,
} from "./operands.ts";
import { compute, productTask } from "./together.ts";

/** "N": as it is. "T": transposed (which costs nothing). */
export type Transpose = "N" | "T";

/** The operands of BLAS's gemm. */
export interface GemmOptions {
  /** Default "N". */
  transA?: Transpose;
  transB?: Transpose;
  /** Default 1. With 0, A and B are not read. */
  alpha?: number;
  /** A matrix: op(A) is m × k. */
  a: ArrayLike;
  /** A matrix: op(B) is k × n. */
  b: ArrayLike;
  /** Default 0. With 0, C is not read: NaN in it does not matter. */
  beta?: number;
  /** The m × n result, any strides; must share no element with A or B. */
  c: NDArray;
}

/** The operands of gemmAsync(). */
export interface GemmAsyncOptions extends GemmOptions, LaterOptions {}

const OPTIONS = { transA: true, transB: true, alpha: true, a: true, b: true, beta: true, c: true } as const;

const ASYNC_OPTIONS = { ...OPTIONS, signal: true, onProgress: true } as const;

/** op(A) as the kernels take it. */
const opOf = (array: NDArray, transpose: Transpose): MatrixRef =>
  transpose === "N" ? refOf(array) : flip(refOf(array));

/** C <- alpha op(A) op(B) + beta C; returns C. */
export function gemm(engine: Engine, store: ArrayStore, options: GemmOptions): NDArray {
  checkOptions(options, OPTIONS, "gemm");
  const { c, work, product } = prepare(store, options);
  withOperands(store, options.a, options.b, (left, right) => {
    withoutGil(engine, work, [left, right, c], () => compute(engine, product(left, right)));
  });
  return c;
}

/** As gemm(), by others while this thread's event loop runs. */
export async function gemmAsync(
  engine: Engine,
  store: ArrayStore,
  options: GemmAsyncOptions,
): Promise<NDArray> {
  checkOptions(options, ASYNC_OPTIONS, "gemmAsync");
  checkLater("gemmAsync", options);
  const { c, product } = prepare(store, options);
  // Held until it is done, whatever the caller releases meanwhile.
  const { a, b, release } = held(store, options.a, options.b);
  c.retain();
  try {
    await computeLater(engine, store, [productTask(engine, product(a, b))], options);
  } finally {
    c.release();
    release();
  }
  return c;
}

/** Checks everything; what is to be computed, of operands that are in the arena. */
function prepare(
  store: ArrayStore,
  options: GemmOptions,
): {
  readonly c: NDArray;
  readonly work: number;
  readonly product: (left: NDArray, right: NDArray) => Product;
} {
  const { transA = "N", transB = "N", alpha = 1, beta = 0 } = options ?? {};
  checkLetter("gemm", "transA", transA, "NT");
  checkLetter("gemm", "transB", transB, "NT");
  if (typeof alpha !== "number" || typeof beta !== "number") {
    throw new UnsupportedError(
      `gemm: alpha and beta are numbers, not ${typeof alpha} and ${typeof beta}.`,
      "OPTION",
    );
  }
  const c = ours(store, "gemm", options?.c);
  const a = outline(store, "gemm", options.a);
  const b = outline(store, "gemm", options.b);
  sameDType("gemm", a, b);
  sameDType("gemm", a, c);
  if (a.shape.length !== 2 || b.shape.length !== 2 || c.ndim !== 2) {
    throw new ShapeError(
      `gemm: A, B and C are matrices; these have shapes ${show(a.shape)}, ${show(b.shape)}, ${show(c.shape)}.`,
    );
  }
  const m = a.shape[transA === "N" ? 0 : 1]!;
  const k = a.shape[transA === "N" ? 1 : 0]!;
  const kB = b.shape[transB === "N" ? 0 : 1]!;
  const n = b.shape[transB === "N" ? 1 : 0]!;
  if (k !== kB || m !== c.shape[0] || n !== c.shape[1]) {
    throw new ShapeError(
      `gemm: op(A) ${show([m, k])} times op(B) ${show([kB, n])} into C ${show(c.shape)}: ` +
        `${k !== kB ? `the inner sizes ${k} and ${kB} differ` : `the result is ${show([m, n])}`}. Transpose an operand?`,
    );
  }
  refuseOverlap("gemm", c, a);
  refuseOverlap("gemm", c, b);
  const { dtype } = c;
  // As the kernels see them, so that what is 0 in float32 is 0 on every path.
  const round = dtype === "float32" ? Math.fround : Number;
  return {
    c,
    work: m * n * k,
    product: (left, right) => ({
      dtype,
      m,
      n,
      k,
      alpha: round(alpha),
      a: opOf(left, transA),
      b: opOf(right, transB),
      beta: round(beta),
      c: refOf(c),
    }),
  };
}

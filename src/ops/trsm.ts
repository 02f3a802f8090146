import type { ArrayLike } from "../array/create.ts";
import type { NDArray } from "../array/ndarray.ts";
import { checkOptions, show } from "../array/shape.ts";
import type { ArrayStore } from "../array/store.ts";
import { ShapeError, UnsupportedError } from "../errors.ts";
import { of } from "../kernels/exports.ts";
import type { Transpose } from "./gemm.ts";
import { flip } from "./matrix-ref.ts";
import type { Engine } from "./multiply.ts";
import { checkLetter, hold, ours, outline, refOf, refuseOverlap, sameDType, withoutGil } from "./operands.ts";
import { computeColumns } from "./together.ts";
import { substitution } from "./triangular.ts";

/** The operands of BLAS's trsm. */
export interface TrsmOptions {
  /** "L" (default): op(A) X = α B. "R": X op(A) = α B. */
  side?: "L" | "R";
  /** Which triangle of A is read: "L" (default), the lower one, or "U". */
  uplo?: "L" | "U";
  /** Default "N". */
  transA?: Transpose;
  /** "N" (default), or "U": A's diagonal is 1 and not read. */
  diag?: "N" | "U";
  /** Default 1. With 0, neither A nor B is read: B <- 0. */
  alpha?: number;
  /** A square matrix, of as many rows as B has rows ("L") or columns ("R"). */
  a: ArrayLike;
  /** m × n, any strides; becomes X; must share no element with A. */
  b: NDArray;
}

const OPTIONS = { side: true, uplo: true, transA: true, diag: true, alpha: true, a: true, b: true } as const;

/** B <- α op(A)⁻¹ B, or B <- α B op(A)⁻¹; returns B. */
export function trsm(engine: Engine, store: ArrayStore, options: TrsmOptions): NDArray {
  checkOptions(options, OPTIONS, "trsm");
  const { side = "L", uplo = "L", transA = "N", diag = "N", alpha = 1 } = options ?? {};
  checkLetter("trsm", "side", side, "LR");
  checkLetter("trsm", "uplo", uplo, "LU");
  checkLetter("trsm", "transA", transA, "NT");
  checkLetter("trsm", "diag", diag, "NU");
  if (typeof alpha !== "number") {
    throw new UnsupportedError(`trsm: alpha is a number, not ${typeof alpha}.`, "OPTION");
  }
  const b = ours(store, "trsm", options?.b);
  const outlineA = outline(store, "trsm", options.a);
  sameDType("trsm", outlineA, b);
  const left = side === "L";
  const order = b.shape[left ? 0 : 1];
  const { shape } = outlineA;
  if (b.ndim !== 2 || shape.length !== 2 || shape[0] !== shape[1] || shape[0] !== order) {
    throw new ShapeError(
      `trsm: with side "${side}" A is square, of as many rows as B has ${left ? "rows" : "columns"}; ` +
        `A is ${show(shape)}, B ${show(b.shape)}.`,
    );
  }
  refuseOverlap("trsm", b, outlineA);
  const { dtype } = b;
  const factor = dtype === "float32" ? Math.fround(alpha) : alpha;
  const [m, n] = b.shape as [number, number];
  if (m === 0 || n === 0) return b;
  const a = hold(store, options.a);
  try {
    const target = refOf(b);
    if (factor !== 1) of(engine.kernels, dtype).scale(m, n, factor, target.address, target.rs, target.cs);
    if (factor === 0) return b;
    // From the right it is op(A)ᵀ Xᵀ = α Bᵀ.
    const [rows, columns] = left ? [m, n] : [n, m];
    const triangle = {
      lower: uplo === "L",
      trans: left ? transA === "T" : transA === "N",
      unit: diag === "U",
    };
    const work = substitution(dtype, rows, columns, refOf(a), triangle, left ? target : flip(target));
    withoutGil(engine, (rows * rows * columns) / 2, [a, b], () => computeColumns(engine, work));
    return b;
  } finally {
    a.release();
  }
}

import type { DType } from "../kernels/exports.ts";
import { itemSize } from "../kernels/job.ts";
import type { MatrixRef } from "./matrix-ref.ts";
import type { Engine } from "./multiply.ts";
import { computeColumns } from "./together.ts";
import { substitution } from "./triangular.ts";

/** Rounds of the estimate at most: it hardly ever needs more than three. */
const ROUNDS = 5;

/**
 * Estimates 1 / (‖A‖₁ ‖A⁻¹‖₁) of the matrix whose factors L (unit lower) and U are in `lu`; `norm` is ‖A‖₁. Never too small, hardly
 * ever more than three times too large. LAPACK's gecon with lacn2: N. J. Higham, "FORTRAN codes for estimating the one-norm of a
 * real or complex matrix", ACM TOMS 14 (1988); W. W. Hager, "Condition estimates", SIAM J. Sci. Stat. Comput. 5 (1984).
 *
 * Vectors are as large as the norm, so that what is estimated is ‖A‖₁ ‖A⁻¹‖₁ itself: it overflows only where the condition does,
 * however A is scaled.
 *
 * @param x room for n elements: a byte address.
 */
export function gecon(
  engine: Engine,
  dtype: DType,
  n: number,
  lu: MatrixRef,
  norm: number,
  x: number,
): number {
  if (n === 0) return 1;
  if (Number.isNaN(norm)) return Number.NaN;
  if (norm === 0 || norm === Number.POSITIVE_INFINITY) return 0;
  const size = itemSize(dtype);
  const elements = (): Float32Array | Float64Array => {
    const { f32, f64 } = engine.linear;
    return (dtype === "float32" ? f32 : f64).subarray(x / size, x / size + n);
  };
  const substitute = (lower: boolean, trans: boolean): void => {
    const b = { address: x, rs: size, cs: size };
    computeColumns(engine, substitution(dtype, n, 1, lu, { lower, trans, unit: lower }, b));
  };
  // (A's rows may be exchanged: that changes neither norm.)
  const solve = (): Float32Array | Float64Array => {
    substitute(true, false);
    substitute(false, false);
    return elements();
  };
  const solveTransposed = (): Float32Array | Float64Array => {
    substitute(false, true);
    substitute(true, true);
    return elements();
  };

  elements().fill(norm);
  let vector = solve();
  let estimate = sumOfMagnitudes(vector) / n;
  let signs = signsOf(vector);
  let at = n > 1 ? sought() : -1;
  for (let round = 2; at >= 0; ++round) {
    elements().fill(0)[at] = norm;
    vector = solve();
    const before = estimate;
    estimate = sumOfMagnitudes(vector);
    const next = signsOf(vector);
    if (next.every((sign, i) => sign === signs[i]) || estimate <= before) break;
    signs = next;
    const last = at;
    at = sought();
    if (round === ROUNDS || Math.abs(vector[last]!) === Math.abs(vector[at]!)) break;
  }
  // What defeats the above by cancellation.
  elements().forEach((_, i, all) => {
    all[i] = (i % 2 === 0 ? norm : -norm) * ((1 + i / Math.max(1, n - 1)) / 2);
  });
  estimate = Math.max(estimate, (4 * sumOfMagnitudes(solve())) / (3 * n));
  // NaN: infinities that have met.
  return Number.isNaN(estimate) ? 0 : Math.min(1, 1 / estimate);

  /** The unit vector that raises the estimate most. */
  function sought(): number {
    elements().set(signs);
    vector = solveTransposed();
    let most = 0;
    for (let i = 1; i < n; ++i) if (Math.abs(vector[i]!) > Math.abs(vector[most]!)) most = i;
    return most;
  }
}

const sumOfMagnitudes = (x: Float32Array | Float64Array): number => {
  let sum = 0;
  for (const value of x) sum += Math.abs(value);
  return sum;
};

const signsOf = (x: Float32Array | Float64Array): number[] => Array.from(x, (value) => (value < 0 ? -1 : 1));

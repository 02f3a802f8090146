import { madd } from "../simd";
import { update } from "./update";

/**
 * Rows of y done at a time: 16 (8) arrays of partial sums of 16 KiB (32 KiB) each stay in the L2 cache, and so many
 * adjacent elements of each column are read that the memory can fetch ahead.
 */
const ROWS: usize = 4096;

/**
 * gemv reading A along its columns (their elements adjacent). Partial sum s of row r is at scratch + (s·4096 + r)·size:
 * 256 KiB for either type. Four columns that belong to the same partial sums are added at a time, so that those are
 * loaded and stored once for four reads of A.
 */
export function gemvColumns<T>(
  m: usize,
  k: usize,
  alpha: T,
  a: usize,
  csa: usize,
  x: usize,
  incx: usize,
  beta: T,
  y: usize,
  incy: usize,
  scratch: usize,
): void {
  const PARTS: usize = 64 / sizeof<T>();
  for (let i: usize = 0; i < m; i += ROWS) {
    const rows = min(ROWS, m - i);
    for (let s: usize = 0; s < PARTS; ++s) {
      memory.fill(scratch + s * ROWS * sizeof<T>(), 0, rows * sizeof<T>());
    }
    let p: usize = 0;
    for (; p + 4 * PARTS <= k; p += 4 * PARTS) {
      for (let s: usize = 0; s < PARTS; ++s) {
        addFourColumns<T>(
          rows,
          a + i * sizeof<T>() + (p + s) * csa,
          PARTS * csa,
          x + (p + s) * incx,
          PARTS * incx,
          scratch + s * ROWS * sizeof<T>(),
        );
      }
    }
    for (; p < k; ++p) {
      addColumn<T>(
        rows,
        a + i * sizeof<T>() + p * csa,
        v128.splat<T>(load<T>(x + p * incx)),
        scratch + (p % PARTS) * ROWS * sizeof<T>(),
      );
    }
    for (let r: usize = 0; r < rows; ++r) {
      update<T>(y + (i + r) * incy, alpha, total<T>(scratch + r * sizeof<T>()), beta);
    }
  }
}

function addFourColumns<T>(rows: usize, a0: usize, next: usize, x: usize, nextX: usize, sums: usize): void {
  const x0 = v128.load_splat<T>(x);
  const x1 = v128.load_splat<T>(x + nextX);
  const x2 = v128.load_splat<T>(x + 2 * nextX);
  const x3 = v128.load_splat<T>(x + 3 * nextX);
  let a1 = a0 + next;
  let a2 = a1 + next;
  let a3 = a2 + next;
  for (
    ;
    rows >= 16 / sizeof<T>();
    rows -= 16 / sizeof<T>(), a0 += 16, a1 += 16, a2 += 16, a3 += 16, sums += 16
  ) {
    let sum = madd<T>(v128.load(a0), x0, v128.load(sums));
    sum = madd<T>(v128.load(a1), x1, sum);
    sum = madd<T>(v128.load(a2), x2, sum);
    v128.store(sums, madd<T>(v128.load(a3), x3, sum));
  }
  addTail<T>(rows, a0, x0, sums);
  addTail<T>(rows, a1, x1, sums);
  addTail<T>(rows, a2, x2, sums);
  addTail<T>(rows, a3, x3, sums);
}

function addColumn<T>(rows: usize, a: usize, x: v128, sums: usize): void {
  for (; rows >= 16 / sizeof<T>(); rows -= 16 / sizeof<T>(), a += 16, sums += 16) {
    v128.store(sums, madd<T>(v128.load(a), x, v128.load(sums)));
  }
  addTail<T>(rows, a, x, sums);
}

/** Fewer rows than a vector holds. */
function addTail<T>(rows: usize, a: usize, x: v128, sums: usize): void {
  for (; rows; --rows, a += sizeof<T>(), sums += sizeof<T>()) {
    const sum = madd<T>(v128.splat<T>(load<T>(a)), x, v128.splat<T>(load<T>(sums)));
    store<T>(sums, v128.extract_lane<T>(sum, 0));
  }
}

/** The partial sums of one row, in the order that gemv.ts fixes. */
function total<T>(sums: usize): T {
  const STEP: usize = ROWS * sizeof<T>();
  const LANES: usize = 16 / sizeof<T>();
  if (sizeof<T>() == 8) {
    return (fourth<T>(sums, LANES * STEP) + fourth<T>(sums + STEP, LANES * STEP)) as T;
  }
  const t01 = fourth<T>(sums, LANES * STEP) + fourth<T>(sums + STEP, LANES * STEP);
  const t23 = fourth<T>(sums + 2 * STEP, LANES * STEP) + fourth<T>(sums + 3 * STEP, LANES * STEP);
  return ((t01 as T) + (t23 as T)) as T;
}

/** t_l of gemv.ts: (s_l + s_l+L) + (s_l+2L + s_l+3L), where L partial sums are `step` bytes. */
function fourth<T>(sums: usize, step: usize): T {
  const first = (load<T>(sums) + load<T>(sums + step)) as T;
  const second = (load<T>(sums + 2 * step) + load<T>(sums + 3 * step)) as T;
  return (first + second) as T;
}

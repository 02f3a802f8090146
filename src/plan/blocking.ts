import { type DType, type MicroKernel, of } from "../kernels/exports.ts";
import { itemSize } from "../kernels/job.ts";

/** Block sizes of the five loops, in rows, steps of k, and columns. */
export interface Blocking {
  readonly MC: number;
  readonly KC: number;
  readonly NC: number;
}

/**
 * The one table of block sizes.
 *
 * KC fixes the order of summation (k is summed in pieces of KC), so it depends on nothing: a micropanel of B, at most
 * 64 bytes × KC = 16 KiB, takes half an L1 cache of 32 KiB, and one of A (≤ 6 rows) at most 12 KiB.
 * MC × KC elements of A, 192 KiB, take a fifth of an L2 cache of 1 MiB and three quarters of one of 256 KiB.
 * KC × NC elements of B, 2 MiB, fit a share of the L3 cache. The rates of MC 96 … 384 and NC 1024 … 4096 differ by less
 * than the noise here (bench/results), so the smallest scratch memory won.
 */
export const BLOCKING: Readonly<Record<DType, Blocking>> = {
  float32: { MC: 192, KC: 256, NC: 2048 },
  float64: { MC: 96, KC: 256, NC: 1024 },
};

/** How a product is computed. The bits do not depend on it, but for `vector`, which has its own order of summation. */
export interface Plan {
  readonly path: "vector" | "small" | "blocked";
  /** Whether A's m-blocks, B's n-panels are packed; else they are read in place. */
  readonly packA: boolean;
  readonly packB: boolean;
  /** Rows of an m-block, of which whole tiles are used; 0 where there are no blocks. */
  readonly mc: number;
}

/** What a plan depends on. */
export interface Problem {
  readonly dtype: DType;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Whether elements of a row of A, of a row of B, are adjacent (and rows of B do not coincide). */
  readonly aRowsAdjacent: boolean;
  readonly bRowsAdjacent: boolean;
  /** v128 vectors in a row of the micro-kernel's tile. */
  readonly vectors: number;
  /** Whether it is a block of a larger product: then one row or column is no product with a vector, which has its own order. */
  readonly part?: boolean;
}

/** Up to this many bytes an operand is read in place: it stays in the L2 cache, so that packing gains nothing. */
const IN_PLACE_BYTES = 256 * 1024;
/**
 * The same for tiles three vectors wide, whose rows of B in place often lie across two cache lines: 3x3 loses 15 % on 128
 * columns of float64 to it.
 */
const IN_PLACE_BYTES_ACROSS_LINES = 32 * 1024;

/**
 * Columns of a product up to which packing A (0.2 ns an element) costs more than 8 % of what is done with it. Then A's rows
 * are read in place, so few at a time that they stay in the L2 cache even if they lie a power of two apart.
 */
const FEW_COLUMNS = 128;
const MC_IN_PLACE = 96;

/** Rows up to which a packed copy of B is used so seldom that packing does not pay. */
const FEW_ROWS = 24;

/**
 * Steps of k up to which a product is bound by the writing of C. Then C is written in blocks of so few rows that they stay
 * in the L2 cache.
 */
const SHORT = 48;
const MC_SHORT = 24;
/** Bytes of C that fit the L2 cache beside the operands. */
const C_IN_CACHE = 512 * 1024;

/** A column of A in place touches a cache line for each step of k: more than this many do not fit the L1 cache. */
const STRIDED_STEPS = 64;

/**
 * Tiles that may take over from the chosen one where it would compute much padding, and how much slower each is than the
 * chosen one on a whole tile. (Rates of micro-kernels: bench/results.)
 */
const SUBSTITUTES: Readonly<Record<"wide" | "narrow", readonly Substitute[]>> = {
  wide: [
    { microKernel: "4x4", rows: 4, vectors: 4, cost: 1.08 },
    { microKernel: "4x2", rows: 4, vectors: 2, cost: 1.9 },
  ],
  narrow: [{ microKernel: "4x2", rows: 4, vectors: 2, cost: 1.06 }],
};

interface Substitute {
  readonly microKernel: MicroKernel;
  readonly rows: number;
  readonly vectors: number;
  readonly cost: number;
}

/** Rows and columns from which on the padding at the edges no longer matters. */
const LARGE = 96;

/** Computed elements of C, padding included. */
function padded(m: number, n: number, rows: number, columns: number): number {
  return Math.ceil(m / rows) * rows * Math.ceil(n / columns) * columns;
}

/** The chosen micro-kernel, or the substitute that computes less where padding counts. */
export function fitting(chosen: MicroKernel, dtype: DType, m: number, n: number): MicroKernel {
  if (m >= LARGE && n >= LARGE) return chosen;
  const lanes = 16 / itemSize(dtype);
  const rows = chosen.charCodeAt(0) - 48;
  const vectors = chosen.charCodeAt(2) - 48;
  let best = chosen;
  let least = padded(m, n, rows, vectors * lanes);
  for (const substitute of vectors > 3 ? SUBSTITUTES.wide : SUBSTITUTES.narrow) {
    const cost = padded(m, n, substitute.rows, substitute.vectors * lanes) * substitute.cost;
    if (cost < least) {
      least = cost;
      best = substitute.microKernel;
    }
  }
  return best;
}

// The plans that have no blocks, made once: a call for a 4 × 4 product takes 200 ns in all.
const VECTOR: Plan = { path: "vector", packA: false, packB: false, mc: 0 };
const SMALL: Plan = { path: "small", packA: false, packB: false, mc: 0 };
const SMALL_PACKED: Plan = { path: "small", packA: false, packB: true, mc: 0 };

/** Chooses a path. Pure: depends on nothing but the problem. */
export function plan(problem: Problem): Plan {
  const { dtype, m, n, k, aRowsAdjacent, bRowsAdjacent } = problem;
  const { MC, KC } = of(BLOCKING, dtype);
  if ((m === 1 || n === 1) && !problem.part) return VECTOR;
  const size = itemSize(dtype);
  const short = k <= SHORT && m * n * size > C_IN_CACHE;
  const most = problem.vectors === 3 ? IN_PLACE_BYTES_ACROSS_LINES : IN_PLACE_BYTES;
  const steps = aRowsAdjacent ? KC : STRIDED_STEPS;
  const small = !short && k <= steps && m * k * size <= most && n * k * size <= most;
  if (small) return bRowsAdjacent ? SMALL : SMALL_PACKED;
  const packA = !aRowsAdjacent || (n > FEW_COLUMNS && !short);
  const packB = !bRowsAdjacent || m > FEW_ROWS;
  const mc = short ? MC_SHORT : packA ? MC : MC_IN_PLACE;
  return { path: "blocked", packA, packB, mc };
}

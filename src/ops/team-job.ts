import { type DType, MICRO_KERNELS, type MicroKernel } from "../kernels/exports.ts";
import type { JobViews } from "../kernels/job.ts";
import { TEAM_JOB } from "../memory/layout.ts";
import type { MatrixRef } from "./matrix-ref.ts";

// What the members of the team are to compute, at TEAM_JOB: two float64 (alpha and beta, for products), then int32 numbers: the first
// says what it is, of which dtype; the last of each kind is the micro-kernel that the caller has chosen.

/** The first number of a job. */
const CODES = { products: { float32: 1, float64: 2 }, columns: { float32: 3, float64: 4 } } as const;

type Kind = keyof typeof CODES;

/** Where the float64 and the int32 numbers are. */
export const SCALARS: number = TEAM_JOB / 8;
const NUMBERS = TEAM_JOB / 4 + 4;

/** Writes a job's numbers. */
export function writeTeamJob(
  { i32 }: JobViews,
  kind: Kind,
  dtype: DType,
  numbers: readonly number[],
  microKernel: MicroKernel,
): void {
  i32.set([CODES[kind][dtype], ...numbers, MICRO_KERNELS.indexOf(microKernel)], NUMBERS);
}

/** Of which kind the job is. */
export const kindOfTeamJob = ({ i32 }: JobViews): Kind =>
  i32[NUMBERS]! >= CODES.columns.float32 ? "columns" : "products";

/** The numbers of a matrix. */
export const numbersOf = ({ address, rs, cs }: MatrixRef): number[] => [address, rs, cs];

/** Reads a job's numbers in the order in which they were written. */
export class TeamJobReader {
  readonly dtype: DType;
  readonly #i32: Int32Array;
  #at = NUMBERS;

  constructor({ i32 }: JobViews) {
    this.#i32 = i32;
    const code = this.number();
    this.dtype = code === CODES.products.float32 || code === CODES.columns.float32 ? "float32" : "float64";
  }

  number(): number {
    return this.#i32[this.#at++]!;
  }

  address(): number {
    return this.number() >>> 0;
  }

  matrix(): MatrixRef {
    return { address: this.address(), rs: this.number(), cs: this.number() };
  }

  microKernel(): MicroKernel {
    return MICRO_KERNELS[this.number()]!;
  }
}

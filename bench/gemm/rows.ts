import type { Build, DType } from "../../src/index.ts";
import { pairedRatio } from "../common/sample.ts";
import type { Section } from "./cases.ts";

/** Who computed: a build of blasm, the plain loop, or native BLAS. */
export type Who = Build | "plain loop" | "native";

/** One thing measured at one case. */
export interface Row {
  readonly section: Section;
  readonly dtype: DType | undefined;
  /** "512", "4096×64×512" */
  readonly label: string;
  readonly who: Who;
  /** "gemm", "micro-kernel", "NT", "matmul", "copy", … */
  readonly what: string;
  readonly unit: Unit;
  /** One number a round, in `unit`; rows of one case have theirs taken in turns. */
  readonly values: readonly number[];
  /** The largest error in units of the rounding bound, below 1 where right; undefined for what was not computed. */
  readonly residual: number | undefined;
  /** Whether the result was wrong; then nothing was timed. */
  readonly wrong: boolean;
  /** How many of `values` shared their core with something else. */
  readonly disturbed: number;
  readonly notes: readonly string[];
}

export type Unit = "GFLOP/s" | "GB/s" | "ns" | "ms";

/** Turns seconds a call, and the work of a call, into a unit. */
export function inUnit(unit: Unit, seconds: number, work: number): number {
  if (unit === "ns") return (seconds * 1e9) / work;
  if (unit === "ms") return (seconds * 1e3) / work;
  return work / seconds / 1e9;
}

/** Whether larger values are better. */
export const isRate = (unit: Unit): boolean => unit === "GFLOP/s" || unit === "GB/s";

export type Key = Partial<Pick<Row, "section" | "dtype" | "label" | "who" | "what">>;

/** How many times as fast `one` is as `other`, round by round; undefined where either is missing. */
export function speedRatio(one: Row | undefined, other: Row | undefined): number | undefined {
  if (one === undefined || other === undefined) return undefined;
  return isRate(one.unit) ? pairedRatio(one.values, other.values) : pairedRatio(other.values, one.values);
}

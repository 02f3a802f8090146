import type { Build } from "../../src/index.ts";
import type { SectionRow } from "../common/rows.ts";
import { pairedRatio } from "../common/statistics.ts";
import type { Section } from "./cases.ts";

/** Who computed: a build of blasm, the plain loop, or native BLAS. */
export type Who = Build | "plain loop" | "native";

/** label: "512", "4096×64×512"; what: "gemm", "micro-kernel", "NT", "matmul", "copy", … */
export interface Row extends SectionRow<Section, Unit> {
  readonly who: Who;
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

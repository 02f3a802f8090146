import type { SectionRow } from "../common/rows.ts";
import type { Section } from "./cases.ts";

export type Unit = "ms" | "GFLOP/s";

/**
 * start: label: "64"; who: a build; what: a step, "init to product", "in all". first: label: the side; what: "first", "later" (the median of
 * those that follow it, their first half aside), of float64 on one thread.
 */
export type Row = SectionRow<Section, Unit>;

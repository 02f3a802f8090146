import type { SectionRow } from "../common/rows.ts";
import type { Section } from "./cases.ts";

export type Unit = "ns" | "µs" | "n";

/**
 * calls: label: the side of the squares; who: a build; what: "gemm", "matmul", "stack of 1000", "plain loop" (in the same process),
 * "crossover" (the n from which gemm is faster than the loop). dispatch: as in the team bench.
 */
export type Row = SectionRow<Section, Unit>;

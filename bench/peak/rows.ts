import type { DType } from "../../src/index.ts";
import type { SectionRow } from "../common/rows.ts";
import type { Section } from "./cases.ts";

export type Unit = "GFLOP/s" | "GHz" | "flop/cycle" | "count";

/** label: "1 thread", "2 threads"; who: a build, or "this core"; what: "peak", "chains" (of the fastest), "limit", "clock". */
export type Row = SectionRow<Section, Unit> & { readonly dtype: DType };

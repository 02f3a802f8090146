import type { SectionRow } from "../common/rows.ts";
import type { Section } from "./cases.ts";

export type Unit = "µs" | "GFLOP/s" | "MiB" | "count" | "share" | "times";

/**
 * label: "2 threads, awake", "n = 1024", "256"; who: "team", "bare Atomics", "2 threads", …; what: "median", "balance", "gemm", …
 */
export type Row = SectionRow<Section, Unit>;

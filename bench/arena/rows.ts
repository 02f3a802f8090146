import type { SectionRow } from "../common/rows.ts";
import type { Section } from "./cases.ts";

export type Unit = "ns" | "1/s" | "bytes" | "MiB" | "share" | "blocks";

/**
 * label: "1000 live", "2 threads", "blocked LU"; who: whose memory it is, see allocators.ts; what: "allocate + release",
 * "external fragmentation", …
 */
export type Row = SectionRow<Section, Unit>;

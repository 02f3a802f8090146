import type { SectionRow } from "../common/rows.ts";
import type { Section } from "./cases.ts";

export type Unit = "ns" | "µs" | "ms" | "bytes" | "1/s" | "share";

/**
 * label: "Lock", "2 threads, 2 µs inside and outside"; who: "blasm", or what it stands beside: "bare Atomics", "spinlock",
 * "wait/notify"; what: "acquire + release", "throughput", "longest wait", …
 */
export type Row = SectionRow<Section, Unit>;

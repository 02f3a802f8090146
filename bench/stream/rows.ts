import type { DType } from "../../src/index.ts";
import type { SectionRow } from "../common/rows.ts";
import type { Section } from "./cases.ts";

/** label: "128 MiB", an array's size; who: a build, or "C"; what: "copy", "scale", "add", "triad". */
export type Row = SectionRow<Section, "GB/s"> & { readonly dtype: DType; readonly threads: number };

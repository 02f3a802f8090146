import type { DType } from "../../src/index.ts";
import type { SectionRow } from "../common/rows.ts";
import type { Unit } from "../gemm/rows.ts";
import type { Section } from "./cases.ts";

/** label: the side of one thread's square; n: of this one; who: a build; what: "gemm", in GFLOP/s. */
export type Row = SectionRow<Section, Unit> & { readonly dtype: DType };

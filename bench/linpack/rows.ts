import type { DType } from "../../src/index.ts";
import type { SectionRow } from "../common/rows.ts";
import type { Section } from "./cases.ts";

/**
 * label: N; who: a build, or "native"; what: "solve" (hpl; residual in units of HPL's bound of 16), "gemm", "lu", "trsm" (parts).
 */
export type Row = SectionRow<Section, "GFLOP/s"> & {
  readonly dtype: DType;
  readonly n: number;
  readonly threads: number;
};

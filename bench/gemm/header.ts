import type { Header as CommonHeader } from "../common/header.ts";

/** Where and how the numbers came about. */
export interface Header extends CommonHeader {
  readonly rounds: number;
  readonly sampleMs: number;
  readonly native: string;
  /** Builds measured, and why one is missing. */
  readonly builds: readonly string[];
  /** Bytes, gzipped; undefined when run from source. */
  readonly packageBytes: number | undefined;
}

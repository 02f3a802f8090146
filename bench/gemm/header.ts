import type { Header as AnyHeader } from "../common/run.ts";
import type { Selection } from "./cases.ts";

/** Where and how the numbers came about. */
export interface Header extends AnyHeader<Selection> {
  readonly native: string;
  /** Bytes of the package's entry, gzipped; undefined where they are not to be had. */
  readonly packageBytes: number | undefined;
}

import type { Picture } from "../base/picture.ts";
import type { NDArray } from "./ndarray.ts";

/** How to draw a heat map. */
export interface HeatmapOptions {
  /**
   * What a cell shows where there are too many elements to show each: their "mean" (the default), or of them the "extreme", the
   * largest in magnitude, with its sign.
   */
  readonly cells?: "mean" | "extreme" | undefined;
  /** Pixels that cells may take, from 20 to 2000, both ways (else 512). Each takes at least 8: so it says how many there are. */
  readonly width?: number | undefined;
  /** Else the array's name, or "Heat map". */
  readonly title?: string | undefined;
}

/** What can draw arrays: arrays are given it, and know nothing of how it is done. */
export interface Pictures {
  /** An array that is there, as HTML. */
  html(array: NDArray): string;
  /** @throws ShapeError for more than two axes; UnsupportedError (`OPTION`). */
  heatmap(array: NDArray, options?: HeatmapOptions): Picture;
}

import { find, select } from "../common/rows.ts";
import { type Row, speedRatio } from "./rows.ts";

/** From this size on, a product under this share of its micro-kernel's rate cannot be right. */
const FROM = 64;
const SHARE_OF_MICRO = 0.5;

/** A build slower than strict by this much runs other code than it should. */
const SHARE_OF_STRICT = 0.7;

const STUCK = "this process may be stuck in the engine's unoptimised tier: run it again";

/**
 * Adds a note to rows that look like a process which runs code of the engine's unoptimised tier, as happens now and then
 * in every wasm library: a third of the speed for a whole run.
 */
export function withSuspicions(rows: readonly Row[]): Row[] {
  return rows.map((row) => {
    const { section, dtype, label, who, what } = row;
    if (section !== "squares" || who === "native" || who === "plain loop") return row;
    const notes: string[] = [];
    if (what === "gemm" && Number(label) >= FROM) {
      const share = speedRatio(row, find(rows, { section, dtype, label, who, what: "micro-kernel" }));
      if (share !== undefined && share < SHARE_OF_MICRO) {
        notes.push(`at ${Math.round(100 * share)} % of its micro-kernel: ${STUCK}`);
      }
    }
    if (what === "micro-kernel") {
      const [strict] = select(rows, { section, dtype, label, who: "strict", what });
      const share = speedRatio(row, strict);
      if (share !== undefined && share < SHARE_OF_STRICT) {
        notes.push(`at ${Math.round(100 * share)} % of the strict build's: ${STUCK}`);
      }
    }
    return notes.length > 0 ? { ...row, notes: [...(row.notes ?? []), ...notes] } : row;
  });
}

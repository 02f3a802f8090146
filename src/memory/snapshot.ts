import type { BlockTable } from "./block.ts";
import { CONTROL, FIELD, STATE, UNIT, WORD } from "./layout.ts";
import type { LinearMemory } from "./linear.ts";

/** The arena in numbers; sizes in bytes. */
export interface ArenaStats {
  /** Blocks and holes together: what is committed now. */
  readonly capacity: number;
  /** In blocks, rounded up to 64 bytes each, the block table's own segments included. */
  readonly used: number;
  /** In holes. */
  readonly free: number;
  /** The largest size that fits without growing. */
  readonly largestHole: number;
  /** How many blocks, and how many holes, there are. */
  readonly blocks: number;
  readonly holes: number;
  /** The most that `used` has been. */
  readonly peak: number;
  /** What was asked for, before rounding. */
  readonly requested: number;
  /** 1 − largestHole / free: how much of the free space is out of reach of one large array. */
  readonly fragmentation: number;
  /** Since the start. */
  readonly allocations: number;
  readonly frees: number;
}

/** One block or hole. */
export interface BlockInfo {
  readonly id: number;
  readonly state: "block" | "hole" | "table";
  /** Byte address. */
  readonly address: number;
  /** Bytes, and (of a block) the bytes asked for. */
  readonly size: number;
  readonly requested: number;
  readonly refs: number;
  readonly generation: number;
}

const NAMES = { [STATE.block]: "block", [STATE.hole]: "hole", [STATE.table]: "table" } as const;

/** Every block and hole in address order. */
export function listBlocks(linear: LinearMemory, blocks: BlockTable): BlockInfo[] {
  const list: BlockInfo[] = [];
  for (let id = linear.i32[CONTROL / 4 + WORD.last]!; id !== 0; id = blocks.get(id, FIELD.before)) {
    const state = NAMES[blocks.get(id, FIELD.state) as keyof typeof NAMES];
    const block = state === "block";
    list.push({
      id,
      state,
      address: blocks.get(id, FIELD.offset) * UNIT,
      size: blocks.get(id, FIELD.size) * UNIT,
      requested: block ? blocks.get(id, FIELD.requested) >>> 0 : 0,
      refs: block ? blocks.get(id, FIELD.refs) : 0,
      generation: blocks.get(id, FIELD.generation),
    });
  }
  return list.reverse();
}

/** Sums over the block table and the control words. */
export function readStats(linear: LinearMemory, blocks: BlockTable): ArenaStats {
  const word = (index: number): number => linear.i32[CONTROL / 4 + index]!;
  const list = listBlocks(linear, blocks);
  const capacity = (word(WORD.end) - word(WORD.begin)) * UNIT;
  const used = word(WORD.used) * UNIT;
  const largestHole = list.reduce(
    (most, { state, size }) => (state === "hole" ? Math.max(most, size) : most),
    0,
  );
  return {
    capacity,
    used,
    free: capacity - used,
    largestHole,
    blocks: word(WORD.blocks),
    holes: word(WORD.holes),
    peak: word(WORD.peak) * UNIT,
    requested: list.reduce((sum, { requested }) => sum + requested, 0),
    fragmentation: capacity === used ? 0 : 1 - largestHole / (capacity - used),
    allocations: word(WORD.allocations) >>> 0,
    frees: word(WORD.frees) >>> 0,
  };
}

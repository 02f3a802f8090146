import type { BlockTable } from "./block.ts";
import { readLabel } from "./label.ts";
import { CONTROL, FIELD, RECORD, STATE, UNIT, WORD } from "./layout.ts";
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
  /** The block table: 64 bytes for each block that there is room for. */
  readonly table: number;
  /** Since the start. */
  readonly allocations: number;
  readonly frees: number;
}

/** One block or hole. */
export interface BlockInfo {
  readonly id: number;
  readonly state: "block" | "hole" | "table";
  /** Byte address, and bytes; with `debug`, the guards around a block's data are counted. */
  readonly address: number;
  /** And, of a block, the bytes asked for. */
  readonly size: number;
  readonly requested: number;
  readonly refs: number;
  /** References on their way to another thread; they are counted in `refs`. */
  readonly posted: number;
  readonly generation: number;
  /** The thread that allocated it; 0 for holes. */
  readonly thread: number;
  /** As much of its name as there is room for (12 bytes), its dtype and shape; "" and [] for what is no array. */
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

const NAMES = { [STATE.block]: "block", [STATE.hole]: "hole", [STATE.table]: "table" } as const;

/** Every block and hole in address order. */
export function listBlocks(linear: LinearMemory, blocks: BlockTable): BlockInfo[] {
  const list: BlockInfo[] = [];
  const words = linear.i32;
  for (let id = words[CONTROL / 4 + WORD.last]!; id !== 0; id = blocks.get(id, FIELD.before)) {
    const record = blocks.at(id);
    const field = (at: number): number => words[record + at]!;
    const state = NAMES[field(FIELD.state) as keyof typeof NAMES];
    const block = state === "block";
    const { name, elements, shape } = block ? readLabel(words, record) : NO_LABEL;
    list.push({
      id,
      state,
      address: field(FIELD.offset) * UNIT,
      size: field(FIELD.size) * UNIT,
      requested: block ? field(FIELD.requested) >>> 0 : 0,
      refs: block ? field(FIELD.refs) : 0,
      posted: block ? field(FIELD.posted) : 0,
      generation: field(FIELD.generation),
      thread: block ? field(FIELD.thread) : 0,
      name,
      dtype: elements,
      shape,
    });
  }
  return list.reverse();
}

const NO_LABEL = { name: "", elements: "", shape: [] } as const;

/** The sums that the arena keeps. `largestHole` in units. */
export function readStats(linear: LinearMemory, { count }: BlockTable, largestHole: number): ArenaStats {
  const word = (index: number): number => linear.i32[CONTROL / 4 + index]!;
  const capacity = (word(WORD.end) - word(WORD.begin)) * UNIT;
  const used = word(WORD.used) * UNIT;
  const free = capacity - used;
  return {
    capacity,
    used,
    free,
    largestHole: largestHole * UNIT,
    blocks: word(WORD.blocks),
    holes: word(WORD.holes),
    peak: word(WORD.peak) * UNIT,
    requested: linear.f64[(CONTROL / 4 + WORD.requested) / 2]!,
    fragmentation: free === 0 ? 0 : 1 - (largestHole * UNIT) / free,
    table: count * RECORD,
    allocations: word(WORD.allocations) >>> 0,
    frees: word(WORD.frees) >>> 0,
  };
}

import { ArenaFullError, ShapeError } from "../errors.ts";
import { type BlockHandle, BlockTable } from "./block.ts";
import {
  CONTROL,
  FIELD,
  PAGE,
  RECORD,
  SEGMENT_RECORDS,
  SEGMENTS,
  STATE,
  TABLE,
  UNIT,
  WORD,
} from "./layout.ts";
import type { LinearMemory } from "./linear.ts";
import { type ArenaStats, type BlockInfo, listBlocks, readStats } from "./snapshot.ts";

/** Bins: one for each size below 16 units, above that 16 for each power of two up to 2^26 units (4 GiB). */
const EXACT_BINS = 16;
const BINS = EXACT_BINS + 22 * 16;
/** Records kept in reserve: a split takes one, a new segment of the table up to two. */
const RESERVE = 4;
/** When no hole fits, at least this much is added, so that many small allocations do not mean many growths. */
const GROWTH = 16 * 2 ** 20;

/** Excludes other threads for a moment: the arena is given it, as it may not know sync/. */
export interface ArenaLock {
  acquire(): void;
  release(): void;
}

/** The bin a hole of `units` is kept in. */
function binOf(units: number): number {
  if (units < EXACT_BINS) return units;
  const log = 31 - Math.clz32(units);
  return EXACT_BINS + (log - 4) * 16 + (units >>> (log - 4)) - 16;
}

/** The first bin all of whose holes have at least `units`. */
function binAtLeast(units: number): number {
  if (units < EXACT_BINS) return units;
  const log = 31 - Math.clz32(units);
  return binOf(units + (1 << (log - 4)) - 1);
}

/**
 * Reference-counted blocks in one growing memory: good-fit over two-level segregated bins (Masmano et al., "TLSF: a new
 * dynamic memory allocator for real-time systems", 2004), neighbours merged at once. What fits reuses a hole; what does
 * not goes beyond.
 *
 * All state is words in the memory itself (layout.ts); this object only reads and writes them. Threads change them one at a
 * time, holding the lock; reference counts alone are changed without it, by atomic operations.
 */
export class Arena {
  readonly linear: LinearMemory;
  readonly blocks: BlockTable;
  readonly #lock: ArenaLock;

  /** The arena that has been laid out in a memory. */
  constructor(linear: LinearMemory, lock: ArenaLock) {
    this.linear = linear;
    this.blocks = new BlockTable(linear);
    this.#lock = lock;
  }

  /** Lays an arena out in a fresh memory, from address `base` (a multiple of 64) to the committed end. */
  static layOut(linear: LinearMemory, base: number, lock: ArenaLock): Arena {
    const arena = new Arena(linear, lock);
    arena.#word(WORD.begin, base / UNIT);
    arena.#word(WORD.end, base / UNIT);
    arena.#addSegment(TABLE / UNIT);
    arena.#extendTo(Math.floor(linear.size / UNIT));
    return arena;
  }

  /**
   * A new block of at least `bytes` (0 is allowed and still takes a unit), reference count 1, contents undefined.
   * O(1), but for the growth of the memory and, before that, a look through one bin.
   *
   * @throws ArenaFullError if no hole is large enough and the memory cannot grow.
   */
  allocate(bytes: number): BlockHandle {
    this.#enter();
    try {
      return this.#allocate(bytes);
    } finally {
      this.#lock.release();
    }
  }

  #allocate(bytes: number): BlockHandle {
    if (!(bytes >= 0 && bytes <= this.linear.maximum)) throw this.#full(bytes);
    const units = Math.max(1, Math.ceil(bytes / UNIT));
    // Only where an earlier try found no room for a segment.
    if (this.#read(WORD.spareRecords) < 2) this.#growTable();
    let hole = this.#findHole(units);
    if (hole === 0) {
      if (this.#read(WORD.spareRecords) < 2 || !this.#grow(units)) throw this.#full(bytes);
      hole = this.#findHole(units);
    }
    // A split takes a record; what fits exactly takes none.
    if (this.#read(WORD.spareRecords) === 0 && this.blocks.get(hole, FIELD.size) > units)
      throw this.#full(bytes);
    this.#take(hole, units);
    const record = this.blocks.at(hole);
    const words = this.linear.i32;
    words[record + FIELD.state] = STATE.block;
    words[record + FIELD.requested] = bytes;
    words[record + FIELD.generation]! += 1;
    words[record + FIELD.posted] = 0;
    Atomics.store(words, record + FIELD.refs, 1);
    this.#count(WORD.blocks, 1);
    this.#count(WORD.allocations, 1);
    const used = this.#count(WORD.used, units);
    if (used > this.#read(WORD.peak)) this.#word(WORD.peak, used);
    const generation = words[record + FIELD.generation]!;
    // After the block, not before: had the block not fitted, nothing would have changed.
    if (this.#read(WORD.spareRecords) < RESERVE) this.#growTable();
    return { id: hole, generation };
  }

  /** Byte address of a block's data. */
  addressOf(handle: BlockHandle): number {
    return this.blocks.get(handle.id, FIELD.offset) * UNIT;
  }

  /** One reference less; at zero the block becomes a hole and merges with the holes beside it. */
  release(handle: BlockHandle): void {
    if (this.blocks.release(handle) > 0) return;
    this.#enter();
    try {
      this.#count(WORD.blocks, -1);
      this.#count(WORD.frees, 1);
      this.#count(WORD.used, -this.blocks.get(handle.id, FIELD.size));
      this.#free(handle.id);
    } finally {
      this.#lock.release();
    }
  }

  /** Sizes and counts now; O(blocks). */
  stats(): ArenaStats {
    this.#enter();
    try {
      return readStats(this.linear, this.blocks);
    } finally {
      this.#lock.release();
    }
  }

  /** Every block and hole in address order. */
  list(): BlockInfo[] {
    this.#enter();
    try {
      return listBlocks(this.linear, this.blocks);
    } finally {
      this.#lock.release();
    }
  }

  /** Begins what only one thread may do at a time. Another thread may have grown the memory since the last time. */
  #enter(): void {
    this.#lock.acquire();
    if (this.#read(WORD.end) * UNIT > this.linear.size) this.linear.refresh();
  }

  #read(word: number): number {
    return this.linear.i32[CONTROL / 4 + word]!;
  }

  #word(word: number, value: number): void {
    this.linear.i32[CONTROL / 4 + word] = value;
  }

  #count(word: number, by: number): number {
    const value = this.#read(word) + by;
    this.#word(word, value);
    return value;
  }

  /** A hole of at least `units`: from the first bin where every hole fits, else from the bin where some may. */
  #findHole(units: number): number {
    const bin = this.#firstBin(binAtLeast(units));
    if (bin >= 0) return this.#read(WORD.bins + bin);
    let id = this.#read(WORD.bins + binOf(units));
    while (id !== 0 && this.blocks.get(id, FIELD.size) < units) id = this.blocks.get(id, FIELD.next);
    return id;
  }

  /** The first bin from `bin` on that has a hole, -1 for none: at most 12 words are looked at. */
  #firstBin(bin: number): number {
    for (let word = bin >>> 5, mask = -1 << (bin & 31); word * 32 < BINS; ++word, mask = -1) {
      const bits = this.#read(WORD.bitmap + word) & mask;
      if (bits !== 0) return word * 32 + 31 - Math.clz32(bits & -bits);
    }
    return -1;
  }

  /** Removes a hole from its bin and gives back what it has beyond `units`. */
  #take(id: number, units: number): void {
    this.#unlink(id);
    const rest = this.blocks.get(id, FIELD.size) - units;
    // A hole is split whenever anything is left of it: one unit is a block of its own.
    if (rest === 0) return;
    this.blocks.set(id, FIELD.size, units);
    const split = this.#newRecord(this.blocks.get(id, FIELD.offset) + units, rest);
    this.#insertAfter(id, split);
    this.#link(split);
  }

  /** Makes a record a hole, merged with the holes on both sides. */
  #free(id: number): void {
    const { blocks } = this;
    let hole = id;
    const before = blocks.get(id, FIELD.before);
    if (before !== 0 && blocks.get(before, FIELD.state) === STATE.hole) {
      this.#unlink(before);
      this.#absorb(before, id);
      hole = before;
    }
    const after = blocks.get(hole, FIELD.after);
    if (after !== 0 && blocks.get(after, FIELD.state) === STATE.hole) {
      this.#unlink(after);
      this.#absorb(hole, after);
    }
    this.#link(hole);
  }

  /** `left` takes over the space of `right`, its neighbour above. */
  #absorb(left: number, right: number): void {
    const { blocks } = this;
    blocks.set(left, FIELD.size, blocks.get(left, FIELD.size) + blocks.get(right, FIELD.size));
    const after = blocks.get(right, FIELD.after);
    blocks.set(left, FIELD.after, after);
    if (after !== 0) blocks.set(after, FIELD.before, left);
    else this.#word(WORD.last, left);
    this.#dropRecord(right);
  }

  #insertAfter(id: number, added: number): void {
    const { blocks } = this;
    const after = id === 0 ? 0 : blocks.get(id, FIELD.after);
    blocks.set(added, FIELD.before, id);
    blocks.set(added, FIELD.after, after);
    if (id !== 0) blocks.set(id, FIELD.after, added);
    if (after !== 0) blocks.set(after, FIELD.before, added);
    else this.#word(WORD.last, added);
  }

  /** Puts a record into its bin as a hole. */
  #link(id: number): void {
    const { blocks } = this;
    const bin = binOf(blocks.get(id, FIELD.size));
    const first = this.#read(WORD.bins + bin);
    blocks.set(id, FIELD.state, STATE.hole);
    blocks.set(id, FIELD.previous, 0);
    blocks.set(id, FIELD.next, first);
    if (first !== 0) blocks.set(first, FIELD.previous, id);
    this.#word(WORD.bins + bin, id);
    this.#word(WORD.bitmap + (bin >>> 5), this.#read(WORD.bitmap + (bin >>> 5)) | (1 << (bin & 31)));
    this.#count(WORD.holes, 1);
  }

  #unlink(id: number): void {
    const { blocks } = this;
    const bin = binOf(blocks.get(id, FIELD.size));
    const previous = blocks.get(id, FIELD.previous);
    const next = blocks.get(id, FIELD.next);
    if (next !== 0) blocks.set(next, FIELD.previous, previous);
    if (previous !== 0) blocks.set(previous, FIELD.next, next);
    else {
      this.#word(WORD.bins + bin, next);
      if (next === 0) {
        this.#word(WORD.bitmap + (bin >>> 5), this.#read(WORD.bitmap + (bin >>> 5)) & ~(1 << (bin & 31)));
      }
    }
    this.#count(WORD.holes, -1);
  }

  #newRecord(offset: number, size: number): number {
    const id = this.#read(WORD.spareRecord);
    this.#word(WORD.spareRecord, this.blocks.get(id, FIELD.next));
    this.#count(WORD.spareRecords, -1);
    this.blocks.set(id, FIELD.offset, offset);
    this.blocks.set(id, FIELD.size, size);
    return id;
  }

  #dropRecord(id: number): void {
    this.blocks.set(id, FIELD.state, STATE.unused);
    this.blocks.set(id, FIELD.next, this.#read(WORD.spareRecord));
    this.#word(WORD.spareRecord, id);
    this.#count(WORD.spareRecords, 1);
  }

  /** Adds a segment of records that lies at `address` (in units). */
  #addSegment(address: number): void {
    const segment = this.#count(WORD.segments, 1) - 1;
    this.#word(WORD.directory + segment, address);
    const first = ((1 << segment) - 1) * SEGMENT_RECORDS;
    this.linear.bytes(address * UNIT, (SEGMENT_RECORDS << segment) * RECORD).fill(0);
    // Id 0 means "none"; the others go onto the list of unused records so that the lowest is taken first.
    for (let id = first + (SEGMENT_RECORDS << segment) - 1; id >= Math.max(first, 1); --id)
      this.#dropRecord(id);
  }

  /** The next segment of the block table, out of the arena, if there is room for it. */
  #growTable(): void {
    const segment = this.#read(WORD.segments);
    const units = ((SEGMENT_RECORDS << segment) * RECORD) / UNIT;
    let hole = segment < SEGMENTS ? this.#findHole(units) : 0;
    const spare = this.#read(WORD.spareRecords);
    if (hole === 0 && segment < SEGMENTS && spare >= 2 && this.#grow(units)) hole = this.#findHole(units);
    if (hole === 0 || (spare === 0 && this.blocks.get(hole, FIELD.size) > units)) return;
    this.#take(hole, units);
    this.blocks.set(hole, FIELD.state, STATE.table);
    const used = this.#count(WORD.used, units);
    if (used > this.#read(WORD.peak)) this.#word(WORD.peak, used);
    this.#addSegment(this.blocks.get(hole, FIELD.offset));
  }

  /** Grows the memory until its top hole has `units`; more than that if the host allows. */
  #grow(units: number): boolean {
    const { linear } = this;
    const last = this.#read(WORD.last);
    const top =
      last !== 0 && this.blocks.get(last, FIELD.state) === STATE.hole ? this.blocks.get(last, FIELD.size) : 0;
    const needed = Math.ceil(((this.#read(WORD.end) + units - top) * UNIT) / PAGE) * PAGE;
    const generous = Math.min(
      linear.maximum,
      Math.max(needed, linear.size + Math.max(GROWTH, linear.size / 4)),
    );
    if (needed > linear.maximum) return false;
    if (!linear.growTo(generous) && !linear.growTo(needed)) return false;
    this.#extendTo(Math.floor(linear.size / UNIT));
    return true;
  }

  /** The memory now reaches to `end` (in units): a hole more, or a larger top hole. */
  #extendTo(end: number): void {
    const begin = this.#read(WORD.end);
    if (end <= begin) return;
    this.#word(WORD.end, end);
    const added = this.#newRecord(begin, end - begin);
    this.#insertAfter(this.#read(WORD.last), added);
    this.#free(added);
  }

  #full(bytes: number): Error {
    if (!Number.isFinite(bytes) || bytes < 0) return new ShapeError(`A block of ${bytes} bytes cannot be.`);
    const { free, largestHole, capacity, blocks } = readStats(this.linear, this.blocks);
    return new ArenaFullError(
      `No room for ${bytes} bytes: ${free} bytes free (largest hole ${largestHole}) of ${capacity}, ${blocks} blocks in use, ` +
        `and the memory cannot grow beyond ${this.linear.maximum} bytes. Release arrays (scope(), using), or ask for ` +
        `a larger memory.maximum in init(); wasm32 ends at 4 GiB.`,
    );
  }
}

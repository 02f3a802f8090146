import { ArenaFullError, CorruptError, ShapeError } from "../errors.ts";
import { Audit } from "./audit.ts";
import { BINS, binAtLeast, binOf } from "./bins.ts";
import { type BlockHandle, BlockTable } from "./block.ts";
import { Debug, guard, poison, trespass } from "./debug.ts";
import { type Label, labelled, readLabel, writeLabel, writeName } from "./label.ts";
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

/** Records kept in reserve: a split takes one, a new segment of the table up to two. */
const RESERVE = 4;
/** Holes of its own bin that an allocation looks at, before it takes a larger one. */
const LOOKS = 8;
/** When no hole fits, at least this much is added, so that many small allocations do not mean many growths. */
const GROWTH = 16 * 2 ** 20;

const NO_LABEL = labelled("");

/** Excludes other threads for a moment: the arena is given it, as it may not know sync/. */
export interface ArenaLock {
  /** Returns false if the thread that had it before has ended inside: then what it guards may be half done. */
  acquire(): boolean;
  release(): void;
}

/** What an arena is given. */
export interface ArenaOptions {
  readonly lock: ArenaLock;
  /** Id of this thread. */
  readonly thread: number;
  /** Whether there are guards around blocks, and stacks in errors. All threads must say the same. */
  readonly debug: boolean;
}

/** What check() has found. */
export interface ArenaCheck {
  /** What is wrong, a line each; empty if nothing is. */
  readonly problems: readonly string[];
  /** Whether the lists of holes and blocks were made anew from the blocks' own records. */
  readonly repaired: boolean;
}

/**
 * Reference-counted blocks in one growing memory: good-fit over two-level segregated bins (Masmano et al., "TLSF: a new
 * dynamic memory allocator for real-time systems", 2004), neighbours merged at once. What fits reuses a hole; what does
 * not goes beyond.
 *
 * All state is words in the memory itself (layout.ts); this object only reads and writes them. Threads change them one at a
 * time, holding the lock; reference counts alone are changed without it, by atomic operations. A thread may die anywhere: a
 * block is a block as soon as its count is not 0, which is written last and taken back first, and all else (neighbours,
 * bins, sums) is made anew from the blocks by the next thread that comes in.
 */
export class Arena {
  readonly linear: LinearMemory;
  readonly blocks: BlockTable;
  readonly debug: Debug | undefined;
  #lock: ArenaLock;
  readonly #thread: number;
  /** Units before and behind the data of every block. */
  readonly #guards: 0 | 1;

  /** The arena that has been laid out in a memory. */
  constructor(linear: LinearMemory, { lock, thread, debug }: ArenaOptions) {
    this.linear = linear;
    this.debug = debug ? new Debug() : undefined;
    this.blocks = new BlockTable(linear, thread, this.debug);
    this.#lock = lock;
    this.#thread = thread;
    this.#guards = debug ? 1 : 0;
  }

  /** Lays an arena out in a fresh memory, from address `base` (a multiple of 64) to the committed end. */
  static layOut(linear: LinearMemory, base: number, options: ArenaOptions): Arena {
    const arena = new Arena(linear, options);
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
  allocate(bytes: number, label: Label = NO_LABEL): BlockHandle {
    this.#enter();
    try {
      const handle = this.#allocate(bytes, label);
      this.#word(WORD.busy, 0);
      return handle;
    } finally {
      this.#lock.release();
    }
  }

  /** Byte address of a block's data. */
  addressOf(handle: BlockHandle): number {
    return (this.blocks.get(handle.id, FIELD.offset) + this.#guards) * UNIT;
  }

  /** What lies in a block. */
  elementsOf({ id }: BlockHandle): Label["elements"] {
    return readLabel(this.linear.i32, this.blocks.at(id)).elements;
  }

  /** Bytes that a block was asked for. */
  requestedOf({ id }: BlockHandle): number {
    return this.blocks.get(id, FIELD.requested) >>> 0;
  }

  /**
   * This thread leaves: it only looks from now on, and without the lock, which other threads would take over from one that has
   * ended.
   */
  retire(): void {
    this.#lock = { acquire: () => true, release() {} };
  }

  /** A block's name, as much of it as there is room for. */
  nameOf({ id }: BlockHandle): string {
    return readLabel(this.linear.i32, this.blocks.at(id)).name;
  }

  rename({ id }: BlockHandle, name: string): void {
    writeName(this.linear.i32, this.blocks.at(id), name);
  }

  /**
   * One reference less; at zero the block becomes a hole and merges with the holes beside it.
   * @throws ReleasedError if the block is gone; CorruptError (debug) if its guards were written over: nothing changes.
   */
  release(handle: BlockHandle): void {
    const { blocks } = this;
    // (Of a block that is gone, the guards are too: that is the error below.)
    if (this.debug && blocks.refs(handle) > 0) this.#checkGuards(handle.id);
    // The last reference is given up inside. A thread that took it back before, and then ended while it waited for the lock,
    // would leave a block that nobody has and nobody can release.
    if (blocks.releaseShared(handle)) return;
    this.#enter();
    try {
      if (blocks.release(handle) === 0) {
        this.debug?.released(handle);
        this.#release(handle.id, blocks.at(handle.id));
      }
      this.#word(WORD.busy, 0);
    } finally {
      this.#lock.release();
    }
  }

  /** Sizes and counts now. */
  stats(): ArenaStats {
    return this.#inside(() => readStats(this.linear, this.blocks, this.#largestHole()));
  }

  /** Every block and hole in address order. */
  list(): BlockInfo[] {
    return this.#inside(() => listBlocks(this.linear, this.blocks));
  }

  /**
   * Looks at everything: that blocks and holes lie side by side, that lists, bins, counts and sums agree, and (debug) that no
   * guard was written over. Lists that are wrong are made anew from the blocks.
   */
  check(): ArenaCheck {
    return this.#inside(() => {
      const { problems } = new Audit(this.linear, this.blocks);
      const repaired = problems.length > 0;
      if (repaired) this.#rebuild();
      const list = this.debug ? listBlocks(this.linear, this.blocks) : [];
      for (const { id, state } of list) {
        const problem = state === "block" ? this.#guardProblem(id) : undefined;
        if (problem !== undefined) problems.push(problem);
      }
      return { problems, repaired };
    });
  }

  #inside<R>(run: () => R): R {
    this.#enter();
    try {
      const result = run();
      this.#word(WORD.busy, 0);
      return result;
    } finally {
      this.#lock.release();
    }
  }

  /**
   * Begins what only one thread may do at a time. Who comes to the end sets WORD.busy back to 0: what was left in the middle (the
   * thread has died, or its stack was full) is put right by the next that comes in.
   */
  #enter(): void {
    const whole = this.#lock.acquire();
    try {
      // Another thread may have grown the memory since the last time.
      if (this.#read(WORD.end) * UNIT > this.linear.size) this.linear.refresh();
      const halfDone = !whole || this.#read(WORD.busy) !== 0;
      this.#word(WORD.busy, 1);
      if (halfDone) this.#rebuild();
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  #allocate(bytes: number, label: Label): BlockHandle {
    if (!(Number.isInteger(bytes) && bytes >= 0 && bytes <= this.linear.maximum)) throw this.#full(bytes);
    const units = Math.max(1, Math.ceil(bytes / UNIT)) + 2 * this.#guards;
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
    const id = this.#take(hole, units);
    const record = this.blocks.at(id);
    const words = this.linear.i32;
    const generation = (words[record + FIELD.generation]! + 1) | 0;
    words[record + FIELD.generation] = generation;
    words[record + FIELD.requested] = bytes;
    words[record + FIELD.thread] = this.#thread;
    words[record + FIELD.posted] = 0;
    writeLabel(words, record, label);
    words[record + FIELD.state] = STATE.block;
    this.#count(WORD.blocks, 1);
    this.#count(WORD.allocations, 1);
    this.#use(units);
    this.#request(bytes);
    const handle = { id, generation };
    if (this.debug) {
      guard(this.#bytesOf(record), bytes);
      this.debug.allocated(handle);
    }
    // After the block was taken, not before: had it not fitted, nothing would have changed.
    if (this.#read(WORD.spareRecords) < RESERVE) this.#growTable();
    this.blocks.history.note(0, id, record, 1);
    // Last: from now on it is a block, whatever happens to this thread. (The memory may have grown: not `words`.)
    Atomics.store(this.linear.i32, record + FIELD.refs, 1);
    return handle;
  }

  #release(id: number, record: number): void {
    this.blocks.history.note(3, id, record, 0);
    if (this.debug) poison(this.#bytesOf(record));
    this.#count(WORD.blocks, -1);
    this.#count(WORD.frees, 1);
    this.#count(WORD.used, -this.linear.i32[record + FIELD.size]!);
    this.#request(-(this.linear.i32[record + FIELD.requested]! >>> 0));
    this.#free(id);
  }

  #read(word: number): number {
    return this.linear.i32[CONTROL / 4 + word]!;
  }

  #word(word: number, value: number): void {
    this.linear.i32[CONTROL / 4 + word] = value;
  }

  #count(word: number, by: number): void {
    this.linear.i32[CONTROL / 4 + word]! += by;
  }

  #use(units: number): void {
    const used = this.#read(WORD.used) + units;
    this.#word(WORD.used, used);
    if (used > this.#read(WORD.peak)) this.#word(WORD.peak, used);
  }

  #request(bytes: number): void {
    this.linear.f64[(CONTROL / 4 + WORD.requested) / 2]! += bytes;
  }

  /** All bytes of a block, guards included. */
  #bytesOf(record: number): Uint8Array {
    const words = this.linear.i32;
    return this.linear.bytes(words[record + FIELD.offset]! * UNIT, words[record + FIELD.size]! * UNIT);
  }

  /** What is wrong with a block's guards. */
  #guardProblem(id: number): string | undefined {
    if (!this.debug) return undefined;
    const record = this.blocks.at(id);
    const requested = this.linear.i32[record + FIELD.requested]! >>> 0;
    const at = trespass(this.#bytesOf(record), requested);
    if (at === undefined) return undefined;
    return `Block ${id}, ${requested} bytes, was written over at byte ${at}, ${at < 0 ? "before its start" : "behind its end"}.`;
  }

  /** @throws CorruptError */
  #checkGuards(id: number): void {
    const problem = this.#guardProblem(id);
    if (problem === undefined) return;
    const generation = this.blocks.get(id, FIELD.generation);
    throw new CorruptError(
      `${problem} Something writes beyond its array: a kernel's bug, or array.data kept too long.${this.debug?.of({ id, generation }) ?? ""}`,
    );
  }

  /** Size of the largest hole, in units: in the highest bin that has any. */
  #largestHole(): number {
    let largest = 0;
    for (let word = (BINS + 31) >>> 5; word-- > 0; ) {
      const bits = this.#read(WORD.bitmap + word);
      if (bits === 0) continue;
      const bin = word * 32 + 31 - Math.clz32(bits);
      for (let id = this.#read(WORD.bins + bin); id !== 0; id = this.blocks.get(id, FIELD.next)) {
        largest = Math.max(largest, this.blocks.get(id, FIELD.size));
      }
      return largest;
    }
    return 0;
  }

  /**
   * A hole of at least `units`, 0 for none: one of the first in the bin of that size, where some may fit; else from the first bin
   * where all do; else any. (Without that first look, which other TLSFs do not take, 20 % of the memory were holes at the peak
   * of a notebook's session, in the median of 20 sessions, instead of 17 %. Best fit and first fit have 16 %.)
   */
  #findHole(units: number): number {
    const own = binOf(units);
    const near = this.#firstFit(own, units, LOOKS);
    if (near !== 0) return near;
    const bin = this.#firstBin(binAtLeast(units));
    return bin >= 0 ? this.#read(WORD.bins + bin) : this.#firstFit(own, units, Number.POSITIVE_INFINITY);
  }

  /** The first hole of at least `units` in a bin, of so many that are looked at; 0 for none. */
  #firstFit(bin: number, units: number, looks: number): number {
    let id = this.#read(WORD.bins + bin);
    for (let left = looks; id !== 0 && left > 0; --left) {
      if (this.blocks.get(id, FIELD.size) >= units) return id;
      id = this.blocks.get(id, FIELD.next);
    }
    return 0;
  }

  /** The first bin from `bin` on that has a hole, -1 for none: at most 12 words are looked at. */
  #firstBin(bin: number): number {
    for (let word = bin >>> 5, mask = -1 << (bin & 31); word * 32 < BINS; ++word, mask = -1) {
      const bits = this.#read(WORD.bitmap + word) & mask;
      if (bits !== 0) return word * 32 + 31 - Math.clz32(bits & -bits);
    }
    return -1;
  }

  /** Takes the lower `units` of a hole: all of it, or a new record for them, and the hole stays, smaller. */
  #take(hole: number, units: number): number {
    const record = this.blocks.at(hole);
    const words = this.linear.i32;
    const rest = words[record + FIELD.size]! - units;
    if (!shouldSplit(rest)) {
      this.#unlink(record);
      return hole;
    }
    const offset = words[record + FIELD.offset]!;
    const taken = this.#newRecord(offset, units);
    this.#insert(taken, words[record + FIELD.before]!, hole);
    this.#resize(hole, offset + units, rest);
    return taken;
  }

  /** Makes a record a hole, or part of the holes beside it. */
  #free(id: number): void {
    const { blocks } = this;
    const words = this.linear.i32;
    const record = blocks.at(id);
    const before = words[record + FIELD.before]!;
    const after = words[record + FIELD.after]!;
    let offset = words[record + FIELD.offset]!;
    let size = words[record + FIELD.size]!;
    let hole = 0;
    if (this.#isHole(after)) {
      size += blocks.get(after, FIELD.size);
      hole = after;
    }
    if (this.#isHole(before)) {
      offset = blocks.get(before, FIELD.offset);
      size += blocks.get(before, FIELD.size);
      if (hole !== 0) {
        this.#unlink(blocks.at(hole));
        this.#remove(hole);
      }
      hole = before;
    }
    if (hole === 0) this.#link(id);
    else {
      this.#remove(id);
      this.#resize(hole, offset, size);
    }
  }

  #isHole(id: number): boolean {
    return id !== 0 && this.blocks.get(id, FIELD.state) === STATE.hole;
  }

  /** A hole now begins there and is of that size: perhaps in another bin, but seldom if it is large. */
  #resize(hole: number, offset: number, size: number): void {
    const record = this.blocks.at(hole);
    const words = this.linear.i32;
    const stays = binOf(words[record + FIELD.size]!) === binOf(size);
    if (!stays) this.#unlink(record);
    words[record + FIELD.offset] = offset;
    words[record + FIELD.size] = size;
    if (!stays) this.#link(hole);
  }

  /** Puts a record between its neighbours, 0 for none. */
  #insert(added: number, before: number, after: number): void {
    const { blocks } = this;
    const words = this.linear.i32;
    const record = blocks.at(added);
    words[record + FIELD.before] = before;
    words[record + FIELD.after] = after;
    if (before !== 0) blocks.set(before, FIELD.after, added);
    if (after !== 0) blocks.set(after, FIELD.before, added);
    else this.#word(WORD.last, added);
  }

  /** Takes a record out from between its neighbours, into reserve. */
  #remove(id: number): void {
    const { blocks } = this;
    const words = this.linear.i32;
    const record = blocks.at(id);
    const before = words[record + FIELD.before]!;
    const after = words[record + FIELD.after]!;
    if (before !== 0) blocks.set(before, FIELD.after, after);
    if (after !== 0) blocks.set(after, FIELD.before, before);
    else this.#word(WORD.last, before);
    this.#dropRecord(id);
  }

  /** Puts a record into its bin as a hole. */
  #link(id: number): void {
    const record = this.blocks.at(id);
    const words = this.linear.i32;
    const bin = binOf(words[record + FIELD.size]!);
    const first = this.#read(WORD.bins + bin);
    words[record + FIELD.state] = STATE.hole;
    words[record + FIELD.previous] = 0;
    words[record + FIELD.next] = first;
    if (first !== 0) this.blocks.set(first, FIELD.previous, id);
    this.#word(WORD.bins + bin, id);
    words[CONTROL / 4 + WORD.bitmap + (bin >>> 5)]! |= 1 << (bin & 31);
    this.#count(WORD.holes, 1);
  }

  /** Takes the hole whose record is at word `record` out of its bin. */
  #unlink(record: number): void {
    const { blocks } = this;
    const words = this.linear.i32;
    const bin = binOf(words[record + FIELD.size]!);
    const previous = words[record + FIELD.previous]!;
    const next = words[record + FIELD.next]!;
    if (next !== 0) blocks.set(next, FIELD.previous, previous);
    if (previous !== 0) blocks.set(previous, FIELD.next, next);
    else {
      this.#word(WORD.bins + bin, next);
      if (next === 0) words[CONTROL / 4 + WORD.bitmap + (bin >>> 5)]! &= ~(1 << (bin & 31));
    }
    this.#count(WORD.holes, -1);
  }

  #newRecord(offset: number, size: number): number {
    const id = this.#read(WORD.spareRecord);
    const record = this.blocks.at(id);
    const words = this.linear.i32;
    this.#word(WORD.spareRecord, words[record + FIELD.next]!);
    this.#count(WORD.spareRecords, -1);
    words[record + FIELD.offset] = offset;
    words[record + FIELD.size] = size;
    return id;
  }

  #dropRecord(id: number): void {
    const record = this.blocks.at(id);
    const words = this.linear.i32;
    words[record + FIELD.state] = STATE.unused;
    words[record + FIELD.next] = this.#read(WORD.spareRecord);
    this.#word(WORD.spareRecord, id);
    this.#count(WORD.spareRecords, 1);
  }

  /** Adds a segment of records that lies at `address` (in units). */
  #addSegment(address: number): void {
    const segment = this.#read(WORD.segments);
    this.linear.bytes(address * UNIT, (SEGMENT_RECORDS << segment) * RECORD).fill(0);
    this.#word(WORD.directory + segment, address);
    // Counted when it can be used: a thread may die anywhere.
    this.#word(WORD.segments, segment + 1);
    const first = ((1 << segment) - 1) * SEGMENT_RECORDS;
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
    const id = this.#take(hole, units);
    this.blocks.set(id, FIELD.state, STATE.table);
    this.#use(units);
    this.#addSegment(this.blocks.get(id, FIELD.offset));
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
    this.#insert(added, this.#read(WORD.last), 0);
    this.#free(added);
  }

  /** Segments of the table that are blocks of the arena, by their offsets in units. */
  #segmentOffsets(): Set<number> {
    const count = this.#read(WORD.segments);
    return new Set(Array.from({ length: count }, (_, segment) => this.#read(WORD.directory + segment)));
  }

  /**
   * Makes neighbours, bins, the list of unused records and all sums anew from what cannot be half done: the counts of blocks,
   * and where they are.
   */
  #rebuild(): void {
    const { blocks, linear } = this;
    linear.refresh();
    const segments = this.#segmentOffsets();
    const kept: { id: number; offset: number; size: number; state: number }[] = [];
    const unused: number[] = [];
    for (let id = blocks.count - 1; id > 0; --id) {
      const state = blocks.get(id, FIELD.state);
      const offset = blocks.get(id, FIELD.offset);
      const lives =
        state === STATE.block
          ? Atomics.load(linear.i32, blocks.at(id) + FIELD.refs) > 0
          : state === STATE.table && segments.has(offset);
      if (lives) kept.push({ id, offset, size: blocks.get(id, FIELD.size), state });
      else unused.push(id);
    }
    kept.sort((one, other) => one.offset - other.offset);
    const lives = (wanted: number): typeof kept => kept.filter(({ state }) => state === wanted);
    linear.i32.fill(0, CONTROL / 4 + WORD.bitmap, CONTROL / 4 + WORD.bins + BINS);
    for (const word of [WORD.holes, WORD.last, WORD.spareRecord, WORD.spareRecords]) this.#word(word, 0);
    this.#word(WORD.blocks, lives(STATE.block).length);
    this.#word(WORD.frees, (this.#read(WORD.allocations) - lives(STATE.block).length) | 0);
    this.#word(
      WORD.used,
      kept.reduce((sum, { size }) => sum + size, 0),
    );
    linear.f64[(CONTROL / 4 + WORD.requested) / 2] = lives(STATE.block).reduce(
      (sum, { id }) => sum + (blocks.get(id, FIELD.requested) >>> 0),
      0,
    );
    for (const id of unused) this.#dropRecord(id);
    let at = this.#read(WORD.begin);
    const fillTo = (offset: number): void => {
      if (offset <= at) return;
      const hole = this.#newRecord(at, offset - at);
      this.#insert(hole, this.#read(WORD.last), 0);
      this.#link(hole);
    };
    for (const { id, offset, size } of kept) {
      fillTo(offset);
      this.#insert(id, this.#read(WORD.last), 0);
      at = offset + size;
    }
    this.#word(WORD.end, Math.floor(linear.size / UNIT));
    fillTo(this.#read(WORD.end));
  }

  /** The error for what does not fit. It is thrown where nothing is half done. */
  #full(bytes: number): Error {
    this.#word(WORD.busy, 0);
    if (!Number.isInteger(bytes) || bytes < 0) return new ShapeError(`A block of ${bytes} bytes cannot be.`);
    const { free, largestHole, capacity, blocks } = readStats(this.linear, this.blocks, this.#largestHole());
    return new ArenaFullError(
      `No room for ${bytes} bytes: ${free} bytes free (largest hole ${largestHole}) of ${capacity}, ${blocks} blocks in use, ` +
        `and the memory cannot grow beyond ${this.linear.maximum} bytes. Release arrays (scope(), using), or ask for ` +
        `a larger memory.maximum in init(); wasm32 ends at 4 GiB.`,
    );
  }
}

/**
 * The split rule: whenever anything is left of a hole, it stays a hole, as one unit is a block of its own. (A minimum like
 * PyTorch's 512 bytes would waste memory to save records, which are cheap here.)
 */
function shouldSplit(rest: number): boolean {
  return rest > 0;
}

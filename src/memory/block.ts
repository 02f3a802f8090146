import { ReleasedError } from "../errors.ts";
import { History } from "./history.ts";
import { CONTROL, FIELD, RECORD, SEGMENT_RECORDS, SEGMENTS, STATE, UNIT, WORD } from "./layout.ts";
import type { LinearMemory } from "./linear.ts";

/** A block, and which of the blocks that its record has described: use after the last release is noticed. */
export interface BlockHandle {
  readonly id: number;
  readonly generation: number;
}

/** Where blocks were allocated and released, as stacks: kept only for debugging. */
export interface Stacks {
  /** What is known of a block, as the end of a message. */
  of(handle: BlockHandle): string;
}

/**
 * The block table: records of 16 words in shared memory. The only file that changes a reference count.
 *
 *     id 1 … 1023 in segment 0, 1024 … 3071 in segment 1, … : segment s begins with id 1024·(2^s − 1)
 */
export class BlockTable {
  readonly history: History;
  readonly #linear: LinearMemory;
  readonly #stacks: Stacks | undefined;
  /** What originOf() has found, 0 for nothing yet: at() is called ten times to allocate a block. */
  readonly #origins = new Int32Array(SEGMENTS);

  constructor(linear: LinearMemory, thread: number, stacks: Stacks | undefined) {
    this.#linear = linear;
    this.#stacks = stacks;
    this.history = new History(linear, thread);
  }

  /** Index of a record's first word in the Int32Array over the memory. */
  at(id: number): number {
    const segment = 31 - Math.clz32((id >>> 10) + 1);
    return (this.#origins[segment]! || this.#originOf(segment)) + id * (RECORD / 4);
  }

  /** Where id 0 would be if a segment reached so far down: once it is there, it stays where it is. */
  #originOf(segment: number): number {
    const address = this.#linear.i32[CONTROL / 4 + WORD.directory + segment]!;
    const first = ((1 << segment) - 1) * SEGMENT_RECORDS;
    const origin = address * (UNIT / 4) - first * (RECORD / 4);
    if (address !== 0) this.#origins[segment] = origin;
    return origin;
  }

  /** How many ids there are, 0 (nothing) included. */
  get count(): number {
    return ((1 << this.#linear.i32[CONTROL / 4 + WORD.segments]!) - 1) * SEGMENT_RECORDS;
  }

  /** Whether there is a record with this id. */
  has(id: number): boolean {
    return Number.isInteger(id) && id >= 1 && id < this.count;
  }

  get(id: number, field: number): number {
    return this.#linear.i32[this.at(id) + field]!;
  }

  set(id: number, field: number, value: number): void {
    this.#linear.i32[this.at(id) + field] = value;
  }

  /** The reference count; 0 if the handle is stale. */
  refs(handle: BlockHandle): number {
    const record = this.at(handle.id);
    return this.#describes(record, handle) ? Atomics.load(this.#linear.i32, record + FIELD.refs) : 0;
  }

  #describes(record: number, { generation }: BlockHandle): boolean {
    const words = this.#linear.i32;
    return words[record + FIELD.generation] === generation && words[record + FIELD.state] === STATE.block;
  }

  /**
   * As refs(), but perhaps not the newest count, if another thread has just changed it: for who compares and exchanges it next.
   * (Atomics.load takes longer than that.) Who holds a reference does not see 0: that is older than its own.
   */
  #glimpse(record: number, handle: BlockHandle): number {
    return this.#describes(record, handle) ? this.#linear.i32[record + FIELD.refs]! : 0;
  }

  /**
   * One reference more.
   * @throws ReleasedError if the block is gone.
   */
  retain(handle: BlockHandle): void {
    this.#change(handle, 1);
  }

  /**
   * One reference less; returns how many are left.
   * @throws ReleasedError if the block is gone.
   */
  release(handle: BlockHandle): number {
    return this.#change(handle, -1);
  }

  /** As release(), but false, and nothing done, if it is the last. */
  releaseShared(handle: BlockHandle): boolean {
    return this.#glimpse(this.at(handle.id), handle) !== 1 && this.#change(handle, -1, 1) > 0;
  }

  /**
   * One reference more, that nobody holds until adopt(): it travels in a message.
   * @throws ReleasedError if the block is gone.
   */
  post(handle: BlockHandle): void {
    this.retain(handle);
    Atomics.add(this.#linear.i32, this.at(handle.id) + FIELD.posted, 1);
  }

  /** Takes over a reference that post() has sent; false if none is on its way, or the block is gone. */
  adopt(handle: BlockHandle): boolean {
    if (this.refs(handle) === 0) return false;
    const words = this.#linear.i32;
    const posted = this.at(handle.id) + FIELD.posted;
    for (let count = Atomics.load(words, posted); count > 0; ) {
      const found = Atomics.compareExchange(words, posted, count, count - 1);
      if (found === count) return true;
      count = found;
    }
    return false;
  }

  /**
   * A count that is 0 stays 0, however many threads release at once by mistake. One that is `least` stays so, too: then 0 is
   * returned.
   */
  #change(handle: BlockHandle, by: 1 | -1, least = 0): number {
    const { id } = handle;
    const record = this.at(id);
    const words = this.#linear.i32;
    for (let refs = this.#glimpse(record, handle); refs > 0; ) {
      if (refs === least) return 0;
      const found = Atomics.compareExchange(words, record + FIELD.refs, refs, refs + by);
      if (found === refs) {
        this.history.note(by === 1 ? 1 : 2, id, record, refs + by);
        return refs + by;
      }
      refs = found;
    }
    throw new ReleasedError(
      `Block ${id} (generation ${handle.generation}) has been released already; its count cannot change any more.` +
        (this.#stacks?.of(handle) ?? ""),
    );
  }
}

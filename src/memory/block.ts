import { ReleasedError } from "../errors.ts";
import { CONTROL, FIELD, RECORD, SEGMENT_RECORDS, STATE, UNIT, WORD } from "./layout.ts";
import type { LinearMemory } from "./linear.ts";

/** A block, and which of the blocks that its record has described: use after the last release is noticed. */
export interface BlockHandle {
  readonly id: number;
  readonly generation: number;
}

/**
 * The block table: records of 16 words in shared memory. The only file that changes a reference count.
 *
 *     id 1 … 1023 in segment 0, 1024 … 3071 in segment 1, … : segment s begins with id 1024·(2^s − 1)
 */
export class BlockTable {
  readonly #linear: LinearMemory;

  constructor(linear: LinearMemory) {
    this.#linear = linear;
  }

  /** Index of a record's first word in the Int32Array over the memory. */
  at(id: number): number {
    const segment = 31 - Math.clz32((id >>> 10) + 1);
    const first = ((1 << segment) - 1) * SEGMENT_RECORDS;
    const words = this.#linear.i32;
    return words[CONTROL / 4 + WORD.directory + segment]! * (UNIT / 4) + (id - first) * (RECORD / 4);
  }

  /** Whether there is a record with this id. */
  has(id: number): boolean {
    const segments = this.#linear.i32[CONTROL / 4 + WORD.segments]!;
    return Number.isInteger(id) && id >= 1 && id < ((1 << segments) - 1) * SEGMENT_RECORDS;
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
    const words = this.#linear.i32;
    return words[record + FIELD.generation] === handle.generation &&
      words[record + FIELD.state] === STATE.block
      ? Atomics.load(words, record + FIELD.refs)
      : 0;
  }

  /**
   * One reference more.
   * @throws ReleasedError if the block is gone.
   */
  retain(handle: BlockHandle): void {
    this.#check(handle);
    Atomics.add(this.#linear.i32, this.at(handle.id) + FIELD.refs, 1);
  }

  /**
   * One reference less; returns how many are left.
   * @throws ReleasedError if the block is gone.
   */
  release(handle: BlockHandle): number {
    this.#check(handle);
    return Atomics.sub(this.#linear.i32, this.at(handle.id) + FIELD.refs, 1) - 1;
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

  #check(handle: BlockHandle): void {
    if (this.refs(handle) === 0) {
      throw new ReleasedError(
        `Block ${handle.id} (generation ${handle.generation}) has been released already; its count cannot change any more.`,
      );
    }
  }
}

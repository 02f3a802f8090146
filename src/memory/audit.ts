import { BINS, binOf } from "./bins.ts";
import type { BlockTable } from "./block.ts";
import { CONTROL, FIELD, STATE, WORD } from "./layout.ts";
import type { LinearMemory } from "./linear.ts";

/** Looks at all that an arena says of itself: what is wrong, a line each. Nothing is taken for granted, so it always ends. */
export class Audit {
  readonly problems: string[] = [];
  readonly #linear: LinearMemory;
  readonly #blocks: BlockTable;

  constructor(linear: LinearMemory, blocks: BlockTable) {
    this.#linear = linear;
    this.#blocks = blocks;
    const { records, holes } = this.#neighbours();
    this.#bins(holes);
    this.#reserve(records);
  }

  /** Records in address order: side by side, holes merged, sums right. */
  #neighbours(): { records: number; holes: number } {
    const blocks = this.#blocks;
    const sums = { blocks: 0, holes: 0, used: 0, requested: 0 };
    let [end, after] = [this.#read(WORD.end), 0];
    const records = this.#walk(WORD.last, FIELD.before, (id) => {
      const state = blocks.get(id, FIELD.state);
      const [offset, size] = [blocks.get(id, FIELD.offset), blocks.get(id, FIELD.size)];
      if (offset + size !== end)
        this.#say(`Record ${id} ends at unit ${offset + size}, its neighbour begins at ${end}.`);
      if (blocks.get(id, FIELD.after) !== after)
        this.#say(`Record ${id} does not know its neighbour ${after}.`);
      if (state === STATE.unused) this.#say(`Record ${id} is unused, but between others.`);
      if (state === STATE.hole) {
        sums.holes += 1;
        if (after !== 0 && blocks.get(after, FIELD.state) === STATE.hole)
          this.#say(`Holes ${id} and ${after} are not merged.`);
      } else sums.used += size;
      if (state === STATE.block) {
        sums.blocks += 1;
        sums.requested += blocks.get(id, FIELD.requested) >>> 0;
        if (blocks.get(id, FIELD.refs) < 1) this.#say(`Block ${id} has no reference.`);
      }
      [end, after] = [offset, id];
    });
    const begin = this.#read(WORD.begin);
    if (end !== begin) this.#say(`The first record begins at unit ${end}, the arena at ${begin}.`);
    this.#sum("blocks", this.#read(WORD.blocks), sums.blocks);
    this.#sum("holes", this.#read(WORD.holes), sums.holes);
    this.#sum("used", this.#read(WORD.used), sums.used);
    this.#sum("requested", this.#linear.f64[(CONTROL / 4 + WORD.requested) / 2]!, sums.requested);
    return { records, holes: sums.holes };
  }

  /** Each hole is in the bin of its size, and the bitmap tells which bins have any. */
  #bins(holes: number): void {
    const blocks = this.#blocks;
    let listed = 0;
    for (let bin = 0; bin < BINS; ++bin) {
      let previous = 0;
      listed += this.#walk(WORD.bins + bin, FIELD.next, (id) => {
        const right =
          blocks.get(id, FIELD.state) === STATE.hole &&
          binOf(blocks.get(id, FIELD.size)) === bin &&
          blocks.get(id, FIELD.previous) === previous;
        if (!right)
          this.#say(`Bin ${bin} has record ${id} behind ${previous}, which is no hole of that bin.`);
        previous = id;
      });
      const told = ((this.#read(WORD.bitmap + (bin >>> 5)) >>> (bin & 31)) & 1) === 1;
      if (told !== previous > 0) this.#say(`Bin ${bin} is told as ${told ? "in use" : "empty"}, and is not.`);
    }
    this.#sum("holes in bins", listed, holes);
  }

  /** Records that are not in use are in reserve. */
  #reserve(records: number): void {
    const blocks = this.#blocks;
    const spare = this.#walk(WORD.spareRecord, FIELD.next, (id) => {
      if (blocks.get(id, FIELD.state) !== STATE.unused) this.#say(`Record ${id} is in use, and in reserve.`);
    });
    this.#sum("records in reserve", this.#read(WORD.spareRecords), spare);
    this.#sum("records", records + spare, blocks.count - 1);
  }

  /** Visits a list from a control word on, as far as it leads somewhere and not in a circle; returns its length. */
  #walk(word: number, field: number, visit: (id: number) => void): number {
    const blocks = this.#blocks;
    let id = this.#read(word);
    let length = 0;
    for (; blocks.has(id) && length < blocks.count; ++length) {
      visit(id);
      id = blocks.get(id, field);
    }
    if (id !== 0) this.#say(`A list leads to record ${id}${blocks.has(id) ? " again" : ", which is none"}.`);
    return length;
  }

  #read(word: number): number {
    return this.#linear.i32[CONTROL / 4 + word]!;
  }

  #sum(name: string, told: number, right: number): void {
    if (told !== right) this.#say(`${name} should be ${right}, but is told as ${told}.`);
  }

  #say(problem: string): void {
    this.problems.push(problem);
  }
}

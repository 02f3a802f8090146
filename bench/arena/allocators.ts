import type { Context, NDArray } from "../../src/index.ts";
import { Lot } from "../common/lot.ts";
import { Tlsf } from "./tlsf.ts";

/** The small array that all of this is about: 4 × 4 of float64. */
const ELEMENTS = 16;
const BYTES = 8 * ELEMENTS;

/** Somebody who gives out memory for small arrays. Every loop is its own: see timedLoop(). */
export interface Allocator {
  readonly who: string;
  /** Takes so many, and keeps them. */
  keep(count: number): void;
  /** Takes one and gives it back, so many times. */
  cycle(calls: number): void;
  /** Gives back one of those kept, by lot, and keeps another in its stead, so many times. */
  replace(calls: number): void;
  /** Bytes that one takes beyond its elements, where that can be told. */
  overhead?(): number;
}

/** The arena alone: what la.zeros() and all others get their blocks from. */
export class ArenaBlocks implements Allocator {
  readonly who = "arena";
  readonly #arena: NDArray["store"]["arena"];
  readonly #lot = new Lot();
  /** Of the blocks kept. (As numbers: a million objects would be the collector's, not the arena's.) */
  readonly #ids: number[] = [];
  readonly #generations: number[] = [];

  constructor(la: Context) {
    this.#arena = la.zeros([1]).store.arena;
  }

  keep(count: number): void {
    for (let i = 0; i < count; ++i) {
      const { id, generation } = this.#arena.allocate(BYTES);
      this.#ids.push(id);
      this.#generations.push(generation);
    }
  }

  cycle(calls: number): void {
    const arena = this.#arena;
    for (let i = 0; i < calls; ++i) arena.release(arena.allocate(BYTES));
  }

  replace(calls: number): void {
    const arena = this.#arena;
    const ids = this.#ids;
    const generations = this.#generations;
    for (let i = 0; i < calls; ++i) {
      const at = this.#lot.draw(ids.length);
      arena.release({ id: ids[at]!, generation: generations[at]! });
      const { id, generation } = arena.allocate(BYTES);
      ids[at] = id;
      generations[at] = generation;
    }
  }

  /** Its record in the block table; 128 bytes are not rounded up. */
  overhead(): number {
    return this.#arena.stats().table / this.#arena.blocks.count;
  }
}

/** Whole arrays: what users call. */
export class Zeros implements Allocator {
  readonly who = "la.zeros";
  readonly #la: Context;
  readonly #lot = new Lot();
  readonly #kept: NDArray[] = [];

  constructor(la: Context) {
    this.#la = la;
  }

  keep(count: number): void {
    for (let i = 0; i < count; ++i) this.#kept.push(this.#la.zeros([4, 4]));
  }

  cycle(calls: number): void {
    const la = this.#la;
    for (let i = 0; i < calls; ++i) la.zeros([4, 4]).release();
  }

  replace(calls: number): void {
    const la = this.#la;
    const kept = this.#kept;
    for (let i = 0; i < calls; ++i) {
      const at = this.#lot.draw(kept.length);
      kept[at]!.release();
      kept[at] = la.zeros([4, 4]);
    }
  }
}

/** What a program in AssemblyScript has. */
export class TlsfBlocks implements Allocator {
  readonly who = "AssemblyScript TLSF";
  readonly #tlsf = new Tlsf();
  readonly #lot = new Lot();
  readonly #kept: number[] = [];

  keep(count: number): void {
    for (let i = 0; i < count; ++i) this.#kept.push(this.#tlsf.alloc(BYTES));
  }

  cycle(calls: number): void {
    const { alloc, free } = this.#tlsf;
    for (let i = 0; i < calls; ++i) free(alloc(BYTES));
  }

  replace(calls: number): void {
    const { alloc, free } = this.#tlsf;
    const kept = this.#kept;
    for (let i = 0; i < calls; ++i) {
      const at = this.#lot.draw(kept.length);
      free(kept[at]!);
      kept[at] = alloc(BYTES);
    }
  }

  overhead(): number {
    return this.#tlsf.sizeOf(this.#kept[0]!) - BYTES;
  }
}

/** What JavaScript has: nothing is given back, but the collector works in the same time. */
export class TypedArrays implements Allocator {
  readonly who = "new Float64Array + GC";
  readonly #lot = new Lot();
  readonly #kept: Float64Array[] = [];
  /** What was made last: so that no compiler may leave it out. */
  last: Float64Array | undefined;

  keep(count: number): void {
    for (let i = 0; i < count; ++i) this.#kept.push(new Float64Array(ELEMENTS));
  }

  cycle(calls: number): void {
    for (let i = 0; i < calls; ++i) this.last = new Float64Array(ELEMENTS);
  }

  replace(calls: number): void {
    const kept = this.#kept;
    for (let i = 0; i < calls; ++i) kept[this.#lot.draw(kept.length)] = new Float64Array(ELEMENTS);
  }
}

import type { Suffix } from "../../src/kernels/exports.ts";

/**
 * Integers by 16807 · x mod 2³¹ - 1. Doubles compute that exactly, with * and % alone, so that every engine draws the
 * same numbers whatever its Math does.
 */
export class Lcg {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed % 2147483646) + 1;
  }

  next(): number {
    this.#state = (this.#state * 16807) % 2147483647;
    return this.#state;
  }

  below(n: number): number {
    return this.next() % n;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** A full significand between -4 and 4, exact in the element type: an integer of 24 (53) bits over 2²¹ (2⁵⁰). */
  value(suffix: Suffix): number {
    if (suffix === "f32") return ((this.next() >> 7) - 8388608) / 2097152;
    return ((this.next() >> 5) * 134217728 + (this.next() >> 4) - 4503599627370496) / 1125899906842624;
  }
}

/** Numbers by lot, faster than Math.random() and the same in each run. */
export class Lot {
  #state: number;

  constructor(seed = 1) {
    // Else the first numbers of seeds that follow one another would be alike.
    this.#state = Math.imul(seed, 0x9e3779b9);
  }

  /** From 0 to count − 1. */
  draw(count: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) | 0;
    return Math.floor(((this.#state >>> 0) / 2 ** 32) * count);
  }
}

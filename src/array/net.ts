import type { BlockHandle } from "../memory/block.ts";
import type { NDArray } from "./ndarray.ts";

/** Handles that are younger than this many others are not registered yet. */
const RECENT = 256;

/** What a handle holds: kept up to date by the handle while it lives. */
export interface Hold {
  readonly block: BlockHandle;
  refs: number;
}

/**
 * Releases what was forgotten: a net, not a way to do without release(), as engines collect late or never.
 *
 * Registering a handle takes half a microsecond, as long as all else that is done for a small array. Most handles are released
 * at once: so a new one is kept in a ring, and registered only when 256 younger ones have pushed it out.
 */
export class Net {
  readonly #ring: (NDArray | undefined)[] = new Array(RECENT).fill(undefined);
  #next = 0;
  readonly #registry: FinalizationRegistry<Hold>;

  /** @param caught is called with what an array held that was collected as garbage: to release it. */
  constructor(caught: (forgotten: Hold) => void) {
    this.#registry = new FinalizationRegistry(caught);
  }

  /** Watches over a new handle. */
  add(array: NDArray): void {
    const oldest = this.#ring[this.#next];
    this.#ring[this.#next] = array;
    this.#next = (this.#next + 1) % RECENT;
    if (oldest !== undefined && !oldest.released) this.#register(oldest);
  }

  /** Registers all: from now on the engine may collect any of them. */
  flush(): void {
    for (const array of this.#ring.splice(0, RECENT, ...new Array<undefined>(RECENT).fill(undefined))) {
      if (array !== undefined && !array.released) this.#register(array);
    }
  }

  /** A registered handle has been released. */
  remove(hold: Hold): void {
    this.#registry.unregister(hold);
  }

  #register(array: NDArray): void {
    const hold = array.watch();
    this.#registry.register(array, hold, hold);
  }
}

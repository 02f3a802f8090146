import type { BlockHandle, Stacks } from "./block.ts";
import { UNIT } from "./layout.ts";

/** What freed and new blocks are filled with: every float of it is NaN. */
const POISON = 0xff;
/** What stands around a block: unlikely as a float, an integer or an address (CPython's FORBIDDENBYTE). */
const GUARD = 0xfd;

/** The stack of who calls, without the library's own first lines. */
function stackHere(): string {
  const lines = (new Error().stack ?? "").split("\n");
  return lines
    .filter((line) => /^\s+at |@/.test(line))
    .slice(3, 12)
    .join("\n");
}

/**
 * What `init({ debug: true })` adds to an arena: where blocks of this thread were allocated and released, and a guard unit
 * before and behind every block.
 *
 *     │ 64 bytes of 0xFD │ data, at first NaN │ 0xFD to the end of the unit, and 64 more │
 */
export class Debug implements Stacks {
  readonly #stacks = new Map<number, { generation: number; allocated: string; released?: string }>();

  allocated({ id, generation }: BlockHandle): void {
    this.#stacks.set(id, { generation, allocated: stackHere() });
  }

  released({ id, generation }: BlockHandle): void {
    const known = this.#stacks.get(id);
    if (known?.generation === generation) known.released = stackHere();
  }

  /** Where a block was allocated, if this thread did it. */
  allocation({ id, generation }: BlockHandle): string | undefined {
    const known = this.#stacks.get(id);
    return known?.generation === generation ? known.allocated : undefined;
  }

  of({ id, generation }: BlockHandle): string {
    const known = this.#stacks.get(id);
    if (known?.generation !== generation) return "";
    const released = known.released ? `\nReleased:\n${known.released}` : "";
    return `\nAllocated:\n${known.allocated}${released}`;
  }
}

/** Makes a new block's guards, and its data NaN. `block` is all of it. */
export function guard(block: Uint8Array, requested: number): void {
  block.fill(GUARD);
  block.fill(POISON, UNIT, UNIT + requested);
}

/** Makes all of a freed block NaN. */
export function poison(block: Uint8Array): void {
  block.fill(POISON);
}

/** How many bytes from the start of the data the first guard byte is that was written over; undefined if none was. */
export function trespass(block: Uint8Array, requested: number): number | undefined {
  const before = block.subarray(0, UNIT).findLastIndex((byte) => byte !== GUARD);
  if (before >= 0) return before - UNIT;
  const behind = block.subarray(UNIT + requested).findIndex((byte) => byte !== GUARD);
  return behind < 0 ? undefined : requested + behind;
}

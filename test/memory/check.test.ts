import { describe, expect, test } from "vitest";
import type { Arena } from "../../src/memory/arena.ts";
import { BINS } from "../../src/memory/bins.ts";
import type { BlockHandle } from "../../src/memory/block.ts";
import { CONTROL, FIELD, STATE, WORD } from "../../src/memory/layout.ts";
import { arenaOf } from "./model.ts";

// What check() says is believed by every other test of the arena. Here every word that it could find wrong is made wrong.

/** Blocks, and holes of several sizes, some of them in one bin. */
function arena(): { arena: Arena; blocks: BlockHandle[] } {
  const made = arenaOf({ pages: 1 });
  const handles = Array.from({ length: 24 }, (_, i) => made.allocate(8 + (i % 5 === 0 ? 100 * i : 0)));
  const released = handles.filter((_, i) => [1, 3, 5, 7, 10, 15, 16].includes(i));
  for (const handle of released) made.release(handle);
  return { arena: made, blocks: handles.filter((handle) => !released.includes(handle)) };
}

/** What a word may have become. */
const wrongOf = (right: number): number[] =>
  [0, 1, -1, 5, right ^ 4, right + 1, 2 ** 30, -(2 ** 31)].filter((value) => value !== right);

const { arena: whole, blocks } = arena();
const words = whole.linear.i32;
const saved = words.slice();
const list = whole.list();

/** Every wrong value of a word is found, and put right: the blocks are as they were. */
function findsWrong(word: number, what: string): void {
  for (const value of wrongOf(saved[word]!)) {
    words[word] = value;
    const { problems, repaired } = whole.check();
    if (problems.length === 0 || !repaired)
      expect.fail(`${what} (word ${word}) was ${saved[word]}; nobody minds that it is ${value}`);
    expect(whole.check(), what).toEqual({ problems: [], repaired: false });
    expect(whole.list().map(({ id: _, generation: __, ...piece }) => piece)).toEqual(pieces);
    for (const block of blocks) expect(whole.blocks.refs(block)).toBe(1);
    words.set(saved);
  }
}
const pieces = list.map(({ id: _, generation: __, ...piece }) => piece);

describe("check() finds what is wrong, and puts it right", () => {
  test("nothing is wrong at first", () => {
    expect(whole.check()).toEqual({ problems: [], repaired: false });
    expect(list.filter(({ state }) => state === "hole").length).toBeGreaterThan(4);
  });

  test.each(["used", "blocks", "holes", "end", "last", "spareRecord", "spareRecords"] as const)(
    "the control word %s",
    (name) => findsWrong(CONTROL / 4 + WORD[name], name),
  );

  test("the sum of what was asked for", () => {
    const at = CONTROL / 4 + WORD.requested;
    findsWrong(at + 1, "requested");
  });

  test("which bins are in use, and the first hole of each", () => {
    for (let bin = 0; bin < BINS; bin += bin < 40 ? 1 : 7) {
      const word = CONTROL / 4 + WORD.bitmap + (bin >>> 5);
      words[word]! ^= 1 << (bin & 31);
      expect(whole.check().repaired, `bit of bin ${bin}`).toBe(true);
      words.set(saved);
      findsWrong(CONTROL / 4 + WORD.bins + bin, `bin ${bin}`);
    }
  });

  test("neighbours of blocks and holes, size and place of holes, and their lists", () => {
    const ofBlocks = ["before", "after"] as const;
    const ofHoles = [...ofBlocks, "previous", "next", "offset", "size", "state"] as const;
    for (const { id, state } of list) {
      for (const field of state === "hole" ? ofHoles : ofBlocks)
        findsWrong(whole.blocks.at(id) + FIELD[field], `${field} of ${state} ${id}`);
    }
  });

  test("records in reserve", () => {
    const unused = Array.from({ length: whole.blocks.count - 1 }, (_, i) => i + 1).filter(
      (id) => whole.blocks.get(id, FIELD.state) === STATE.unused,
    );
    expect(unused.length).toBeGreaterThan(900);
    for (const id of unused.filter((_, i) => i % 97 === 0)) {
      findsWrong(whole.blocks.at(id) + FIELD.next, `next of ${id}`);
      findsWrong(whole.blocks.at(id) + FIELD.state, `state of ${id}`);
    }
  });

  test("a block without references, that no list knows to be gone", () => {
    const { id } = blocks[2]!;
    words[whole.blocks.at(id) + FIELD.refs] = 0;
    expect(whole.check().problems).toEqual([`Block ${id} has no reference.`]);
    expect(whole.list().filter(({ state }) => state === "block")).toHaveLength(blocks.length - 1);
    expect(whole.check().problems).toEqual([]);
    words.set(saved);
  });
});

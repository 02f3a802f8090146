import { describe, expect, test } from "vitest";
import { paceNotes, ReferenceKernel, withPace } from "../../bench/common/reference.ts";
import { init } from "../../src/index.ts";

describe("the machine's pace", () => {
  test("of rows is in units of the best of the run, with a note where it was slow", () => {
    const rows = [
      { machine: [100, 98, 102], notes: ["hot"] },
      { machine: [80, 85, 82] },
      { machine: [] },
      { notes: ["counted"] },
    ];
    expect(withPace(rows, [100, 98, 102, 80, 85, 82, 125])).toEqual([
      { machine: [0.8, 0.784, 0.816], notes: ["hot", "the machine was at 80 % of its best"] },
      { machine: [0.64, 0.68, 0.656], notes: ["the machine was at 66 % of its best"] },
      { machine: [] },
      { notes: ["counted"] },
    ]);
    expect(withPace([{ machine: [96] }], [100])).toEqual([{ machine: [0.96], notes: [] }]);
  });

  test.each([
    ["steady", Array(20).fill(100), []],
    ["slowing", Array.from({ length: 21 }, (_, i) => 100 - i), ["the machine slowed by 14 % during the run"]],
    [
      "recovering",
      Array.from({ length: 21 }, (_, i) => 80 + i),
      ["the machine became faster by 17 % during the run"],
    ],
    [
      "bursting once",
      [...Array(10).fill(100), 130, ...Array(10).fill(100)],
      ["the machine was at 77 % of its best, or less, for half of the run"],
    ],
    ["hardly looked at", [100, 50], []],
    ["with one look spoilt", [...Array(10).fill(100), 20, ...Array(10).fill(100)], []],
  ])("of a run: %s", (_, paces, notes) => {
    expect(paceNotes(paces)).toEqual(notes);
  });

  test("is that of real products, and leaves nothing in the arena", async () => {
    const la = await init({ threads: 1 });
    const { blocks } = la.arena.stats();
    const reference = await ReferenceKernel.of(la, 0.001, () => false);
    for (let i = 0; i < 3; ++i) expect(reference.pace()).toBeGreaterThan(0);
    expect(reference.paces).toHaveLength(3);
    reference.release();
    expect(la.arena.stats().blocks).toBe(blocks);
    la.close();
  });
});

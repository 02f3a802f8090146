import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest";
import { JUPYTER } from "../../src/base/picture.ts";
import type { Context, NDArray } from "../../src/index.ts";
import { context } from "../helpers/context.ts";
import { parse } from "../helpers/svg.ts";

let la: Context;
beforeEach(async () => {
  la = await context();
});
afterEach(() => la.close());

/** Arrays of each kind; each is made in a new context. */
const ARRAYS: Record<string, (la: Context) => NDArray> = {
  small: (la) => la.array([1, 2.5, -3, 40]).reshape([2, 2]),
  big: (la) => la.array(la.arange(6000).reshape([60, 100]), { name: "weights" }),
  "zero-d": (la) => la.full([], 0.1, { dtype: "float32" }),
  empty: (la) => la.zeros([0, 3]),
  row: (la) => la.arange(5),
  strided: (la) => la.arange(24).reshape([4, 6]).slice([1, null, 2], [null, null, -2]),
  stack: (la) => la.arange(12).reshape([2, 3, 2]),
  "big-stack": (la) => la.arange(2 * 9 * 100, undefined, 1, { dtype: "float32" }).reshape([2, 9, 100]),
  odd: (la) => la.array([NaN, Infinity, -Infinity, -0, 0.5, 1e-300]).reshape([3, 2]),
  hostile: (la) => la.ones([1], { name: '</b>"<i>&\u0007' }),
};

/** The texts of a table's rows; what stays apart by blanks that stay, by usual ones. */
function table(html: string): string[][] {
  return html
    .split("<tr")
    .slice(1)
    .map((row) =>
      Array.from(row.matchAll(/<t[dh][^>]*>([^<]*)/g), ([, text]) => text!.replaceAll("\u00a0", " ")),
    );
}

/** The words of NumPy's text. */
const words = (text: string): string[] =>
  text.split(/[[\]\s]+/).filter((word) => word !== "" && word !== "...");

describe.each(Object.entries(ARRAYS))("%s", (name, make) => {
  it("looks as it always has", async () => {
    await expect(`${make(la).toHTML()}\n`).toMatchFileSnapshot(`../data/show/${name}.html`);
  });

  it("shows the numbers that the text shows, in its digits", () => {
    const a = make(la);
    const shown = table(a.toHTML()).slice(a.ndim === 0 || a.size === 0 ? 0 : 1);
    const cells = shown.flatMap(([, ...cells]) => cells).filter((cell) => !["", "…", "[]"].includes(cell));
    expect(cells.map((cell) => cell.trim())).toEqual(words(String(a)));
    if (a.ndim === 0) return;
    // Points and exponents stand in columns: all words are as long.
    expect(new Set(cells.map((cell) => cell.length)).size).toBeLessThanOrEqual(1);
  });

  it("is well-formed, without scripts and style sheets, and in the page's own colours", () => {
    const html = make(la).toHTML();
    const tags = new Set(parse(html).map(({ tag }) => tag));
    expect([...tags].filter((tag) => !/^(figure|figcaption|div|table|tr|th|td)$/.test(tag))).toEqual([]);
    expect(html).not.toMatch(/\bon\w+=|\bid=|\bclass=|color|background/);
  });

  it("changes nothing in the arena, however often it is shown", () => {
    const a = make(la);
    const before = la.arena.snapshot();
    for (let i = 0; i < 20; ++i) {
      a.toHTML();
      a[JUPYTER]();
      if (a.ndim < 3) a.heatmap()[JUPYTER]();
    }
    expect(la.arena.snapshot()).toEqual(before);
    expect(la.arena.leaks()).toEqual([]);
  });
});

describe("what is shown", () => {
  it("each number stands under and beside its indices", () => {
    const a = la.arange(2400).reshape([10, 12, 20]);
    const [headings, ...rows] = table(a.toHTML());
    let numbers = 0;
    for (const [heading, ...cells] of rows) {
      cells.forEach((cell, i) => {
        const column = headings![i + 1]!;
        if (heading === "⋮") expect(cell).toBe("");
        else if (column === "…") expect(cell).toBe("…");
        else {
          numbers += 1;
          expect(Number(cell)).toBe(a.at(...`${heading}, ${column}`.split(", ").map(Number)));
        }
      });
    }
    expect(numbers).toBe(6 ** 3);
    expect(rows.filter(([heading]) => heading === "⋮")).toHaveLength(7);
  });

  test("an empty array with a long axis costs nothing", () => {
    expect(table(la.zeros([2 ** 31, 0]).toHTML())).toEqual([["", "[]"]]);
  });

  test("the caption: dtype, shape, strides, offset, block, name, references", () => {
    const a = la.zeros([4, 6], { dtype: "float32", name: "a<b" });
    const caption = (array: NDArray): string =>
      parse(array.toHTML()).find(({ tag }) => tag === "figcaption")!.text;
    const id = la.arena.blocks()[0]!.id;
    expect(caption(a)).toBe(`float32 · shape (4, 6) · strides (6, 1) · block #${id} “a<b” · 1 reference`);
    const view = a.slice([1, null], [null, null, 2]);
    expect(caption(view)).toBe(
      `float32 · shape (3, 3) · strides (6, 2) (not contiguous) · offset 6 · block #${id} “a<b” · 2 references`,
    );
    a.release();
    expect(caption(view)).toContain("1 reference");
  });

  test("of an array that has been released, or whose context is closed: that, and no error", () => {
    const [a, b] = [la.zeros([2, 3]), la.ones([2])];
    a.release();
    expect(a.toHTML()).toBe("<code>array(released, shape=(2, 3), dtype=float64)</code>");
    expect(a[JUPYTER]()).toEqual({ "text/plain": inspect(a), "text/html": a.toHTML() });
    la.close();
    expect(b.toHTML()).toBe("<code>array(released, shape=(2,), dtype=float64)</code>");
    expect([inspect(b), `${b}`]).toEqual(Array(2).fill("array(released, shape=(2,), dtype=float64)"));
  });
});

describe("notebooks", () => {
  test("those with Jupyter's symbol get repr() and the table", () => {
    const a = la.eye(2);
    expect(JUPYTER).toBe(Symbol.for("Jupyter.display"));
    expect(a[JUPYTER]()).toEqual({ "text/plain": inspect(a), "text/html": a.toHTML() });
  });

  test("without a DOM toElement() says what to take", () => {
    const refusal = expect.objectContaining({
      code: "UNSUPPORTED",
      message: expect.stringContaining("toHTML()"),
    });
    expect(() => la.eye(2).toElement()).toThrow(refusal);
    expect(() => la.eye(2).heatmap().toElement()).toThrow(refusal);
  });

  test("with one it gives the element that toHTML() describes", () => {
    const document = {
      createElement: (tag: string) => {
        const content = { firstElementChild: "" };
        return {
          tag,
          content,
          set innerHTML(html: string) {
            content.firstElementChild = `element of ${html}`;
          },
        };
      },
    };
    vi.stubGlobal("document", document);
    const a = la.eye(2);
    expect(a.toElement()).toBe(`element of ${a.toHTML()}`);
    vi.unstubAllGlobals();
  });
});

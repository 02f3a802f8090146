import { inspect } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { JUPYTER } from "../../src/base/picture.ts";
import type { Context } from "../../src/index.ts";
import type { HistoryEvent } from "../../src/memory/history.ts";
import { axisOf, bytes, type MapData } from "../../src/memory/map-axis.ts";
import { mapHTML, mapSVG } from "../../src/memory/map-svg.ts";
import { mapText } from "../../src/memory/map-text.ts";
import type { BlockInfo } from "../../src/memory/snapshot.ts";
import { timelineSVG } from "../../src/memory/timeline-svg.ts";
import { timelineText } from "../../src/memory/timeline-text.ts";
import { context, refuses } from "../helpers/context.ts";
import { cells, type Element, expectApart, parse } from "../helpers/svg.ts";

// ---- arenas ---------------------------------------------------------------------------------------------------------

type Part = Partial<BlockInfo> & Pick<BlockInfo, "size">;

const KiB = 1024;
const hole = (size: number): Part => ({ size, state: "hole" });
const block = (name: string, rows: number, columns: number, more: Partial<BlockInfo> = {}): Part => {
  const dtype = more.dtype ?? "float64";
  const size = Math.ceil((rows * columns * (dtype === "float64" ? 8 : 4)) / 64) * 64;
  return { name, size, dtype, shape: [rows, columns], ...more };
};

/** An arena of parts that lie side by side. */
const arena = (...parts: Part[]): MapData => arenaOf(parts);

function arenaOf(parts: readonly Part[]): MapData {
  let address = 0x420000;
  const blocks = parts.map((part, i): BlockInfo => {
    const { state = "block", size } = part;
    const more = { refs: state === "block" ? 1 : 0, requested: 0, posted: 0, generation: 1, thread: 1 };
    const info = { id: i + 1, state, name: "", dtype: "", shape: [], ...more, ...part, address };
    address += size;
    return info;
  });
  const sum = (some: readonly BlockInfo[]): number => some.reduce((total, { size }) => total + size, 0);
  const holes = blocks.filter(({ state }) => state === "hole");
  const largestHole = holes.reduce((largest, { size }) => Math.max(largest, size), 0);
  const [capacity, free] = [sum(blocks), sum(holes)];
  const stats = {
    capacity,
    used: capacity - free,
    free,
    largestHole,
    blocks: blocks.filter(({ state }) => state === "block").length,
    holes: holes.length,
    peak: capacity - free,
    requested: 0,
    fragmentation: free === 0 ? 0 : 1 - largestHole / free,
    table: 65536,
    allocations: parts.length,
    frees: 0,
  };
  return { stats, blocks };
}

const numbers = (count: number, of: (i: number) => Part): Part[] =>
  Array.from({ length: count }, (_, i) => of(i));

const ARENAS: Record<string, MapData> = {
  empty: arena(hole(60 * KiB * KiB)),
  full: arena(block("a", 64, 64), block("b", 64, 64)),
  lecture: arena(
    block("a", 64, 64, { refs: 2 }),
    block("f", 40, 64),
    hole(12 * KiB),
    block("d", 32, 64),
    block("e", 96, 64),
    hole(60 * KiB * KiB),
  ),
  kinds: arena(
    block("weights", 64, 128),
    block("x", 64, 64, { dtype: "float32", refs: 12 }),
    { name: "Lock", size: 64 },
    { size: 64, dtype: "float64", shape: [] },
    { size: 128 * KiB, state: "table" },
    { size: 8 * KiB, dtype: "float64", shape: [1024] },
    { size: 64 * KiB, dtype: "float64", shape: [16, 32, 16], name: "stack" },
  ),
  "odd-names": arena(
    block('<b>&"', 64, 64),
    block("数据", 64, 64),
    block("\u001b[2J\n", 64, 64),
    block("twelve bytes", 64, 64),
    hole(1 * KiB),
  ),
  "hole-in-the-middle": arena(block("a", 64, 64), hole(2 ** 30), block("b", 64, 64), hole(2 ** 30)),
  crowded: arena(
    ...numbers(300, (i) => (i % 2 ? hole(64 * (1 + (i % 7))) : block(`n${i}`, 8 * (1 + (i % 5)), 4))),
    { size: 8 * KiB, state: "table" },
    ...numbers(40, (i) => block(`m${i}`, 16, 16, { dtype: "float32" })),
    hole(60 * KiB * KiB),
  ),
};

// ---- reading a map --------------------------------------------------------------------------------------------------

interface Box {
  readonly fill: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** All boxes of an SVG image but those of its legend, from left to right. */
function boxesOf(elements: readonly Element[]): Box[] {
  return elements
    .filter(({ tag }) => tag === "path")
    .flatMap(({ attributes: { d, fill } }) =>
      Array.from(d!.matchAll(/M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+z/g), (found) => {
        const [x, y, width, height] = found.slice(1).map(Number) as [number, number, number, number];
        return { fill: fill!, x, y, width, height };
      }),
    )
    .filter(({ width, height }) => !(width === 26 && height === 16))
    .sort((one, other) => one.x - other.x);
}

/** The rows of a text's list. */
function listed(text: string): string[][] {
  const lines = text.split("\n");
  return lines
    .slice(lines.findIndex((line) => line.startsWith("name")) + 1)
    .map((line) => line.split(/ {2,}/));
}

// ---- maps -----------------------------------------------------------------------------------------------------------

describe.each(Object.entries(ARENAS))("map of %s", (name, data) => {
  test("as text", async () => {
    const text = mapText(data, { title: name });
    await expect(`${text}\n`).toMatchFileSnapshot(`../data/arena/${name}.txt`);
    for (const line of text.split("\n")) expect(cells(line)).toBeLessThanOrEqual(80);
  });

  test("as SVG", async () => {
    const svg = mapSVG(data, { title: name });
    await expect(`${svg}\n`).toMatchFileSnapshot(`../data/arena/${name}.svg`);
    expectApart(parse(svg));
  });
});

test("as HTML: the image, and a table of all blocks and holes", async () => {
  const html = mapHTML(ARENAS["odd-names"]!, {});
  await expect(`${html}\n`).toMatchFileSnapshot("../data/arena/odd-names.html");
  const elements = parse(html);
  expect(elements.filter(({ tag }) => tag === "svg")).toHaveLength(1);
  expect(elements.filter(({ tag }) => tag === "th").map(({ text }) => text)).toEqual([
    "name",
    "address",
    "size",
    "refs",
    "dtype",
    "shape",
  ]);
  const names = elements.filter(({ tag }) => tag === "td").map(({ text }) => text);
  expect(names.filter((_, i) => i % 6 === 0)).toEqual(['<b>&"', "数据", "?[2J?", "twelve bytes", "hole"]);
});

describe("a map", () => {
  it("is safe, whatever arrays are called: no elements, scripts, styles, ids and links of theirs", () => {
    const title = '</title><script>alert("x")</script>';
    for (const draw of [mapSVG, mapHTML]) {
      const picture = draw(ARENAS["odd-names"]!, { title });
      const elements = parse(picture);
      const tags = new Set(elements.map(({ tag }) => tag));
      for (const tag of ["div", "table", "tr", "th", "td"]) tags.delete(tag);
      expect(tags).toEqual(new Set(["svg", "title", "desc", "rect", "text", "path"]));
      expect(picture).not.toMatch(/<[^>]*\b(?:id|href|class|on\w+)=|url\(|<style/);
      expect(elements.find(({ tag }) => tag === "title")!.text).toBe(title);
    }
    expect(mapText(ARENAS["odd-names"]!, { title: "\u001b]0;x\u0007" })).not.toMatch(/[^\P{C}\n]/u);
  });

  it("has a role, a name and a description for who cannot see it", () => {
    const [svg, title, desc] = parse(mapSVG(ARENAS.lecture!, {}));
    expect(svg!.attributes.role).toBe("img");
    expect(title).toMatchObject({ tag: "title", text: "Arena" });
    expect(desc!.text).toMatch(
      /^used 116 KiB \(4 blocks\), free 60 MiB \(2 holes\), largest hole 60 MiB, peak/,
    );
  });

  it("says of a block all that there is room for", () => {
    const texts = parse(mapSVG(ARENAS.lecture!, {})).map(({ text }) => text);
    for (const what of ["a", "2 refs", "32 KiB", "float64", "(64, 64)", "1 ref", "60 MiB"])
      expect(texts).toContain(what);
    const narrow = parse(mapSVG(ARENAS.lecture!, { width: 100 }));
    expect(narrow.map(({ text }) => text)).not.toContain("2 refs");
  });

  it("tells a 0-d array, a vector, a stack, a lock, and part of the block table apart", () => {
    expect(listed(mapText(ARENAS.kinds!, {}))).toEqual([
      ["weights", "0x420000", "64 KiB", "1", "float64", "(64, 128)"],
      ["x", "0x430000", "16 KiB", "12", "float32", "(64, 64)"],
      ["Lock", "0x434000", "64 B", "1"],
      ["#4", "0x434040", "64 B", "1", "float64", "()"],
      ["table", "0x434080", "128 KiB"],
      ["#6", "0x454080", "8 KiB", "1", "float64", "(1024,)"],
      ["stack", "0x456080", "64 KiB", "1", "float64", "(16, 32, 16)"],
    ]);
  });

  it("lists of many blocks the first and the last", () => {
    const names = listed(mapText(ARENAS.crowded!, {})).map(([name]) => name);
    expect(names).toHaveLength(17);
    expect(names[0]).toBe("n0");
    expect(names[8]).toBe("… 326 more");
    expect(names[16]).toBe("hole");
    const eighteen = arena(...numbers(18, (i) => block(`n${i}`, 8, 8)));
    expect(listed(mapText(eighteen, {}))).toHaveLength(17);
    expect(listed(mapText({ ...eighteen, blocks: eighteen.blocks.slice(1) }, {}))).toHaveLength(17);
  });

  it("has the width asked for, within limits", () => {
    const boxes = (width: number | undefined): number =>
      Math.max(
        ...mapText(ARENAS.full!, { width })
          .split("\n")
          .slice(3, 7)
          .map(({ length }) => length),
      );
    expect(boxes(undefined)).toBe(80);
    for (const width of [20, 100.5, 2000]) expect(boxes(width)).toBe(Math.floor(width));
    for (const width of [-1, 1]) expect(boxes(width)).toBe(20);
    for (const width of [1e9, Infinity]) expect(boxes(width)).toBe(2000);
    expect(boxes(Number.NaN)).toBe(80);
    const widthOf = (width: number): number => {
      const all = boxesOf(parse(mapSVG(ARENAS.full!, { width })));
      return all.at(-1)!.x + all.at(-1)!.width - all[0]!.x;
    };
    for (const width of [20, 100, 2000]) expect(widthOf(width)).toBe(width);
  });

  it.each([1e5, 1e6])("is small, and soon done, with %d blocks", (count) => {
    const parts = numbers(count, (i) =>
      i % 2
        ? hole(64 * (1 + (i % 11)))
        : { name: `n${i}`, size: 64 * (1 + (i % 7)), dtype: i % 3 ? "float64" : "float32", shape: [i] },
    );
    const data = arenaOf([...parts, { size: 64 }, hole(2 ** 30)]);
    const begin = performance.now();
    const text = mapText(data, {});
    const svg = mapSVG(data, { width: 2000 });
    const html = mapHTML(data, {});
    expect(performance.now() - begin).toBeLessThan(count / 40);
    expect(text.split("\n")).toHaveLength(26);
    expect(svg.length).toBeLessThan(100_000);
    expect(html.length).toBeLessThan(100_000);
    expectApart(parse(svg));
  });
});

/** Any arena: no two holes side by side, from one part to hundreds, sizes from a line to hundreds of megabytes. */
const anyArena = fc
  .array(
    fc.record({
      units: fc.oneof(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 1e4 }),
        fc.integer({ min: 1, max: 5e6 }),
      ),
      state: fc.constantFrom<BlockInfo["state"]>("block", "block", "hole", "table"),
      name: fc.oneof(fc.constant(""), fc.string({ maxLength: 6 }), fc.constantFrom("<&>", "数据")),
      refs: fc.integer({ min: 1, max: 1000 }),
      dtype: fc.constantFrom("float64", "float32", ""),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((parts) =>
    arena(
      ...parts.map(({ units, state, name, refs, dtype }, i): Part => {
        const isHole = state === "hole" && parts[i - 1]?.state !== "hole";
        if (isHole) return hole(64 * units);
        return state === "table"
          ? { size: 64 * units, state }
          : { size: 64 * units, name, refs, dtype, shape: dtype === "" ? [] : [8, units] };
      }),
    ),
  )
  .filter(({ blocks }) =>
    blocks.every(({ state }, i) => state !== "hole" || blocks[i + 1]?.state !== "hole"),
  );
const anyWidth = fc.oneof(fc.integer({ min: 20, max: 120 }), fc.integer({ min: 20, max: 2000 }));

describe("any arena", () => {
  test("pieces lie side by side, to scale, but for holes that are cut and what would not be seen", () => {
    fc.assert(
      fc.property(anyArena, anyWidth, fc.constantFrom(2, 3), ({ blocks, stats }, columns, least) => {
        const { edges, cut, crowded } = axisOf(blocks, columns, least);
        expect(edges).toHaveLength(blocks.length + 1);
        expect(edges[0]).toBe(0);
        expect(edges.at(-1)).toBeCloseTo(columns, 6);
        const widths = blocks.map((_, i) => edges[i + 1]! - edges[i]!);
        const narrowest = Math.min(...widths);
        const scales = new Set<string>();
        blocks.forEach(({ state, size }, i) => {
          const width = widths[i]!;
          expect(cut[i]).toBe(state === "hole" && stats.used > 0 && size > stats.used);
          if (!crowded) expect(width).toBeGreaterThanOrEqual(least - 1e-6);
          if (!cut[i] && width > narrowest * 1.001) scales.add((width / size).toPrecision(6));
        });
        expect(scales.size).toBeLessThanOrEqual(1);
        for (const scale of scales)
          blocks.forEach(({ size }, i) => {
            if (cut[i] && widths[i]! > narrowest * 1.001)
              expect(widths[i]! / size).toBeLessThan(Number(scale) * 1.001);
          });
      }),
    );
  });

  test("the text's boxes are as wide as asked for, the list has every block", () => {
    fc.assert(
      fc.property(anyArena, fc.integer({ min: 20, max: 120 }), (data, width) => {
        const text = mapText(data, { width });
        const lines = text.split("\n");
        const legend = lines.findIndex((line) => /^░ hole|in use$/.test(line));
        for (const line of lines.slice(3, legend)) expect(cells(line)).toBeLessThanOrEqual(width);
        if (lines[4]!.startsWith("┌")) {
          const open = axisOf(data.blocks, width - 1, 2).cut.at(-1);
          if (!open) for (const line of lines.slice(4, 7)) expect(cells(line)).toBe(width);
          expect(lines[4]!.match(/[┌┬]/g)).toHaveLength(data.blocks.length);
        }
        const rows = listed(text);
        expect(rows).toHaveLength(Math.min(17, data.blocks.length));
        data.blocks.slice(0, 8).forEach(({ address, size }, i) => {
          expect(rows[i]).toContain(`0x${address.toString(16)}`);
          expect(rows[i]).toContain(bytes(size));
        });
      }),
    );
  });

  test("the SVG's boxes lie side by side on the axis, every block has one; its texts are apart", () => {
    fc.assert(
      fc.property(anyArena, anyWidth, (data, width) => {
        const svg = mapSVG(data, { width });
        const elements = parse(svg);
        expectApart(elements);
        expect(svg.length).toBeLessThan(100_000);
        const { crowded, edges } = axisOf(data.blocks, width, 3);
        const boxes = boxesOf(elements);
        for (const { x, y, height, width: w } of boxes) {
          expect(x).toBeGreaterThanOrEqual(20);
          expect(x + w).toBeLessThanOrEqual(20 + width + (crowded ? 1 : 0));
          expect(y).toBeGreaterThanOrEqual(84);
          expect(y + height).toBeLessThanOrEqual(84 + 84);
        }
        if (crowded) return;
        const blocks = data.blocks.flatMap(({ state }, i) => (state === "hole" ? [] : [i]));
        expect(boxes.map(({ x }) => x - 20)).toEqual(blocks.map((i) => Math.round(edges[i]!)));
        expect(boxes.map(({ x, width }) => x + width - 20)).toEqual(
          blocks.map((i) => Math.round(edges[i + 1]!)),
        );
      }),
    );
  });
});

// ---- timelines ------------------------------------------------------------------------------------------------------

/** A history that an arena can have; blocks go by their names. */
class Story {
  readonly events: HistoryEvent[] = [];
  readonly #blocks = new Map<string, { id: number; address: number; size: number; refs: number }>();
  #ids = 0;

  /** A block that is older than the recording. */
  old(name: string, address: number, size: number, refs = 1): this {
    this.#blocks.set(name, { id: ++this.#ids, address, size, refs });
    return this;
  }

  alloc(name: string, address: number, size: number): this {
    return this.old(name, address, size).#note("alloc", name);
  }

  retain(name: string): this {
    this.#blocks.get(name)!.refs += 1;
    return this.#note("retain", name);
  }

  release(name: string): this {
    const block = this.#blocks.get(name)!;
    block.refs -= 1;
    this.#note("release", name);
    return block.refs === 0 ? this.#note("free", name) : this;
  }

  #note(event: HistoryEvent["event"], name: string): this {
    const { id, address, size, refs } = this.#blocks.get(name)!;
    const ms = this.events.length / 8;
    this.events.push({ event, ms, thread: 1, id, generation: 1, address, size, requested: size, refs, name });
    return this;
  }
}

/** A program of so many steps that allocates at the first place that fits, shares, and releases. */
function program(steps: number, choice: (below: number) => number, largest: number): Story {
  const story = new Story();
  const live: { name: string; address: number; size: number; refs: number }[] = [];
  for (let step = 0; step < steps; step++) {
    const block = live[choice(live.length * 2)];
    if (block === undefined) {
      const size = 64 * (1 + choice(largest));
      let address = 0x420000;
      let at = 0;
      while (at < live.length && live[at]!.address - address < size)
        address = live[at]!.address + live[at++]!.size;
      live.splice(at, 0, { name: `n${step}`, address, size, refs: 1 });
      story.alloc(`n${step}`, address, size);
    } else if (choice(2) === 0) {
      block.refs += 1;
      story.retain(block.name);
    } else {
      block.refs -= 1;
      story.release(block.name);
      if (block.refs === 0) live.splice(live.indexOf(block), 1);
    }
  }
  return story;
}

/** Numbers that look random, and are the same every time. */
function lcg(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const lecture = new Story()
  .alloc("a", 0x420000, 32 * KiB)
  .retain("a")
  .alloc("c", 0x428000, 32 * KiB)
  .alloc("d", 0x430000, 16 * KiB)
  .release("c")
  .alloc("e", 0x434000, 48 * KiB)
  .alloc("f", 0x428000, 20 * KiB)
  .release("a")
  .release("a");

const STORIES: Record<string, [events: readonly HistoryEvent[], lost?: number]> = {
  "time-lecture": [lecture.events],
  "time-older-blocks": [
    new Story()
      .old("once", 0x420000, 8 * KiB)
      .old("shared", 0x422000, 8 * KiB, 12)
      .retain("once")
      .release("shared")
      .alloc("far", 0x420000 + 2 ** 28, 16 * KiB)
      .release("once")
      .release("once").events,
    3,
  ],
  "time-odd-names": [
    new Story()
      .alloc('<b>&"', 0x420000, KiB)
      .alloc("数据", 0x420400, KiB)
      .alloc("\u001b[2J", 0x420800, KiB)
      .alloc("", 0x420c00, KiB)
      .release("数据").events,
  ],
  "time-crowded": [program(2000, lcg(5), 200).events],
};

describe.each(Object.entries(STORIES))("timeline: %s", (name, [events, lost = 0]) => {
  test("as text", async () => {
    const text = timelineText(events, { title: name }, lost);
    await expect(`${text}\n`).toMatchFileSnapshot(`../data/arena/${name}.txt`);
    for (const line of text.split("\n")) expect(cells(line)).toBeLessThanOrEqual(80);
  });

  test("as SVG", async () => {
    const svg = timelineSVG(events, { title: name }, lost);
    await expect(`${svg}\n`).toMatchFileSnapshot(`../data/arena/${name}.svg`);
    expectApart(parse(svg));
  });
});

describe("a timeline", () => {
  it("shows each span of a block's life where it lies, and the holes", () => {
    const boxes = boxesOf(parse(timelineSVG(lecture.events, {}, 0)));
    // 9 events, 72 pixels each; 300 pixels for 128 KiB.
    const all = boxes.map(({ x, width, y, height }) => [
      (x - 100) / 72,
      width / 72,
      384 - y - height,
      height,
    ]);
    expect(all).toEqual([
      [1, 1, 0, 74],
      [2, 6, 0, 74],
      [3, 2, 75, 74],
      [4, 6, 150, 37],
      [5, 5, 75, 74],
      [6, 4, 188, 111],
      [7, 3, 75, 46],
      [8, 1, 0, 74],
      [9, 1, 0, 74],
    ]);
  });

  it("says how many events found no room, and marks the peak", () => {
    for (const draw of [timelineText, timelineSVG]) {
      expect(draw(lecture.events, {}, 7)).toContain("at most 116 KiB at once; 7 events found no room");
      expect(draw(lecture.events, {}, 0)).toContain("peak 116 KiB");
      expect(draw(lecture.events, {}, 0)).not.toContain("no room");
    }
  });

  it("draws frees alone, and blocks whose death nobody has noted", () => {
    const [free] = new Story().alloc("a", 0x420000, 64).release("a").events.slice(-1);
    expect(timelineText([free!], {}, 0)).toContain("0 events in 0.00 ms, 0 blocks, at most 0 B at once");
    parse(timelineSVG([free!], {}, 0));
    const twice = [
      ...new Story().alloc("a", 0x420000, 64).events,
      ...new Story().alloc("b", 0x430000, 64).events,
    ];
    expect(timelineText(twice, {}, 0)).toContain("2 events in 0.00 ms, 2 blocks, at most 128 B at once");
  });

  it("is small, and soon done, with very many events", () => {
    const story = new Story();
    const random = lcg(1);
    const live = new Set<number>();
    while (story.events.length < 200_000) {
      const place = random(5000);
      if (live.delete(place)) story.release(`n${place}`);
      else {
        live.add(place);
        story.alloc(`n${place}`, 0x420000 + 64 * place, 64);
        if (random(4) === 0) story.retain(`n${place}`).release(`n${place}`);
      }
    }
    const { events } = story;
    const begin = performance.now();
    const text = timelineText(events, {}, 0);
    const svg = timelineSVG(events, { width: 2000 }, 0);
    expect(performance.now() - begin).toBeLessThan(5000);
    expect(text.split("\n").length).toBeLessThanOrEqual(30);
    expect(svg.length).toBeLessThan(200_000);
    expect(timelineSVG(events, {}, 0).length).toBeLessThan(100_000);
    expectApart(parse(svg));
  });
});

/** Any history: what `choice` chooses is any of what is possible. */
const anyStory = fc
  .tuple(
    fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 3, maxLength: 300 }),
    fc.constantFrom(3, 100, 1e5),
  )
  .map(([choices, largest]) => {
    let at = 0;
    const choice = (below: number): number => Math.floor(choices[at++ % choices.length]! * below);
    return program(choices.length / 3, choice, largest).events;
  });

describe("any history", () => {
  /** Bytes in use after each event. */
  function used(events: readonly HistoryEvent[]): number[] {
    let sum = 0;
    return events.map(({ event, size }) => {
      if (event === "alloc") sum += size;
      if (event === "free") sum -= size;
      return sum;
    });
  }

  test("the peak is told", () => {
    fc.assert(
      fc.property(anyStory, (events) => {
        const peak = bytes(Math.max(...used(events)));
        for (const draw of [timelineText, timelineSVG])
          expect(draw(events, {}, 0)).toContain(`at most ${peak} at once`);
      }),
    );
  });

  test("the SVG has a box for each span, none over another but over holes; its texts are apart", () => {
    fc.assert(
      fc.property(anyStory, fc.integer({ min: 20, max: 2000 }), (events, width) => {
        const elements = parse(timelineSVG(events, { width }, 0));
        expectApart(elements);
        const boxes = boxesOf(elements);
        expect(boxes).toHaveLength(events.filter(({ event }) => event !== "free").length);
        for (const { x, y, width: w, height } of boxes) {
          expect(x).toBeGreaterThanOrEqual(100);
          expect(x + w).toBeLessThanOrEqual(100 + width);
          expect(y).toBeGreaterThanOrEqual(84);
          expect(y + height).toBeLessThanOrEqual(384);
        }
        const alive = boxes.filter(({ fill }) => fill !== "#e4e4e4");
        for (const [i, one] of alive.entries())
          for (const other of alive.slice(i + 1)) {
            if (other.x >= one.x + one.width) break;
            const apart = one.y + one.height <= other.y || other.y + other.height <= one.y;
            expect(apart || other.width === 0 || one.width === 0).toBe(true);
          }
      }),
    );
  });

  test("the text's rows are as wide as asked for", () => {
    fc.assert(
      fc.property(anyStory, fc.integer({ min: 20, max: 200 }), (events, width) => {
        const lines = timelineText(events, { width }, 0).split("\n");
        const axis = lines.find((line) => line.includes("└"))!;
        expect(axis.split("└")[1]).toBe("─".repeat(width));
        for (const line of lines.filter((row) => row.includes("│")))
          expect(cells(line.split("│")[1]!)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

// ---- la.arena -------------------------------------------------------------------------------------------------------

describe("la.arena", () => {
  let la: Context;
  beforeAll(async () => {
    la = await context();
  });
  afterAll(() => la.close());

  it("draws what is there: arrays by their names, with views counted, locks, holes", () => {
    la.scope(() => {
      const a = la.zeros([64, 64], { name: "a" });
      const lock = la.lock();
      const b = a.T;
      const c = la.zeros([32, 32], { dtype: "float32" });
      la.zeros([8], { name: "d" });
      c.release();
      const rows = listed(la.arena.map().toText());
      expect(rows.map(([name, , size, ...more]) => [name, size, ...more])).toEqual([
        ["a", "32 KiB", "2", "float64", "(64, 64)"],
        ["Lock", "64 B", "1"],
        ["hole", "4 KiB"],
        ["d", "64 B", "1", "float64", "(8,)"],
        ["hole", expect.stringMatching(/MiB$/)],
      ]);
      expect(rows[0]![1]).toBe(`0x${la.arena.blocks()[0]!.address.toString(16)}`);
      b.release();
      lock[Symbol.dispose]();
    });
  });

  it("draws in each format, with title and width", () => {
    using a = la.zeros([64, 64], { name: "a" });
    expect(a.refs).toBe(1);
    expect(`${la.arena.map({ title: "My arena", width: 40 })}`).toMatch(
      /^My arena\nused 32 KiB .*\n.*\n\n┌─{20,30}┬/,
    );
    expect(la.arena.map({ format: "svg", title: "My arena" })).toMatch(/^<svg .*\n<title>My arena</);
    expect(la.arena.map({ format: "html" })).toMatch(/^<div [^>]*style=.*\n<svg/);
    expect(la.arena.map().toText()).toBe(
      la.arena.map({ format: "text", width: undefined, title: undefined }),
    );
  });

  it("is a picture of all formats where none is asked for, of what was there when it was asked", () => {
    const a = la.zeros([64, 64], { name: "a" });
    la.arena.record();
    const [map, whole] = [la.arena.map({ width: 300 }), la.arena.stats()];
    const [text, svg, html] = (["text", "svg", "html"] as const).map((format) =>
      la.arena.map({ format, width: 300 }),
    );
    a.T.release();
    const timeline = la.arena.timeline();
    const over = la.arena.timeline({ format: "svg" });
    a.release();
    la.arena.record(0);
    expect(la.arena.stats()).not.toEqual(whole);
    expect([`${map}`, inspect(map), map.toSVG(), map.toHTML()]).toEqual([text, text, svg, html]);
    expect(map[JUPYTER]()).toEqual({ "text/plain": text, "image/svg+xml": svg, "text/html": html });
    expect(timeline[JUPYTER]()).toEqual({
      "text/plain": timeline.toText(),
      "image/svg+xml": over,
      "text/html": over,
    });
    expect(timeline.toHTML()).toBe(over);
  });

  it("draws itself: on Node's console as text, in notebooks as HTML or SVG", () => {
    const text = la.arena.map({ format: "text" });
    expect(inspect(la.arena)).toBe(text);
    expect(JUPYTER).toBe(Symbol.for("Jupyter.display"));
    expect(la.arena[JUPYTER]()).toEqual({
      "text/plain": text,
      "image/svg+xml": la.arena.map({ format: "svg" }),
      "text/html": la.arena.map({ format: "html" }),
    });
  });

  it("refuses formats and options that it does not know", () => {
    refuses(la, () => la.arena.map({ format: "pdf" as "svg" }), [
      "UnsupportedError",
      "OPTION",
      '"pdf"',
      "text, svg, html",
    ]);
    refuses(la, () => la.arena.map({ format: "toString" as "svg" }), [
      "UnsupportedError",
      "OPTION",
      '"toString"',
    ]);
    refuses(la, () => la.arena.map({ colour: 1 } as object), ["UnsupportedError", "OPTION", '"colour"']);
    refuses(la, () => la.arena.timeline({ format: "html" as "svg" }), [
      "UnsupportedError",
      "OPTION",
      "text, svg",
    ]);
    refuses(la, () => la.arena.timeline({ names: {} } as object), ["UnsupportedError", "OPTION", '"names"']);
  });

  it("draws the recording; without one it says how to begin it", () => {
    refuses(la, () => la.arena.timeline(), ["UnsupportedError", "UNSUPPORTED", "record()"]);
    la.arena.record(100);
    refuses(la, () => la.arena.timeline(), ["UnsupportedError", "UNSUPPORTED", "record()"]);
    const a = la.zeros([64, 64], { name: "a" });
    a.T.release();
    a.release();
    expect(`${la.arena.timeline()}`).toMatch(
      /^Arena over time\n4 events in [\d.]+ ms, 1 block, at most 32 KiB at once\n/,
    );
    expect(la.arena.timeline().toText()).toMatch(/ 32 KiB │ +a 1─+2─+1─+░+$/m);
    expect(la.arena.timeline({ format: "svg", title: "<a>" })).toContain("<title>&#60;a&#62;</title>");
    la.arena.record(2);
    la.zeros([8]).release();
    expect(la.arena.timeline().toText()).toContain("; 1 events found no room");
    la.arena.record(0);
    expect(() => la.arena.timeline()).toThrow("record()");
  });

  it("draws what is left when the context has been closed, and in debug contexts", async () => {
    const other = await context({ debug: true });
    other.zeros([64, 64], { name: "left" });
    const map = other.arena.map({ format: "text" });
    expect(map).toContain("left");
    other.close();
    expect(other.arena.map({ format: "text" })).toBe(map);
    expect(parse(other.arena.map({ format: "html" })).length).toBeGreaterThan(10);
  });
});

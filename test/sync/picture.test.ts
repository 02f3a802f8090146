import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { drawSVG } from "../../src/sync/draw-svg.ts";
import { drawText } from "../../src/sync/draw-text.ts";
import { Gil } from "../../src/sync/gil.ts";
import type { PictureOptions } from "../../src/sync/lanes.ts";
import type { Activity, Span } from "../../src/sync/trace.ts";
import { type Element, expectApart, parse } from "../helpers/svg.ts";

type Drawing = (spans: readonly Span[], options?: PictureOptions, lost?: number) => string;

// ---- traces ---------------------------------------------------------------------------------------------------------

const byStart = (one: Span, other: Span): number => one.start - other.start;

/** Threads 1 … n take turns of `slice` ms; who has no turn waits. A first event takes 0.02 ms, as in life. */
function turns(n: number, slice: number, end: number): Span[] {
  const spans: Span[] = [];
  const since = Array<number>(n).fill(0.02);
  for (let turn = 0, now = 0.02; now < end; turn++) {
    const thread = (turn % n) + 1;
    const next = Math.min(end, now + slice);
    if (now > since[thread - 1]!)
      spans.push({ thread, activity: "waiting", start: since[thread - 1]!, end: now });
    spans.push({ thread, activity: "held", start: now, end: next });
    since[thread - 1] = now = next;
  }
  since.forEach((start, i) => {
    if (start < end) spans.push({ thread: i + 1, activity: "waiting", start, end });
  });
  return spans.sort(byStart);
}

/** What a thread does in a round: nothing, then it wants the GIL, holds it, and does something without. All in ms. */
interface Round {
  readonly pause: number;
  readonly hold: number;
  readonly activity: Activity;
  readonly free: number;
}

/** The trace of threads 1 … n under a GIL that goes to who asks for it first. */
function simulate(threads: readonly (readonly Round[])[]): Span[] {
  const spans: Span[] = [];
  const add = (thread: number, activity: Activity, start: number, end: number): void => {
    if (end > start) spans.push({ thread, activity, start, end });
  };
  const ready = threads.map((rounds, i) => ({ thread: i + 1, rounds, round: 0, at: rounds[0]?.pause ?? 0 }));
  for (let free = 0; ; ) {
    const able = ready.filter(({ rounds, round }) => round < rounds.length);
    if (able.length === 0) return spans.sort(byStart);
    const next = able.reduce((first, other) => (other.at < first.at ? other : first));
    const { hold, activity, free: without } = next.rounds[next.round++]!;
    const start = Math.max(next.at, free);
    free = start + hold;
    add(next.thread, "waiting", next.at, start);
    add(next.thread, "held", start, free);
    add(next.thread, activity, free, free + without);
    next.at = free + without + (next.rounds[next.round]?.pause ?? 0);
  }
}

/** Rounds without pauses, each a tenth longer than the one before. */
const rounds = (count: number, hold: number, free: number, activity: "compute" | "io", pause = 0): Round[] =>
  Array.from({ length: count }, (_, i) => ({
    pause: i === 0 ? pause : 0,
    hold: hold * (1 + i / 10),
    free: free * (1 + i / 10),
    activity,
  }));

const TRACES: Record<string, { spans: Span[]; options?: PictureOptions; lost?: number }> = {
  "two-cpu-bound": { spans: turns(2, 5, 60), options: { title: "Two CPU-bound threads" } },
  "three-io-bound": {
    spans: simulate([rounds(5, 3, 22, "io"), rounds(6, 2, 14, "io", 0.2), rounds(7, 8, 6, "io", 0.4)]),
    options: { title: "Threads with IO", names: { 1: "main", 2: "download", 3: "parse" } },
  },
  "four-kernels": {
    spans: simulate([17, 14, 16, 15].map((free, i) => rounds(4, 1.4, free, "compute", i / 4))),
    options: { title: "Kernels without the GIL" },
  },
  "eight-quick-turns": { spans: turns(8, 0.25, 1000), lost: 123 },
  "one-lane": { spans: [{ thread: 513, activity: "held", start: 47.3, end: 47.98 }] },
  empty: { spans: [] },
  "odd-names": {
    spans: [
      { thread: 1, activity: "held", start: 0, end: 1234 },
      { thread: 2, activity: "compute", start: 0, end: 2000 },
      { thread: 4, activity: "waiting", start: 500, end: 1234 },
      { thread: 3, activity: "io", start: 617, end: 1851 },
      { thread: 4, activity: "held", start: 1234, end: 1500 },
    ],
    options: {
      title: '<script>"&amp;"</script>\u001b[2J\u0000',
      names: { 1: '<b>&"', 2: "数据加载线程", 3: "🧵 a\u202eb\ud800\n", 4: "" },
    },
  },
};

// ---- reading a picture ----------------------------------------------------------------------------------------------

const KINDS = { 20: "held", 4: "waiting", 12: "compute", 6: "io" } as const;
type Kind = (typeof KINDS)[keyof typeof KINDS];

interface Bar {
  readonly kind: Kind;
  readonly x: number;
  readonly y: number;
  readonly length: number;
}

interface Read {
  readonly elements: Element[];
  readonly width: number;
  readonly height: number;
  /** Where the time axis begins, and the last tick. */
  readonly left: number;
  readonly ticks: readonly number[];
  /** Bars by lane, without those of the legend. */
  readonly lanes: readonly { readonly y: number; readonly name: string; readonly bars: readonly Bar[] }[];
  readonly arrows: readonly { readonly x: number; readonly from: number; readonly to: number }[];
}

/** What an SVG of drawSVG() shows. */
function read(svg: string): Read {
  const elements = parse(svg);
  const [root] = elements;
  const number = ({ attributes }: Element, name: string): number => Number(attributes[name]);
  const paths = elements.filter(({ tag }) => tag === "path");
  const names = elements.filter(({ attributes }) => attributes["text-anchor"] === "end");
  const bars = paths.flatMap(({ attributes }): Bar[] => {
    const kind = KINDS[Number(attributes["stroke-width"]) as keyof typeof KINDS];
    return Array.from(attributes.d!.matchAll(/M(\d+) (\d+)h(\d+)/g), ([, x, y, length]) => ({
      kind,
      x: Number(x),
      y: Number(y),
      length: Number(length),
    }));
  });
  const ticks = paths.filter(({ attributes }) => attributes.stroke === "#ddd");
  const switches = paths.find(({ attributes }) => attributes.stroke === "#222");
  return {
    elements,
    width: number(root!, "width"),
    height: number(root!, "height"),
    left: Number(/^M(\d+)/.exec(ticks[0]!.attributes.d!)![1]),
    ticks: ticks.map(({ attributes }) => Number(/^M(\d+)/.exec(attributes.d!)![1])),
    lanes: names.map((name) => {
      const y = number(name, "y") - 4;
      return { y, name: name.text, bars: bars.filter((bar) => bar.y === y) };
    }),
    arrows: Array.from(switches!.attributes.d!.matchAll(/M(\d+) (\d+)V(\d+)/g), ([, x, from, to]) => ({
      x: Number(x),
      from: Number(from),
      to: Number(to),
    })),
  };
}

/** The lanes of a text: name and columns. */
const lanesOf = (text: string): { name: string; columns: string }[] =>
  Array.from(text.matchAll(/^(.*) │(.*)$/gm), ([, name, columns]) => ({
    name: name!.trimEnd(),
    columns: columns!,
  }));

// ---- tests ----------------------------------------------------------------------------------------------------------

describe.each(Object.entries(TRACES))("%s", (name, { spans, options, lost }) => {
  test("as text", async () => {
    await expect(`${drawText(spans, options, lost)}\n`).toMatchFileSnapshot(`../data/trace/${name}.txt`);
  });

  test("as SVG", async () => {
    await expect(`${drawSVG(spans, options, lost)}\n`).toMatchFileSnapshot(`../data/trace/${name}.svg`);
  });

  test("texts of the SVG lie in it and apart", () => {
    expectApart(parse(drawSVG(spans, options, lost)));
  });
});

describe("drawText", () => {
  it("labels lanes by names, else by the number in the id, in order of ids", () => {
    const spans = [0x302, 5, 7].map((thread): Span => ({ thread, activity: "held", start: 0, end: 1 }));
    const lanes = lanesOf(drawText(spans, { names: { 7: "main" } }));
    expect(lanes.map(({ name }) => name)).toEqual(["thread 5", "main", "thread 2"]);
  });

  it("shows what took most of a column, not what comes first in it", () => {
    const spans: Span[] = [
      { thread: 1, activity: "held", start: 0, end: 0.4 },
      { thread: 1, activity: "waiting", start: 0.4, end: 10 },
      { thread: 1, activity: "io", start: 10, end: 19.6 },
      { thread: 1, activity: "compute", start: 19.6, end: 20 },
    ];
    expect(lanesOf(drawText(spans, { width: 20 }))[0]!.columns).toBe("──────────··········");
  });

  it("shows the mixture of what is shorter than a column: of quick turns every thread has its share", () => {
    for (const { columns } of lanesOf(drawText(turns(8, 0.05, 100), { width: 80 }))) {
      expect(columns.match(/█/g)!.length).toBeGreaterThanOrEqual(9);
      expect(columns.match(/█/g)!.length).toBeLessThanOrEqual(11);
    }
  });

  it("counts switches: from holder to holder, also over a pause; not the same thread again", () => {
    const held = [1, 2, 2, 1, 1, 3].map(
      (thread, i): Span => ({ thread, activity: "held", start: 2 * i, end: 2 * i + 1 }),
    );
    expect(drawText(held)).toContain("switches: 3\n");
    expect(read(drawSVG(held)).arrows).toHaveLength(3);
  });
});

describe("drawSVG", () => {
  it("draws an arrow for each switch, from the old holder's lane to the new one's bar", () => {
    const { arrows, lanes, left } = read(drawSVG(turns(3, 10, 59.98)));
    const [first, second, third] = lanes.map(({ y }) => y);
    expect(arrows).toHaveLength(5);
    expect(arrows[0]).toEqual({ x: left + 120, from: first, to: second! - 10 });
    expect(arrows[2]).toEqual({ x: left + 360, from: third, to: first! + 10 });
  });

  it("says so instead when there are too many", () => {
    const svg = drawSVG(turns(2, 0.1, 100));
    expect(read(svg).arrows).toEqual([]);
    expect(svg).toContain("switches: 999; too many switches to draw one by one");
  });

  it("has a name and a description for who cannot see it, and no scripts, styles, ids and links", () => {
    const { spans, options } = TRACES["odd-names"]!;
    const svg = drawSVG(spans, options);
    const elements = parse(svg);
    expect(elements[0]!.attributes.role).toBe("img");
    expect(elements.slice(1, 3)).toMatchObject([
      { tag: "title", text: '<script>"&amp;"</script>?[2J?' },
      { tag: "desc", text: "2000.00 ms, switches: 1" },
    ]);
    expect(new Set(elements.map(({ tag }) => tag))).toEqual(
      new Set(["svg", "title", "desc", "rect", "text", "path"]),
    );
    expect(svg).not.toMatch(/\b(?:id|href|style|class|on\w+)=|url\(/);
  });

  it("stays small with a hundred thousand spans", () => {
    const svg = drawSVG(turns(16, 0.1, 5000), { width: 2000 });
    expect(svg.length).toBeLessThan(150_000);
    expect(svg.match(/<\w/g)!.length).toBeLessThan(150);
  });

  test.each(Array.from({ length: 16 }, (_, i) => i + 1))("%i lanes: all there, no text over another", (n) => {
    for (const width of [20, 100, 720, 2000]) {
      const picture = read(
        drawSVG(turns(n, 5, 5 * n + 60), { width, names: { 2: "a longer name", 3: "线程" } }),
      );
      expect(picture.lanes).toHaveLength(n);
      expect(picture.lanes.every(({ bars }) => bars.length > 0)).toBe(true);
      expectApart(picture.elements);
    }
  });
});

describe.each([
  ["drawText", drawText, 72, (text: string) => /└(.*)$/m.exec(text)![1]!.length],
  ["drawSVG", drawSVG, 720, (svg: string) => read(svg).width - 30 - 59 - 110],
] as [string, Drawing, number, (picture: string) => number][])("%s", (_, draw, usual, widthOf) => {
  it("has the width asked for, within limits", () => {
    const spans = turns(2, 5, 60);
    expect(widthOf(draw(spans))).toBe(usual);
    for (const width of [600, 777.7, 2000]) expect(widthOf(draw(spans, { width }))).toBe(Math.floor(width));
    for (const width of [NaN, undefined, 0]) expect(draw(spans, { width })).toBe(draw(spans));
    for (const width of [1, -1, -Infinity]) expect(draw(spans, { width })).toBe(draw(spans, { width: 20 }));
    for (const width of [1e9, Infinity]) expect(draw(spans, { width })).toBe(draw(spans, { width: 2000 }));
  });

  it("says when events found no room", () => {
    expect(draw(turns(2, 5, 60), {}, 3)).toContain("switches: 11; 3 events found no room");
    expect(draw(turns(2, 5, 60), {}, 0)).not.toContain("found no room");
  });

  it("begins the axis with a tick: at 0, if the trace begins just behind it", () => {
    expect(draw(turns(2, 5, 60))).toMatch(/\b0 ms\b/);
    const late = draw([{ thread: 1, activity: "held", start: 1047.3, end: 1099 }]);
    expect(late).toMatch(/\b1040 ms\b/);
    expect(late).not.toMatch(/\b0 ms\b/);
  });
});

/** Any trace that a GIL can have, from nanoseconds to minutes. */
const anyTrace = fc
  .tuple(
    fc.array(
      fc.array(
        fc.record({
          pause: fc.oneof(fc.constant(0), fc.nat(5000)),
          hold: fc.oneof(fc.nat(20), fc.nat(1000), fc.nat(20_000)),
          activity: fc.constantFrom<Activity>("compute", "io", "away"),
          free: fc.oneof(fc.constant(0), fc.nat(20), fc.nat(1000), fc.nat(20_000)),
        }),
        { maxLength: 40 },
      ),
      { maxLength: 8 },
    ),
    fc.nat(1000),
    fc.constantFrom(1e-6, 1e-3, 1e-1),
  )
  .map(([threads, begin, unit]) =>
    simulate(threads).map(
      (span): Span => ({ ...span, start: begin + span.start * unit, end: begin + span.end * unit }),
    ),
  );

describe("any trace", () => {
  const GLYPHS: Record<Kind, string> = { held: "█", waiting: "─", compute: "▄", io: "·" };
  const kinds = Object.keys(GLYPHS) as Kind[];
  const anyWidth = fc.oneof(fc.integer({ min: 20, max: 100 }), fc.integer({ min: 20, max: 2000 }));

  /** What pictures should tell: milliseconds of each kind in each lane, when the trace begins and ends. */
  function exactly(spans: readonly Span[]): { lanes: Record<Kind, number>[]; begin: number; end: number } {
    const ids = [...new Set(spans.map(({ thread }) => thread))].sort((one, other) => one - other);
    const begin = spans[0]?.start ?? 0;
    const sum = (id: number, kind: Kind): number =>
      spans
        .filter(({ thread, activity }) => thread === id && activity === kind)
        .reduce((ms, { start, end }) => ms + end - start, 0);
    return {
      lanes: ids.map((id) => ({
        held: sum(id, "held"),
        waiting: sum(id, "waiting"),
        compute: sum(id, "compute"),
        io: sum(id, "io"),
      })),
      begin,
      end: Math.max(begin + 0.001, ...spans.map(({ end }) => end)),
    };
  }

  test("totals add up, and columns show them", () => {
    fc.assert(
      fc.property(anyTrace, anyWidth, (spans, width) => {
        const text = drawText(spans, { width });
        const lanes = lanesOf(text);
        const { lanes: exact, begin, end } = exactly(spans);
        expect(lanes).toHaveLength(exact.length);
        const lines = text.split("\n");
        const table = lines.slice(lines.length - lanes.length);
        const heads = lines.at(-lanes.length - 1)!;
        const listed = kinds.filter((kind) => heads.includes(GLYPHS[kind]));
        expect(listed).toEqual(kinds.filter((kind) => exact.some((lane) => lane[kind] > 0)));
        const axis = lines.find((line) => line.includes("└"))!;
        // The axis begins with the first tick and ends with the trace.
        const ms = (end - Number.parseFloat(lines[lines.indexOf(axis) + 1]!)) / width;
        exact.forEach((sums, i) => {
          const { columns } = lanes[i]!;
          expect(columns.length).toBeLessThanOrEqual(width);
          const told = Array.from(table[i]!.matchAll(/([\d.]+) ms +([\d.]+) %/g));
          expect(told).toHaveLength(listed.length);
          listed.forEach((kind, k) => {
            expect(Math.abs(Number(told[k]![1]) - sums[kind])).toBeLessThan(0.00501);
            expect(Math.abs(Number(told[k]![2]) - (100 * sums[kind]) / (end - begin))).toBeLessThan(0.0501);
            const drawn = columns.split(GLYPHS[kind]).length - 1;
            expect(Math.abs(drawn - sums[kind] / ms)).toBeLessThan(3);
          });
        });
        // Two threads can each have held the GIL for half of a column, but no more.
        for (let column = 0; column < width; column++)
          expect(lanes.filter(({ columns }) => columns[column] === "█").length).toBeLessThanOrEqual(2);
      }),
    );
  });

  test("bars, arrows and ticks lie inside the axes; bars side by side, as long as what they tell", () => {
    fc.assert(
      fc.property(anyTrace, anyWidth, (spans, width) => {
        const svg = drawSVG(spans, { width });
        const { left, ticks, lanes, arrows, elements } = read(svg);
        const { lanes: exact, end } = exactly(spans);
        expect(lanes).toHaveLength(exact.length);
        expect(elements.length).toBeLessThan(20 + width / 40 + 6 * lanes.length);
        for (const x of [...ticks, ...arrows.map((arrow) => arrow.x)]) {
          expect(x).toBeGreaterThanOrEqual(left);
          expect(x).toBeLessThanOrEqual(left + width);
        }
        const middles = lanes.map(({ y }) => y);
        for (const { from, to } of arrows) {
          expect(middles).toContain(from);
          expect(middles).toContain(to > from ? to + 10 : to - 10);
        }
        const first = elements.find(({ attributes }) => attributes["text-anchor"] === "middle")!.text;
        const ms = (end - Number.parseFloat(first)) / width;
        exact.forEach((sums, i) => {
          let free = left;
          for (const { x, length } of [...lanes[i]!.bars].sort((one, other) => one.x - other.x)) {
            expect(x).toBeGreaterThanOrEqual(free);
            free = x + length;
          }
          expect(free).toBeLessThanOrEqual(left + width);
          for (const kind of kinds) {
            const drawn = lanes[i]!.bars.filter((bar) => bar.kind === kind);
            const length = drawn.reduce((sum, bar) => sum + bar.length, 0);
            expect(Math.abs(length - sums[kind] / ms)).toBeLessThan(3);
          }
        });
      }),
    );
  });
});

describe("gil.trace()", () => {
  it("draws itself: on Node's console as text, in Deno's notebooks as SVG", () => {
    const gil = new Gil(new Int32Array(new SharedArrayBuffer(Gil.bytes(10))), 0, { id: 3 }).init(10);
    const trace = gil.trace();
    gil.run(() => gil.allowThreads(() => undefined, "io"));
    trace.stop();
    const text = trace.toText();
    expect(text).toMatch(/^Who holds the GIL\n[\d.]+ ms, switches: 0\nthread 3 │/);
    expect(inspect(trace)).toBe(text);
    const display = (trace as unknown as Record<symbol, () => Record<string, string>>)[
      Symbol.for("Jupyter.display")
    ]!.call(trace);
    expect(display).toEqual({
      "text/plain": text,
      "image/svg+xml": trace.toSVG(),
      "text/html": trace.toSVG(),
    });
    expect(trace.toText({ names: { 3: "main" }, title: "t" })).toMatch(/^t\n.*\nmain │/);
    expect(read(trace.toSVG({ names: { 3: "main" } })).lanes).toMatchObject([{ name: "main" }]);
  });

  it("once stopped, stays as it is: whatever happens to the GIL and its words", () => {
    const words = new Int32Array(new SharedArrayBuffer(Gil.bytes(10)));
    const gil = new Gil(words, 0, { id: 3 }).init(10);
    const first = gil.trace();
    gil.run(() => undefined);
    const [text, spans] = [first.stop().toText(), first.spans()];
    expect(spans).toHaveLength(1);
    const second = gil.trace();
    gil.run(() => undefined);
    gil.run(() => undefined);
    // That ends no other recording.
    first.stop();
    gil.run(() => undefined);
    expect(second.spans()).toHaveLength(3);
    words.fill(-1);
    expect([first.toText(), first.spans(), first.lost]).toEqual([text, spans, 0]);
  });

  it("says how many events it has lost", () => {
    const gil = new Gil(new Int32Array(new SharedArrayBuffer(Gil.bytes(3))), 0, { id: 3 }).init(3);
    const trace = gil.trace();
    for (let i = 0; i < 4; i++) gil.run(() => undefined);
    expect(trace.toText()).toContain("; 5 events found no room");
    expect(trace.toSVG()).toContain("; 5 events found no room");
  });
});

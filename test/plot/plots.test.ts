import { DOMParser, type Element } from "@xmldom/xmldom";
import { describe, expect, test } from "vitest";
import { wrapped } from "../../bench/plot/figure.ts";
import { KINDS, type Kind } from "../../bench/plot/kinds.ts";
import { powersOfTwo, roundValues } from "../../bench/plot/lines.ts";
import { COLOURS, looksOf, themeOf } from "../../bench/plot/looks.ts";
import { standalone } from "../../bench/plot/standalone.ts";
import type { Results } from "../../bench/results-file/format.ts";
import { everything, measurement, results } from "./made-up.ts";

// What the pictures say, read from their elements; test/plot/rendered.test.ts looks at them in a browser.

const source = (all: Results, name = "one") => ({ name, results: all });

function svgOf(kind: Kind, ...sources: Parameters<typeof standalone>[0]): string {
  const [picture] = standalone(sources, [kind]);
  if (picture === undefined) throw new Error(`no ${kind}`);
  return picture.svg;
}

/** Throws where it is no XML. */
function parsed(svg: string): Element {
  const onError = (level: string, message: string): never => {
    throw new Error(`${level}: ${message}`);
  };
  return new DOMParser({ onError }).parseFromString(svg, "image/svg+xml").documentElement!;
}

const all = (element: Element, tag: string): Element[] => Array.from(element.getElementsByTagName(tag));
const ofClass = (element: Element, name: string): Element[] =>
  all(element, "*").filter((one) => one.getAttribute("class") === name);
const panels = (root: Element): Element[] => ofClass(root, "panel");
const texts = (element: Element): string[] =>
  all(element, "text").map(({ textContent }) => textContent ?? "");

/** Corners of the lines of a class: each is the path of one `<g>`. */
const lines = (panel: Element, name: string): (readonly [x: number, y: number])[][] =>
  ofClass(panel, name)
    .flatMap((group) => all(group, "path"))
    .map((path) =>
      Array.from(path.getAttribute("d")!.matchAll(/[ML](-?[\d.]+),(-?[\d.]+)/g), ([, x, y]) => [
        Number(x),
        Number(y),
      ]),
    );

/** Heights at which a class of rules is. */
const rules = (panel: Element, name: string): number[] =>
  ofClass(panel, name)
    .flatMap((group) => all(group, "line"))
    .map((line) => Number(line.getAttribute("y1")));

/** Of a panel's frame: Figure's margins. */
const TOP = 24;
const BOTTOM = 270 - 38;

/** Numbers that are told apart by eye: to half a pixel. */
const near = (value: number): unknown => expect.closeTo(value, 0);

describe("every kind", () => {
  const both = [source(everything()), source(everything("Chromium 142", 0.8), 'the <b>"other"</b> & more')];

  test.each(KINDS)("%s: XML that stands alone, with a title, axes, units, and where it is from", (kind) => {
    for (const sources of [both.slice(0, 1), both]) {
      const svg = svgOf(kind, ...sources);
      const root = parsed(svg);
      expect(root.namespaceURI).toBe("http://www.w3.org/2000/svg");
      expect(root.getAttribute("aria-label")).toBe(all(root, "title")[0]!.textContent);
      expect(svg).not.toMatch(/<script|href|@import|url\(|\son\w+=|NaN|undefined|Infinity/);
      expect(texts(root).join(" ")).toContain(
        "AMD EPYC 9V74 <80-Core> & more, 2 cores · node 26.1.0, V8 14.6",
      );
      expect(texts(root).join(" ")).toContain("8f79a45");
      for (const panel of panels(root)) expect(texts(panel).some((text) => text.startsWith("↑ "))).toBe(true);
      // What tells files apart is written, not run.
      if (sources.length > 1)
        expect(texts(root).some((text) => text.includes('<b>"other"</b> & more'))).toBe(true);
    }
  });

  test("all that there is data for, and nothing else", () => {
    expect(standalone([source(everything())]).map(({ kind }) => kind)).toEqual(KINDS);
    expect(standalone([source(results([]))])).toEqual([]);
    const alone = results([measurement("gemm", 50, { section: "squares", what: "gemm", n: 64 })]);
    expect(standalone([source(alone)]).map(({ kind }) => kind)).toEqual(["gemm"]);
    expect(standalone([source(alone)], ["latency", "roofline"])).toEqual([]);
  });

  test("wrong results are left out, and that is said; so is what was stopped", () => {
    const good = measurement("gemm", 50, { section: "squares", what: "gemm", n: 64 });
    const bad = { ...good, n: 128, who: "tuned", wrong: true, values: [] };
    const runs = [{ bench: "gemm", selection: {}, interrupted: true, notes: [] } as const];
    const root = parsed(svgOf("gemm", source({ ...results([good, bad]), runs })));
    expect(ofClass(root, "legend")).toHaveLength(1);
    expect(texts(root)).toContain("wrong results, left out: 1");
    expect(texts(root)).toContain("stopped before the end: gemm");
  });
});

describe("gemm", () => {
  const root = parsed(svgOf("gemm", source(everything())));

  test("a panel for each dtype and number of threads, a line for each build", () => {
    const titles = texts(root).filter((text) => /^float|^top/.test(text));
    expect(titles).toEqual([
      ...["float32, 1 thread", "top: attainable peak, 109"],
      ...["float32, 2 threads", "top: attainable peak, 218"],
      ...["float32, 4 threads", "top: best seen, 401"],
      ...["float64, 1 thread", "top: attainable peak, 54.5"],
      ...["float64, 2 threads", "top: attainable peak, 109"],
      ...["float64, 4 threads", "top: best seen, 200"],
    ]);
    expect(ofClass(root, "legend").map(({ textContent }) => textContent)).toEqual([
      "strict",
      "relaxed",
      "tuned",
    ]);
    for (const panel of panels(root)) expect(lines(panel, "series")).toHaveLength(3);
    expect(lines(panels(root)[0]!, "series").map(({ length }) => length)).toEqual([10, 10, 10]);
  });

  test("from 0 to the attainable peak, which is a dashed line", () => {
    const [panel] = panels(root);
    const PEAK = 108 * 1.01;
    const height = (rate: number): number => BOTTOM - (rate / PEAK) * (BOTTOM - TOP);
    expect(rules(panel!, "peak")).toEqual([48, 55, 108].map((peak) => near(height(peak * 1.01))));
    const tuned = lines(panel!, "series")[2]!;
    const sizes = [4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048];
    expect(tuned.map(([, y]) => y)).toEqual(sizes.map((n) => near(height((0.99 * 108 * n) / (n + 20)))));
    // Powers of two are equally far from each other.
    const steps = tuned.slice(1).map(([x], i) => x - tuned[i]![0]);
    expect(steps).toEqual(steps.map(() => near(steps[0]!)));
  });

  test("without a peak in the file the best that was seen is the top; more than the peak is not cut off", () => {
    const of = (rate: number, n: number) =>
      measurement("gemm", rate, { section: "squares", what: "gemm", n });
    const seen = parsed(svgOf("gemm", source(results([of(40, 64), of(50, 128)]))));
    expect(texts(seen).join()).toContain("top: best seen, 50.0");
    const peak = measurement("peak", 45);
    const more = parsed(svgOf("gemm", source(results([of(40, 64), of(50, 128), peak]))));
    expect(rules(more, "peak")).toHaveLength(1);
    for (const [, y] of lines(more, "series").flat()) expect(y).toBeGreaterThanOrEqual(TOP);
  });

  test("the band is the middle half of all samples", () => {
    const values = [10, 20, 30, 40, 50];
    const rows = [64, 128].map((n) => ({
      ...measurement("gemm", 1, { section: "squares", what: "gemm", n }),
      values,
    }));
    const svg = parsed(svgOf("gemm", source(results(rows))));
    const [band] = lines(svg, "spread");
    const height = (rate: number): number => BOTTOM - (rate / 40) * (BOTTOM - TOP);
    expect(band!.map(([, y]) => y)).toEqual([40, 40, 20, 20].map((rate) => near(height(rate))));
    expect(all(svg, "title").at(-1)!.textContent).toBe(
      "relaxed, n = 128: 30.0 GFLOP/s, middle half 20.0 to 40.0 of 5",
    );
  });

  test("several files share axes, and their lines have names", () => {
    const two = [source(everything()), source(everything("Chromium 142", 0.8), "two")];
    const svg = parsed(svgOf("gemm", ...two));
    expect(lines(panels(svg)[0]!, "series")).toHaveLength(6);
    expect(ofClass(svg, "legend").map(({ textContent }) => textContent)).toEqual([
      ...["strict, one", "relaxed, one", "tuned, one"],
      ...["strict, two", "relaxed, two", "tuned, two"],
    ]);
  });
});

test("roofline: bandwidth times intensity up to the peak; kernels under it", () => {
  const root = parsed(svgOf("roofline", source(everything())));
  expect(texts(root).filter((text) => /^float/.test(text))).toHaveLength(4);
  const [panel] = panels(root);
  const roofs = lines(panel!, "roof");
  expect(roofs).toHaveLength(3);
  for (const [[left, low], ridge, [right, top]] of roofs as [
    [number, number],
    [number, number],
    [number, number],
  ][]) {
    expect(ridge[1]).toBe(top);
    expect(low).toBeGreaterThan(top);
    expect(left).toBeLessThan(ridge[0]);
    expect(ridge[0]).toBeLessThan(right);
  }
  // All rise along one line: memory is the same for all builds.
  const slopes = roofs.map(([from, to]) => (to![1] - from![1]) / (to![0] - from![0]));
  expect(slopes).toEqual(slopes.map(() => expect.closeTo(slopes[0]!, 2)));
  const tips = all(panel!, "title").map(({ textContent }) => textContent);
  expect(tips).toContain("tuned: attainable peak, 109 GFLOP/s; 22.8 GB/s");
  expect(tips.find((tip) => tip?.startsWith("tuned, gemm 2048"))).toMatch(/; 341 FLOP\/byte$/);
  expect(tips.find((tip) => tip?.startsWith("relaxed, triad"))).toMatch(/: 22.8 GB\/s.*; 0.17 FLOP\/byte$/);
  expect(tips.find((tip) => tip?.startsWith("tuned, A x"))).toMatch(/: 19.8 GB\/s.*; 0.50 FLOP\/byte$/);
  // No operations, no rate.
  expect(tips.filter((tip) => tip?.includes("copy"))).toEqual([]);
});

test("scaling: rates over one thread's, beside the ideal, strong and weak", () => {
  const root = parsed(svgOf("scaling", source(everything())));
  const titles = texts(root).filter((text) => text.includes("scaling"));
  expect(titles).toEqual([
    ...["strong scaling, float32", "weak scaling, float32"],
    ...["strong scaling, float64", "weak scaling, float64"],
  ]);
  const [strong, weak] = panels(root);
  expect(lines(strong!, "ideal")).toHaveLength(1);
  expect(lines(strong!, "series")).toHaveLength(9);
  expect(lines(weak!, "series")).toHaveLength(3);
  const tips = all(strong!, "title").map(({ textContent }) => textContent);
  expect(tips).toContain("strict, n = 64, 1 thread: 1.00 ×, middle half 1.00 to 1.00 of 5");
  // (4 × 104) / 224
  expect(tips).toContain("strict, n = 64, 4 threads: 1.86 ×, middle half 1.86 to 1.86 of 5");
});

test("latency: both axes logarithmic, a line for each build and way", () => {
  const root = parsed(svgOf("latency", source(everything())));
  const [panel] = panels(root);
  const series = lines(panel!, "series");
  expect(series).toHaveLength(6);
  expect(ofClass(root, "legend")[1]!.textContent).toBe("strict, plain loop");
  // 5 + n³ ns: eightfold for each doubling, at last.
  const steps = series[1]!.slice(1).map(([, y], i) => series[1]![i]![1] - y);
  expect(steps[3]! / steps[2]!).toBeCloseTo(1, 1);
  expect(texts(panel!)).toEqual(expect.arrayContaining(["2", "32", "100", "10,000", "↑ ns per call"]));
});

test("stream: bars from 0 of the longest vectors, in groups of kernels", () => {
  const root = parsed(svgOf("stream", source(everything())));
  expect(panels(root)).toHaveLength(4);
  const bars = ofClass(panels(root)[0]!, "bars").flatMap((group) => all(group, "rect"));
  expect(bars).toHaveLength(8);
  const heights = bars.map((bar) => Number(bar.getAttribute("height")));
  expect(heights[2]! / heights[0]!).toBeCloseTo(21 / 20, 2);
  expect(
    new Set(bars.map((bar) => Number(bar.getAttribute("y")) + Number(bar.getAttribute("height")))).size,
  ).toBe(1);
  expect(texts(panels(root)[0]!)).toEqual(expect.arrayContaining(["copy", "scale", "add", "triad", "19.8"]));
});

describe("parts", () => {
  test("texts break at spaces", () => {
    expect(wrapped("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrapped("unbreakable", 4)).toEqual(["unbreakable"]);
    expect(wrapped("one two three", 40)).toEqual(["one two three"]);
  });

  test("ticks", () => {
    expect(powersOfTwo([4, 100], 9)).toEqual([4, 8, 16, 32, 64]);
    expect(powersOfTwo([500, 600], 9)).toEqual([500, 600]);
    expect(powersOfTwo([5], 9)).toEqual([5]);
    expect(powersOfTwo([4, 2048], 5)).toEqual([4, 16, 64, 256, 1024]);
    expect(roundValues(0.3, 12)).toEqual([0.5, 1, 2, 5, 10]);
    expect(roundValues(0.3, 1200)).toEqual([1, 10, 100, 1000]);
  });

  test("no two lines look alike, of thirty", () => {
    const looks = Array.from(looksOf(Array.from({ length: 30 }, (_, i) => String(i))).values());
    expect(new Set(looks.map((look) => JSON.stringify(look))).size).toBe(30);
    expect(looksOf(["a", "b", "a"]).size).toBe(2);
  });

  test("builds look the same everywhere", () => {
    const colour = (names: string[], name: string): string => looksOf(names).get(name)!.colour;
    expect(colour(["tuned", "native"], "tuned")).toBe(colour(["strict", "relaxed", "tuned"], "tuned"));
    expect(
      new Set([...looksOf(["native", "tuned", "C", "strict"]).values()].map((look) => look.colour)).size,
    ).toBe(4);
  });
});

describe.each(["light", "dark"] as const)("%s", (scheme) => {
  const theme = themeOf(scheme);
  const series = COLOURS.map((colour) => colour[scheme]);

  test("texts and lines stand out from the card", () => {
    for (const name of ["--text", "--quiet"])
      expect(contrast(theme[name]!, theme["--card"]!)).toBeGreaterThan(4.5);
    for (const colour of series) expect(contrast(colour, theme["--card"]!), colour).toBeGreaterThan(3);
  });

  test.each(Object.keys(SEEN) as (keyof typeof SEEN)[])(
    "%s eyes tell the first five colours apart",
    (eyes) => {
      const seen = series.slice(0, 5).map((colour) => lab(SEEN[eyes].map((row) => dot(row, linear(colour)))));
      for (const [i, one] of seen.entries())
        for (const [j, other] of seen.slice(i + 1).entries())
          expect(Math.hypot(...one.map((x, k) => x - other[k]!)), `${i}, ${i + 1 + j}`).toBeGreaterThan(12);
    },
  );
});

/** What the colour-blind see, as matrices on linear sRGB: G. Machado and others (2009), severity 1. */
const SEEN = {
  most: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopic: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopic: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopic: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
} as const;

const dot = (row: readonly number[], colour: readonly number[]): number =>
  row.reduce((sum, x, i) => sum + x * colour[i]!, 0);

function linear(colour: string): number[] {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  return parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
}

/** WCAG's ratio. */
function contrast(one: string, other: string): number {
  const light = (colour: string): number => dot([0.2126, 0.7152, 0.0722], linear(colour)) + 0.05;
  const [low, high] = [light(one), light(other)].sort((x, y) => x - y);
  return high! / low!;
}

/** CIELAB of linear sRGB. */
function lab(rgb: readonly number[]): number[] {
  const xyz = [
    dot([0.4124, 0.3576, 0.1805], rgb) / 0.9505,
    dot([0.2126, 0.7152, 0.0722], rgb),
    dot([0.0193, 0.1192, 0.9505], rgb) / 1.089,
  ];
  const [x, y, z] = xyz.map((t) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116));
  return [116 * y! - 16, 500 * (x! - y!), 200 * (y! - z!)];
}

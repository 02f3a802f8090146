import * as Plot from "@observablehq/plot";
import { CLASS, type Look, STYLE } from "./looks.ts";

/** One pair of axes and what is drawn in them. */
export interface Panel {
  readonly title: string;
  /** What else is said of it. */
  readonly note?: string;
  /** Everything but the size and the document, which are the figure's. */
  readonly options: (width: number) => Plot.PlotOptions;
}

/** A picture: panels that share a title and a legend. */
export interface Figure {
  readonly title: string;
  readonly subtitle: readonly string[];
  readonly legend: ReadonlyMap<string, Look>;
  readonly panels: readonly Panel[];
  /** Panels stand side by side where each has so many pixels. */
  readonly panelWidth?: number;
}

/** What it is drawn into. */
export interface Canvas {
  readonly document: Document;
  /** Pixels. */
  readonly width: number;
}

const SVG = "http://www.w3.org/2000/svg";

const PADDING = 16;
const LINE = 17;
/** Of a letter of the sizes that are used, at most, on average. */
const LETTER = 6.6;
const PANEL_WIDTH = 330;
const PANEL_HEIGHT = 270;
const PANEL_TITLE = 24;
const SWATCH = 30;

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Makes elements of one document. */
function maker(document: Document) {
  return function make<K extends keyof SVGElementTagNameMap>(
    tag: K,
    attributes: Attributes,
    ...children: (Node | string)[]
  ): SVGElementTagNameMap[K] {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes))
      if (value !== undefined) element.setAttribute(name, String(value));
    for (const child of children)
      element.appendChild(typeof child === "string" ? document.createTextNode(child) : child);
    return element;
  };
}

type Make = ReturnType<typeof maker>;

/** A text in lines of at most so many letters, broken at spaces. */
export function wrapped(text: string, letters: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= letters)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Draws a figure. */
export function draw(figure: Figure, { document, width }: Canvas): SVGSVGElement {
  const { title, subtitle, legend, panels, panelWidth = PANEL_WIDTH } = figure;
  const make = maker(document);
  const inner = width - 2 * PADDING;
  const letters = Math.floor(inner / LETTER);
  const children: Node[] = [];
  let y = PADDING;

  const texts = (lines: readonly string[], className: string, height: number): void => {
    for (const line of lines) {
      y += height;
      children.push(make("text", { x: PADDING, y: y - 4, class: className, fill: "currentColor" }, line));
    }
  };
  texts(wrapped(title, Math.floor(letters / 1.5)), "title", 22);
  texts(
    subtitle.flatMap((line) => wrapped(line, letters)),
    "quiet",
    LINE,
  );

  let x = PADDING;
  y += 8;
  for (const [name, look] of legend) {
    const entry = SWATCH + 8 + name.length * LETTER;
    if (x > PADDING && x + entry > width - PADDING) {
      x = PADDING;
      y += LINE + 3;
    }
    children.push(legendEntry(make, document, name, look, x, y));
    x += entry + 14;
  }
  y += LINE + 12;

  const columns = Math.max(1, Math.min(panels.length, Math.floor(inner / panelWidth)));
  const each = Math.floor(inner / columns);
  const titles = PANEL_TITLE + (panels.some(({ note }) => note !== undefined) ? LINE : 0);
  panels.forEach((panel, i) => {
    const left = PADDING + (i % columns) * each;
    children.push(
      make("text", { x: left, y: y + 12, class: "panel-title", fill: "currentColor" }, panel.title),
      ...(panel.note === undefined
        ? []
        : [make("text", { x: left, y: y + 12 + LINE, class: "quiet", fill: "currentColor" }, panel.note)]),
      placed(panel, document, { x: left, y: y + titles, width: each }),
    );
    if (i % columns === columns - 1 || i === panels.length - 1) y += titles + PANEL_HEIGHT + 14;
  });
  const height = y + PADDING - 8;

  const svg = make(
    "svg",
    { class: CLASS, role: "img", width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": title },
    make("title", {}, title),
    make("desc", {}, [...subtitle, ...legend.keys()].join("; ")),
    make("style", {}, STYLE),
    make("rect", { width, height, rx: 6, fill: "var(--card)" }),
    ...children,
  );
  // Marks are parts of an image; Plot names them as if each were one.
  for (const part of Array.from(svg.getElementsByTagName("*"))) part.removeAttribute("aria-label");
  return svg;
}

/** A piece of a line with its symbol, and a name. */
function legendEntry(
  make: Make,
  document: Document,
  name: string,
  look: Look,
  x: number,
  y: number,
): SVGElement {
  const middle = LINE / 2;
  const swatch = Plot.plot({
    document,
    width: SWATCH,
    height: LINE,
    margin: 0,
    axis: null,
    x: { domain: [0, 1] },
    y: { domain: [0, 1] },
    marks: [Plot.dot([[0.5, 0.5]], { symbol: look.symbol, fill: look.colour, r: 4 })],
  });
  const symbol = swatch.getElementsByTagName("g")[0];
  return make(
    "g",
    { transform: `translate(${x},${y})`, class: "legend" },
    make("path", {
      d: `M0,${middle}H${SWATCH}`,
      fill: "none",
      stroke: look.colour,
      "stroke-width": 2,
      "stroke-dasharray": look.dash,
    }),
    ...(symbol === undefined ? [] : [symbol]),
    make("text", { x: SWATCH + 6, y: middle + 4, fill: "currentColor" }, name),
  );
}

/** A panel at its place, without what Plot says of plots that stand alone. */
function placed(
  { options }: Panel,
  document: Document,
  { x, y, width }: { readonly x: number; readonly y: number; readonly width: number },
): Element {
  const plot = Plot.plot({
    marginLeft: 52,
    marginRight: 18,
    marginTop: 24,
    marginBottom: 38,
    ...options(width),
    document,
    width,
    height: PANEL_HEIGHT,
  });
  for (const style of Array.from(plot.getElementsByTagName("style"))) style.parentNode?.removeChild(style);
  plot.removeAttribute("font-family");
  for (const [name, value] of Object.entries({ x, y, class: "panel", overflow: "visible", "font-size": 11 }))
    plot.setAttribute(name, String(value));
  return plot;
}

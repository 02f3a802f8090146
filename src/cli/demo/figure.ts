import type { Span } from "../../index.ts";
import { drawSVG } from "../../sync/draw-svg.ts";
import { drawText } from "../../sync/draw-text.ts";
import type { Run } from "./stage.ts";

/** What threads did, to be drawn. */
export interface Picture {
  readonly title: string;
  readonly spans: readonly Span[];
  /** The threads' ids, in the order in which they are called thread 1, thread 2 … */
  readonly ids: readonly number[];
  /** What is held: "the GIL" or "the lock". */
  readonly held: string;
}

/** Columns of the longest time axis: with a name before it and a label behind it, it fits a terminal of 80. */
const TEXT_WIDTH = 64;
/** In pixels. */
const SVG_WIDTH = 720;

export function pictureOf(title: string, { spans, threads }: Run<unknown>, held = "the GIL"): Picture {
  return { title, spans, ids: threads.map(({ id }) => id), held };
}

/** What was recorded in some milliseconds around the middle, with times from their beginning. */
export function middleOf(spans: readonly Span[], ms: number): Span[] {
  const from = ((spans[0]?.start ?? 0) + (spans.at(-1)?.end ?? 0) - ms) / 2;
  return spans
    .map((span) => ({ ...span, start: Math.max(0, span.start - from), end: Math.min(ms, span.end - from) }))
    .filter(({ start, end }) => start < end);
}

/** Draws pictures on one scale: what takes half the time is half as wide. */
function draw(pictures: readonly Picture[], width: number, drawOne: typeof drawText): string[] {
  const lengths = pictures.map(({ spans }) => lengthOf(spans));
  const longest = Math.max(...lengths);
  return pictures.map(({ title, spans, ids, held }, i) => {
    const names = Object.fromEntries(ids.map((id, index) => [id, `thread ${index + 1}`]));
    const options = { title, names, width: Math.round((width * lengths[i]!) / longest) };
    // What draws traces knows of a GIL only.
    return drawOne(spans, options).replaceAll("the GIL", held);
  });
}

const lengthOf = (spans: readonly Span[]): number =>
  Math.max(...spans.map(({ end }) => end)) - Math.min(...spans.map(({ start }) => start));

/** Pictures for a terminal. */
export function asText(pictures: readonly Picture[]): string {
  return draw(pictures, TEXT_WIDTH, drawText).join("\n\n");
}

/** Pictures as one SVG image, one below the other. */
export function asSVG(pictures: readonly Picture[]): string {
  const images = draw(pictures, SVG_WIDTH, drawSVG);
  const sizes = images.map((image) => /width="(\d+)" height="(\d+)"/.exec(image)!.slice(1).map(Number));
  const width = Math.max(...sizes.map(([wide]) => wide!));
  let height = 0;
  const placed = images.map((image, i) => {
    const y = height;
    height += sizes[i]![1]!;
    return image.replace("<svg ", `<svg y="${y}" `);
  });
  const size = `width="${width}" height="${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${width} ${height}">`,
    `<rect ${size} rx="6" fill="#fff"/>`,
    ...placed,
    "</svg>\n",
  ].join("\n");
}

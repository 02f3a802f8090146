import { card, escaped, LETTER, line, text, widthOf } from "../base/svg.ts";
import { arrange, type PictureOptions, WORDS } from "./lanes.ts";
import type { Span } from "./trace.ts";

/**
 * How bars look, by their kind: in colours of Okabe and Ito, which people tell apart whatever their eyes, and by thickness and
 * dots, which remain in print.
 */
const BARS = [
  'stroke="#0072b2" stroke-width="20"',
  'stroke="#777" stroke-width="4"',
  'stroke="#e69f00" stroke-width="12"',
  'stroke="#009e73" stroke-width="6" stroke-dasharray="6 4"',
];
/** Pixels from lane to lane, and those above the first. */
const LANE = 32;
const TOP = 66;

/**
 * Lanes as an SVG image. It is never large: each pixel of the axis shows one thing.
 * @param lost how many events found no room.
 */
export function drawSVG(spans: readonly Span[], options: PictureOptions = {}, lost = 0): string {
  const picture = arrange(spans, options, 720, 90, lost);
  const { width, lanes, margin, kinds, ticks, switches } = picture;
  const title = escaped(picture.title);
  const left = Math.ceil(30 + LETTER * margin);
  const bottom = TOP + LANE * lanes.length;
  const height = bottom + 74;
  const whole = left + Math.max(width + 110, 560, 10 * widthOf(title));
  const middle = (lane: number): number => TOP + LANE * (lane + 0.5);

  /** The bars of one kind. */
  const bars = (columns: string, kind: number, y: number): string => {
    const runs = Array.from(columns.matchAll(RegExp(`${kind}+`, "g")));
    return line(runs.map(({ 0: run, index }) => `M${left + index} ${y}h${run.length}`).join(""), BARS[kind]!);
  };
  /** From the old holder's lane to the edge of the new one's bar. */
  const arrow = ([column, from, to]: (typeof switches)[number]): string => {
    const down = to > from ? 1 : -1;
    return `M${left + column} ${middle(from)}V${middle(to) - 10 * down}m-3 ${-5 * down}l3 ${5 * down}l3 ${-5 * down}`;
  };

  // More arrows than that would hide the bars, which show the same.
  const many = switches.length > width / 5;
  return card(whole, height, title, picture.summary, [
    text(20, 50, picture.summary + (many ? "; too many switches to draw one by one" : "")),
    ...ticks.map(
      ([column, label]) =>
        line(`M${left + column} ${TOP}V${bottom + 6}`, 'stroke="#ddd"') +
        text(left + column, bottom + 22, label, ' text-anchor="middle"'),
    ),
    ...lanes.map(
      ({ name, columns, totals }, i) =>
        text(left - 10, middle(i) + 4, escaped(name), ' text-anchor="end"') +
        kinds.map((kind) => bars(columns, kind, middle(i))).join("") +
        text(left + width + 10, middle(i) + 4, `${totals[0]!.slice(-7)} held`),
    ),
    line(many ? "" : switches.map(arrow).join(""), 'stroke="#222"'),
    ...kinds.map(
      (kind, i) =>
        line(`M${left + 140 * i} ${bottom + 50}h26`, BARS[kind]!) +
        text(left + 140 * i + 34, bottom + 54, WORDS[kind]!),
    ),
  ]);
}

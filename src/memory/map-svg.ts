import { card, escaped, LETTER, line, printable, text, widthIn, widthOf } from "../base/svg.ts";
import {
  addressesAt,
  axisOf,
  KINDS,
  kindOf,
  linesOf,
  listOf,
  type MapData,
  type MapOptions,
  sharesOf,
  summarise,
} from "./map-axis.ts";
import type { BlockInfo } from "./snapshot.ts";

/**
 * How blocks look, by their kind: in colours of Okabe and Ito, which people tell apart whatever their eyes, and tints of them, and
 * by the line along their upper edge: as thick as an element has bytes, or broken. Holes have slanted lines.
 */
const COLOURS = ["#0072b2", "#e69f00", "#777", "#009e73"];
const TINTS = ["#bfdcec", "#f9e7bf", "#ddd", "#bfe7dc"];
const LINES = ["8", "4", '4" stroke-dasharray="4 4', '4" stroke-dasharray="12 4'];

/** Pixels beside the axis, and those of a column that shows shares. */
export const MARGIN = 20;
const BAR = 2;

/**
 * An arena as an SVG image. It is never large: of very many blocks it shows the share of each column that is in use.
 * @param span see axisOf().
 */
export function mapSVG({ stats, blocks }: MapData, options: MapOptions, span?: number): string {
  const width = widthIn(options, 720);
  const title = escaped(printable(options.title ?? "Arena"));
  const summary = summarise(stats);
  return card(2 * MARGIN + Math.max(width, 600, 10 * widthOf(title)), 240, title, summary.join(", "), [
    ...summary.map((what, i) => text(MARGIN, 50 + 16 * i, what)),
    ...strip(blocks, 84, width, 84, span),
    legend(blocks, 208),
  ]);
}

/**
 * The axis: boxes that say of blocks and holes what there is room for, above their addresses.
 * @param span see axisOf().
 */
export function strip(
  blocks: readonly BlockInfo[],
  top: number,
  width: number,
  height: number,
  span?: number,
): string[] {
  const axis = axisOf(blocks, width, 3, span);
  const bottom = top + height;
  const edges = axis.edges.map((edge) => MARGIN + Math.round(edge));
  const labels: string[] = [];
  /** Of each kind the boxes, and the lines along their edges; in a crowd, bars. */
  const kinds = COLOURS.map(() => ["", ""]);
  let zigzags = "";
  blocks.forEach((block, i) => {
    const x = edges[i]!;
    const w = edges[i + 1]! - x;
    const isHole = block.state === "hole";
    if (axis.cut[i])
      zigzags += `M${x + w - 16} ${top - 4}${`l6 ${height / 8 + 1}l-6 ${height / 8 + 1}`.repeat(4)}`;
    else if (axis.crowded) return;
    if (!isHole) {
      const kind = kinds[kindOf(block)]!;
      kind[0] += box(x, top, w, height);
      kind[1] += `M${x} ${top + 4}h${w}`;
    }
    linesOf(block).forEach((what, k) => {
      const y = isHole ? top + height / 2 + 4 : top + 21 + 15 * k;
      if (LETTER * widthOf(what) + (axis.cut[i] ? 28 : 8) > w || y > bottom) return;
      // What stands on slanted lines brings its background.
      const look = isHole
        ? ' stroke="#fff" stroke-width="6" paint-order="stroke"'
        : k === 0
          ? ' font-weight="bold"'
          : "";
      labels.push(text(x + 5, y, escaped(what), look));
    });
  });
  if (axis.crowded) {
    sharesOf(blocks, axis, BAR).forEach((shares, bar) => {
      let [share, from] = [0, 0];
      kinds.forEach((kind, k) => {
        share += shares[k]!;
        const to = Math.ceil(share * height - 1e-6);
        if (to > from) kind[0] += box(MARGIN + BAR * bar, bottom - to, BAR, to - from);
        from = to;
      });
    });
  }
  const starts = blocks.map(({ address }) => address);
  const ticks = addressesAt(axis.edges, starts, ({ length }) => LETTER * (length + 1));
  return [
    hatching(MARGIN, top, width, height),
    ...kinds.map(([boxes, lines], k) => (boxes ? look(k, boxes, lines!) : "")),
    line(zigzags, 'stroke="#777" stroke-width="7"') + line(zigzags, 'stroke="#fff" stroke-width="5"'),
    ...labels,
    line(ticks.map(([x]) => `M${MARGIN + x} ${bottom + 2}v6`).join(""), 'stroke="#999"'),
    ...ticks.map(([x, address]) => text(MARGIN + x, bottom + 20, address)),
  ];
}

/** What the looks of boxes mean. */
export function legend(blocks: readonly BlockInfo[], y: number): string {
  return [...new Set(blocks.map(kindOf))]
    .sort()
    .map((kind, i) => {
      const x = MARGIN + 130 * i;
      return (
        (kind < 4 ? look(kind, box(x, y, 26, 16), `M${x} ${y + 4}h26`) : hatching(x, y, 26, 16)) +
        text(x + 34, y + 12, KINDS[kind]!)
      );
    })
    .join("");
}

/** Boxes of one kind and the lines along their edges; or bars, without lines. */
const look = (kind: number, boxes: string, lines: string): string =>
  lines
    ? `<path d="${boxes}" fill="${TINTS[kind]}" stroke="#fff"/>` +
      line(lines, `stroke="${COLOURS[kind]}" stroke-width="${LINES[kind]}"`)
    : `<path d="${boxes}" fill="${COLOURS[kind]}"/>`;

export const box = (x: number, y: number, width: number, height: number): string =>
  `M${x} ${y}h${width}v${height}h${-width}z`;

/** A box filled with slanted lines. */
function hatching(x: number, y: number, width: number, height: number): string {
  let d = "";
  for (let k = 8 - height; k < width; k += 8) {
    const from = Math.max(0, -k);
    const length = Math.min(height, width - k) - from;
    d += `M${x + k + from} ${y + height - from}l${length} ${-length}`;
  }
  return line(d, 'stroke="#999"');
}

/** An arena as the SVG image and a table of its blocks and holes, which has the page's colours: notebooks shade its rows. */
export function mapHTML(data: MapData, options: MapOptions, span?: number): string {
  const row = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell, i) => `<${tag} style="text-align:${i === 2 || i === 3 ? "right" : "left"}">${escaped(cell)}</${tag}>`).join("")}</tr>`;
  const [headings, ...rows] = listOf(data.blocks, 100);
  return [
    '<div tabindex="0" style="overflow:auto">',
    mapSVG(data, options, span),
    '<table cellpadding="4" style="margin:8px 16px;font:12px Menlo,Consolas,monospace;border-collapse:collapse">',
    row(headings!, "th"),
    ...rows.map((cells) => row(cells, "td")),
    "</table></div>",
  ].join("\n");
}

import { printable, widthIn, widthOf } from "../base/svg.ts";
import {
  addressesAt,
  axisOf,
  bytes,
  listOf,
  type MapData,
  type MapOptions,
  nameOf,
  sharesOf,
  sum,
  summarise,
} from "./map-axis.ts";
import type { BlockInfo } from "./snapshot.ts";

/** An arena for a terminal: its blocks and holes as boxes over their addresses, and a list of them. */
export function mapText({ stats, blocks }: MapData, options: MapOptions): string {
  const list = listOf(blocks, 8);
  const widths = list[0]!.map((_, i) => Math.max(...list.map((row) => widthOf(row[i]!))));
  return [
    printable(options.title ?? "Arena"),
    ...summarise(stats),
    "",
    ...boxes(blocks, widthIn(options, 80)),
    "",
    ...list.map((row) =>
      row
        .map((cell, i) => {
          const padding = " ".repeat(widths[i]! - widthOf(cell));
          return i === 2 || i === 3 ? padding + cell : cell + padding;
        })
        .join("  ")
        .trimEnd(),
    ),
  ].join("\n");
}

/** The boxes, above their addresses and a legend; of too many blocks the share of each column that is in use. */
export function boxes(blocks: readonly BlockInfo[], width: number, span?: number): string[] {
  const axis = axisOf(blocks, width - 1, 2, span);
  const { cut, crowded } = axis;
  const edges = axis.edges.map(Math.round);
  const isOpen = cut.at(-1)!;
  /** Joins what is drawn between the edges of each block and hole. */
  const row = (
    left: string,
    middle: string,
    right: string,
    draw: (width: number, i: number) => string,
  ): string => {
    const cells = blocks.map((_, i) => draw(edges[i + 1]! - edges[i]! - 1, i));
    return `${left}${cells.join(middle)}${isOpen ? "" : right}`.trimEnd();
  };
  const border = (width: number, i: number): string => (cut[i] ? " ─" : "──").repeat(width).slice(0, width);
  const starts = blocks.map(({ address }) => address);
  let addresses = "";
  for (const [column, label] of addressesAt(edges, starts, ({ length }) => length + 1)) {
    addresses = addresses.padEnd(column) + label;
  }
  if (crowded) {
    const shares = sharesOf(blocks, axis, 1);
    const bars = shares.map((kinds) => " ▁▂▃▄▅▆▇█"[Math.ceil(8 * sum(kinds) - 1e-6)]!);
    blocks.forEach((hole, i) => {
      const between = edges[i + 1]! - edges[i]!;
      if (cut[i]) bars.splice(edges[i]!, between, ...inside(hole, between));
    });
    return [bars.join("").trimEnd(), addresses, "▁▂▃▄▅▆▇█ share in use"];
  }
  return [
    row("┌", "┬", "┐", border),
    row("│", "│", "│", (width, i) => inside(blocks[i]!, width)),
    row("└", "┴", "┘", border),
    addresses,
    "░ hole   ─ ─ cut short",
  ];
}

/** What stands in the box of a block or a hole. */
function inside(block: BlockInfo, width: number): string {
  if (block.state === "hole") {
    const label = ` ${bytes(block.size)} `;
    const before = (width - label.length) >> 1;
    return before < 1 ? "░".repeat(width) : ("░".repeat(before) + label).padEnd(width, "░");
  }
  const [name, count] = block.state === "table" ? ["table", ""] : [nameOf(block), `${block.refs}`];
  const room = width - widthOf(name);
  if (room < 0) return " ".repeat(width);
  return room < count.length + 3 ? name + " ".repeat(room) : ` ${name}${count.padStart(room - 2)} `;
}

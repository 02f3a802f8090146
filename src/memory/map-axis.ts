import { printable } from "../base/svg.ts";
import type { ArenaStats, BlockInfo } from "./snapshot.ts";

/** How to draw an arena. */
export interface MapOptions {
  /** "text" for a terminal, "svg" for an image, "html" for the image and a table of the blocks; without it, a Picture: all three. */
  readonly format?: "text" | "svg" | "html" | undefined;
  /** Columns of the axis of addresses, from 20 to 2000: characters of a text (else 80), pixels of an SVG (else 720). */
  readonly width?: number | undefined;
  /** Else "Arena". */
  readonly title?: string | undefined;
}

/** What an arena is drawn from. */
export interface MapData {
  readonly stats: ArenaStats;
  readonly blocks: readonly BlockInfo[];
}

/** What lies between two addresses. */
export type Piece = Pick<BlockInfo, "state" | "size">;

/** Where pieces lie on an axis of so many columns. */
export interface Axis {
  /** Where each piece begins, and where the last one ends. */
  readonly edges: readonly number[];
  /** Whether a piece is drawn shorter than it is. */
  readonly cut: readonly boolean[];
  /** Whether there are too many pieces to draw each: then some may be less than a column. */
  readonly crowded: boolean;
}

export const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0);

/**
 * Lays pieces out to scale, but for two things. A hole larger than all blocks together is cut short, or it would squeeze them to
 * nothing: the unused end of an arena usually is such a hole. And a piece that would hardly be seen takes `least` columns.
 * @param span bytes that the axis shows, where several pictures need one scale: a hole that ends beyond is cut.
 */
export function axisOf(pieces: readonly Piece[], columns: number, least: number, span?: number): Axis {
  const used = sum(pieces.map(({ state, size }) => (state === "hole" ? 0 : size)));
  const limit = span ?? (used || Infinity);
  const cut = pieces.map(({ state, size }) => state === "hole" && size > limit);
  const whole = sum(pieces.map(({ size }, i) => (cut[i] ? 0 : size)));
  const cuts = cut.filter(Boolean).length;
  const total = Math.max(whole, span ?? (cuts && whole + used / 3));
  const crowded = 1.5 * least * pieces.length > columns;
  // Makes `least` columns when all sizes, those raised to it included, are scaled to fit.
  const smallest = crowded ? 0 : (total * least) / (columns - least * pieces.length);
  const sizes = pieces.map(({ size }, i) => Math.max(cut[i] ? (total - whole) / cuts : size, smallest));
  const scale = columns / Math.max(total, sum(sizes));
  const edges = [0];
  for (const size of sizes) edges.push(Math.min(columns, edges.at(-1)! + scale * size));
  return { edges, cut, crowded };
}

/** Of the addresses where pieces begin those for which there is room on the axis: each takes so many columns. */
export function addressesAt(
  edges: readonly number[],
  addresses: readonly number[],
  room: (label: string) => number,
): [column: number, label: string][] {
  let free = 0;
  return addresses.flatMap((address, i): [number, string][] => {
    const label = hex(address);
    const column = Math.round(edges[i]!);
    const end = column + room(label);
    if (column < free || end > edges.at(-1)!) return [];
    free = end;
    return [[column, label]];
  });
}

/** What kind of block it is, the index of its name in KINDS. */
export const kindOf = ({ state, dtype }: BlockInfo): number =>
  KINDS.indexOf(state === "block" ? dtype || "other" : state);
export const KINDS = ["float64", "float32", "other", "table", "hole"];

/** Of each bar, so many columns wide, the share that each kind of block takes. */
export function sharesOf(blocks: readonly BlockInfo[], { edges }: Axis, bar: number): number[][] {
  const shares = Array.from({ length: Math.ceil(edges.at(-1)! / bar) }, () => [0, 0, 0, 0]);
  blocks.forEach((block, i) => {
    const end = block.state === "hole" ? 0 : edges[i + 1]! / bar;
    for (let at = edges[i]! / bar; at < end; ) {
      const next = Math.min(Math.floor(at) + 1, end);
      shares[Math.floor(at)]![kindOf(block)]! += next - at;
      at = next;
    }
  });
  return shares;
}

/** "832 B", "59.9 MiB". */
export function bytes(size: number): string {
  const power = Math.min(3, Math.floor(Math.log2(Math.max(1, size)) / 10));
  return `${Number((size / 1024 ** power).toFixed(1))} ${["B", "KiB", "MiB", "GiB"][power]}`;
}

export const hex = (address: number): string => `0x${address.toString(16)}`;

export const plural = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

export const nameOf = ({ name, id }: { readonly name: string; readonly id: number }): string =>
  printable(name) || `#${id}`;

const shapeOf = ({ dtype, shape }: BlockInfo): string =>
  dtype && `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

/** What a box says of a block, a hole, or a part of the block table: the most important first. */
export function linesOf(block: BlockInfo): string[] {
  const { state, size, refs, dtype } = block;
  if (state === "hole") return [bytes(size)];
  if (state === "table") return ["table", bytes(size)];
  return [nameOf(block), plural(refs, "ref"), bytes(size), ...(dtype ? [dtype, shapeOf(block)] : [])];
}

/** How much is in use, in two lines. */
export function summarise(stats: ArenaStats): string[] {
  const { used, blocks, free, holes, largestHole, peak } = stats;
  const fragmentation = (100 * stats.fragmentation).toFixed(1);
  return [
    `used ${bytes(used)} (${plural(blocks, "block")}), free ${bytes(free)} (${plural(holes, "hole")})`,
    `largest hole ${bytes(largestHole)}, peak ${bytes(peak)}, fragmentation ${fragmentation} %`,
  ];
}

/** The heading of a list of blocks and holes, and its rows; of many only so many at each end. */
export function listOf(blocks: readonly BlockInfo[], ends: number): string[][] {
  const rows = (some: readonly BlockInfo[]): string[][] =>
    some.map((block) => {
      const { state, address, size, refs, dtype } = block;
      const isBlock = state === "block";
      return [
        isBlock ? nameOf(block) : state,
        hex(address),
        bytes(size),
        isBlock ? `${refs}` : "",
        dtype,
        shapeOf(block),
      ];
    });
  const more = blocks.length - 2 * ends;
  return [
    ["name", "address", "size", "refs", "dtype", "shape"],
    ...(more > 1
      ? [...rows(blocks.slice(0, ends)), [`… ${more} more`, "", "", "", "", ""], ...rows(blocks.slice(-ends))]
      : rows(blocks)),
  ];
}

import { layOut, type Printable, toText } from "../array/display.ts";
import type { NDArray } from "../array/ndarray.ts";
import { isContiguous, show } from "../array/shape.ts";
import { escaped, printable } from "../base/svg.ts";
import { plural } from "../memory/map-axis.ts";

/**
 * An array as a table with a caption: columns are its last axis, rows all others. Which elements it shows, and their digits, are
 * NumPy's choice, as in text. It takes its colours from the page, light or dark, and is scrolled with keys, too.
 */
export function arrayHTML(array: NDArray): string {
  return [
    '<figure style="margin:0;font:13px/1.5 Menlo,Consolas,monospace">',
    '<div tabindex="0" style="max-height:40em;overflow:auto"><table cellpadding="3" style="margin:0;border-collapse:collapse;text-align:right">',
    ...rowsOf(array),
    "</table></div>",
    `<figcaption style="opacity:.8">${escaped(captionOf(array))}</figcaption>`,
    "</figure>",
  ].join("\n");
}

/** What the table says of the array itself. */
function captionOf({ dtype, shape, strides, offset, name, block, refs }: NDArray): string {
  return [
    dtype,
    `shape ${show(shape)}`,
    `strides ${show(strides)}${isContiguous(shape, strides) ? "" : " (not contiguous)"}`,
    ...(offset > 0 ? [`offset ${offset}`] : []),
    `block #${block.id}${name && ` “${printable(name)}”`}`,
    plural(refs, "reference"),
  ].join(" · ");
}

function rowsOf(array: Printable): string[] {
  const { shape } = array;
  if (shape.length === 0) return [row("", [toText(array)])];
  const { items, words } = layOut(array);
  if (words.length === 0) return [row("", ["[]"])];
  const word = words.values();
  const columns = items.at(-1)!;
  const rows = (index: readonly number[]): string[] => {
    const along = items[index.length]!;
    if (along !== columns)
      return along.flatMap((i) => (i === undefined ? row("⋮", []) : rows([...index, i])));
    const cells = along.map((i) => (i === undefined ? "…" : word.next().value!));
    return [row(index.join(", "), cells)];
  };
  const headings = columns.map((i) => i ?? "…");
  return [row("", headings, "th", ' style="opacity:.6"'), ...rows([])];
}

/** A row of the table. Blanks become such that stay, and keep points and exponents in columns, indices in one line. */
function row(heading: string, cells: readonly (string | number)[], tag = "td", look = ""): string {
  const cell = (text: string | number, tag: string): string =>
    `<${tag}>${`${text}`.replaceAll(" ", "\u00a0")}</${tag}>`;
  return `<tr${look}>${cell(heading, heading ? "th" : "td")}${cells.map((text) => cell(text, tag)).join("")}</tr>`;
}

/*
 * What the pictures of sync/ and of memory/ have in common. An SVG brings its background, and colours as attributes: it is the
 * same on dark and on light pages, and where notebooks take `<style>` away. It has no ids: a page can hold many.
 */

/** Pixels that a letter is wide at most, at the size used: 0.6 of 12 in the usual monospaced fonts. */
export const LETTER = 7.3;

/** A text for XML. */
export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** A user's text without what moves a terminal's cursor, or can't be in XML. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, "?");
}

/** Columns that a text takes in a terminal, or in a monospaced font: letters of the Far East and pictograms take two. */
export function widthOf(text: string): number {
  return text.replace(/[\u2e80-\u{10ffff}]/gu, "xx").length;
}

/** The width that a user asked for, within limits. */
export function widthIn({ width }: { readonly width?: number | undefined }, usual: number): number {
  return Math.min(2000, Math.max(20, Math.floor(width || usual)));
}

/** The first of 1, 2, 5, 10, 20, 50 … times `step` that is at least `least`. */
export function stepOf(step: number, least: number): number {
  let at = step;
  for (let i = 0; at < least; i++) at *= [2, 2.5, 2][i % 3]!;
  return at;
}

/** A text of an SVG; `what` has been escaped. */
export function text(x: number, y: number, what: string | number, more = ""): string {
  return `<text x="${x}" y="${y}"${more}>${what}</text>`;
}

/** Lines of an SVG. */
export function line(d: string, look: string): string {
  return `<path d="${d}" fill="none" ${look}/>`;
}

/** An SVG image on a white card. Title, description and parts have been escaped. */
export function card(
  width: number,
  height: number,
  title: string,
  description: string,
  parts: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Menlo,Consolas,monospace" font-size="12" fill="#222">`,
    `<title>${title}</title><desc>${description}</desc>`,
    `<rect width="${width}" height="${height}" rx="6" fill="#fff"/>`,
    text(20, 30, title, ' font-size="16" font-weight="bold"'),
    ...parts,
    "</svg>",
  ].join("\n");
}

import { expect } from "vitest";

/** An element of an SVG image. */
export interface Element {
  readonly tag: string;
  readonly attributes: Record<string, string>;
  readonly text: string;
}

/** The elements of an XML document. Throws where it is not well-formed. */
export function parse(xml: string): Element[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML must not contain.
  expect(xml).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}/u);
  const token =
    /<\/(?<close>\w+)>|<(?<tag>\w+)(?<attributes>(?: [\w:-]+="[^"<]*")*)(?<empty>\/?)>|(?<text>[^<>]+)/y;
  const open: { tag: string; attributes: Record<string, string>; text: string }[] = [];
  const elements: Element[] = [];
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex;
    const found = token.exec(xml)?.groups;
    if (!found) throw new Error(`no XML: ${xml.slice(at, at + 60)}`);
    expect(found.text ?? found.attributes ?? "").not.toMatch(/&(?!#\d+;)/);
    const plain = (text: string): string =>
      text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(+code));
    if (found.tag !== undefined) {
      const pairs = Array.from(found.attributes!.matchAll(/([\w:-]+)="([^"]*)"/g));
      const attributes = Object.fromEntries(pairs.map(([, name, value]) => [name!, plain(value!)]));
      expect(Object.keys(attributes)).toHaveLength(pairs.length);
      const element = { tag: found.tag, attributes, text: "" };
      elements.push(element);
      if (!found.empty) open.push(element);
    } else if (found.close !== undefined) expect(open.pop()?.tag).toBe(found.close);
    else if (open.length > 0) open.at(-1)!.text += plain(found.text!);
  }
  expect(open).toEqual([]);
  return elements;
}

/** Columns of a terminal that a text takes, by Unicode's East Asian Width of what the tests use. */
export const cells = (text: string): number =>
  [...text].reduce((sum, letter) => sum + (/[\u2e80-\u9fff\u{1f000}-\u{1ffff}]/u.test(letter) ? 2 : 1), 0);

/** The rectangle that each text takes, in a font whose letters are 0.6 of its size wide. */
function boxes(
  elements: readonly Element[],
): { text: string; x1: number; x2: number; y1: number; y2: number }[] {
  const texts = elements.filter(({ tag }) => tag === "text");
  return texts.map(({ attributes, text }) => {
    const size = Number(attributes["font-size"] ?? 12);
    const width = 0.6 * size * cells(text.trim());
    const before = { start: 0, middle: width / 2, end: width }[attributes["text-anchor"] ?? "start"]!;
    const x1 = Number(attributes.x) - before;
    return {
      text,
      x1,
      x2: x1 + width,
      y1: Number(attributes.y) - size,
      y2: Number(attributes.y) + 0.25 * size,
    };
  });
}

/** All texts lie in the image, and none over another. */
export function expectApart(elements: readonly Element[]): void {
  const all = boxes(elements);
  const [width, height] = [Number(elements[0]!.attributes.width), Number(elements[0]!.attributes.height)];
  for (const [i, one] of all.entries()) {
    expect(one.x1, one.text).toBeGreaterThanOrEqual(0);
    expect(one.y1, one.text).toBeGreaterThanOrEqual(0);
    expect(one.x2, one.text).toBeLessThanOrEqual(width);
    expect(one.y2, one.text).toBeLessThanOrEqual(height);
    for (const other of all.slice(i + 1)) {
      const apart = one.x2 <= other.x1 || other.x2 <= one.x1 || one.y2 <= other.y1 || other.y2 <= one.y1;
      expect(apart, `${one.text} | ${other.text}`).toBe(true);
    }
  }
}

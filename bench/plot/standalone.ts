import { DOMImplementation, XMLSerializer } from "@xmldom/xmldom";
import type { Kind } from "./kinds.ts";
import { drawPlots } from "./plots.ts";
import type { Source } from "./source.ts";

/** Pixels; pictures scale. */
const WIDTH = 760;

/** A picture of some kind as the text of an SVG file. */
export interface Picture {
  readonly kind: Kind;
  readonly svg: string;
}

/** SVG files of the kinds that there is data for, on hosts without a document. */
export function standalone(sources: readonly Source[], kinds?: readonly Kind[]): Picture[] {
  // It has all of a document that Plot asks for.
  const document = new DOMImplementation().createDocument(null, "plots", null) as unknown as Document;
  const text = (svg: unknown): string => new XMLSerializer().serializeToString(svg as Serializable);
  return drawPlots(sources, { document, width: WIDTH }, kinds).map(({ kind, svg }) => ({
    kind,
    svg: `${rounded(text(svg))}\n`,
  }));
}

type Serializable = Parameters<XMLSerializer["serializeToString"]>[0];

/** Hundredths of a pixel are enough: in what is drawn, not in what is written. */
const rounded = (svg: string): string =>
  svg.replace(/(?<= (?:d|transform|[xy][12]?|c[xy]|width|height)=")[^"]*/g, (value) =>
    value.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => String(Math.round(100 * Number(number)) / 100)),
  );

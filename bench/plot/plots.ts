import { type Canvas, draw, type Figure } from "./figure.ts";
import { KINDS, type Kind } from "./kinds.ts";
import { latency } from "./latency.ts";
import { gemm, linpack } from "./rates.ts";
import { roofline } from "./roofline.ts";
import { scaling } from "./scaling.ts";
import type { Source } from "./source.ts";
import { stream } from "./stream.ts";

const FIGURES: Record<Kind, (sources: readonly Source[]) => Figure | undefined> = {
  gemm,
  linpack,
  roofline,
  scaling,
  latency,
  stream,
};

/** A picture of some kind. */
export interface Drawn {
  readonly kind: Kind;
  readonly svg: SVGSVGElement;
}

/** The kinds that there is data for, drawn. */
export const drawPlots = (
  sources: readonly Source[],
  canvas: Canvas,
  kinds: readonly Kind[] = KINDS,
): Drawn[] =>
  kinds.flatMap((kind) => {
    const figure = FIGURES[kind](sources);
    return figure === undefined ? [] : [{ kind, svg: draw(figure, canvas) }];
  });

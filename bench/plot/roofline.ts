import * as Plot from "@observablehq/plot";
import { BUILDS } from "../../src/kernels/builds.ts";
import { intensityOf } from "../roofline/intensity.ts";
import { isLinpack, isPeak, isSquareProduct, isStream } from "./belongs.ts";
import type { Figure, Panel } from "./figure.ts";
import { digits, logAxis, spreadOf, tipOf } from "./lines.ts";
import { type Look, looksOf } from "./looks.ts";
import { type Attainable, attainable } from "./peak.ts";
import { type Datum, dataOf, grouped, panelName, type Source, seriesName, subtitleOf } from "./source.ts";
import { fromMemory } from "./stream.ts";

/*
 * The roofline model (S. Williams, A. Waterman, D. Patterson, 2009): no kernel is faster than the peak, nor than memory brings its
 * operands. Intensities are as if each element were moved once.
 */

interface Kernel {
  readonly series: string;
  readonly label: string;
  /** Operations a byte. */
  readonly intensity: number;
  /** GFLOP/s. */
  readonly rate: number;
  readonly tip: string;
}

/** Slope and top of one series. */
interface Roof extends Attainable {
  /** GB/s. */
  readonly bandwidth: number;
}

/** Operations a byte, and the name of what is a kernel here; undefined for what is not. */
function kernelOf({ measurement }: Datum): { label: string; intensity: number } | undefined {
  const { what, n, dtype } = measurement;
  const bytes = dtype === "float32" ? 4 : 8;
  // Where threads are compared, too: 2 n³ operations on 3 n² elements.
  if (isSquareProduct(measurement) && n !== null)
    return { label: `gemm ${n}`, intensity: (2 * n) / (3 * bytes) };
  // Moves n² elements twice for ⅔ n³ operations.
  if (isLinpack(measurement) && n !== null) return { label: `LU ${n}`, intensity: n / (3 * bytes) };
  const intensity = intensityOf(measurement);
  return intensity === undefined ? undefined : { label: what, intensity };
}

function kernels(data: readonly Datum[], nameOf: (datum: Datum) => string): Kernel[] {
  return data.flatMap((datum) => {
    const kernel = kernelOf(datum);
    if (kernel === undefined) return [];
    const { unit, values } = datum.measurement;
    const series = nameOf(datum);
    const spread = spreadOf(values);
    const rate = unit === "GB/s" ? spread.middle * kernel.intensity : spread.middle;
    const tip = `${tipOf(series, kernel.label, unit, spread, values.length)}; ${digits(kernel.intensity)} FLOP/byte`;
    return [{ series, ...kernel, rate, tip }];
  });
}

/** The best bandwidth that a build has in the same source on as many threads; bytes have no dtype. */
function bandwidthOf(stream: readonly Datum[], { source, measurement: { threads } }: Datum): number {
  const rates = stream
    .filter(({ measurement: { who } }) => (BUILDS as readonly string[]).includes(who))
    .filter((datum) => datum.source === source && (datum.measurement.threads ?? 1) === (threads ?? 1))
    .map(({ measurement: { values } }) => spreadOf(values).middle);
  return Math.max(...rates);
}

/** Peak and bandwidth of this engine, and the kernels beneath. */
export function roofline(sources: readonly Source[]): Figure | undefined {
  const all = dataOf(sources);
  const stream = fromMemory(sources);
  const nameOf = ({ source, measurement: { who } }: Datum): string => seriesName(who, source, sources);
  const others = all.filter(({ measurement }) => !isStream(measurement));
  const shown = [...others, ...stream].filter((datum) => isPeak(datum.measurement) || kernelOf(datum));
  const panels = Array.from(grouped(shown, panelName), ([title, members]) => {
    const roofs = attainable(all, members, nameOf).flatMap((peak): Roof[] => {
      const like = members.find((datum) => nameOf(datum) === peak.name);
      const bandwidth = like === undefined ? Number.NEGATIVE_INFINITY : bandwidthOf(stream, like);
      return bandwidth > 0 ? [{ ...peak, bandwidth }] : [];
    });
    return { title, roofs, points: kernels(members, nameOf) };
  }).filter(({ roofs, points }) => roofs.length > 0 && points.length > 0);
  if (panels.length === 0) return undefined;
  const looks = looksOf(
    panels.flatMap(({ roofs, points }) => [
      ...roofs.map(({ name }) => name),
      ...points.map(({ series }) => series),
    ]),
  );
  return {
    title: "Roofline: GFLOP/s against operations a byte",
    subtitle: [
      "Lines: no kernel is above the multiply-adds that registers allow, nor the bandwidth of memory; points: kernels, as if each element were moved once",
      ...subtitleOf(sources),
    ],
    legend: looks,
    panels: panels.map(
      ({ title, roofs, points }): Panel => ({ title, options: () => axes(roofs, points, looks) }),
    ),
  };
}

function axes(
  roofs: readonly Roof[],
  points: readonly Kernel[],
  looks: ReadonlyMap<string, Look>,
): Plot.PlotOptions {
  const intensities = [
    ...points.map(({ intensity }) => intensity),
    ...roofs.map(({ rate, bandwidth }) => rate / bandwidth),
  ];
  const [left, right] = [Math.min(...intensities) / 2, 2 * Math.max(...intensities)];
  const ceilings = roofs.map(({ name, rate, bandwidth, tip }) => ({
    colour: looks.get(name)?.colour,
    tip: `${tip}; ${digits(bandwidth)} GB/s`,
    corners: [
      [left, left * bandwidth],
      [rate / bandwidth, rate],
      [right, rate],
    ] as [number, number][],
  }));
  const rates = [
    ...points.map(({ rate }) => rate),
    ...ceilings.flatMap(({ corners }) => corners.map(([, y]) => y)),
  ];
  return {
    x: logAxis("FLOP/byte", left, right),
    y: logAxis("GFLOP/s", Math.min(...rates) / 1.5, 1.5 * Math.max(...rates)),
    marks: [
      ...ceilings.map(({ corners, colour, tip }) =>
        Plot.line(corners, {
          ...(colour === undefined ? {} : { stroke: colour }),
          strokeWidth: 2,
          className: "roof",
          title: () => tip,
        }),
      ),
      ...Array.from(looks, ([name, { colour, symbol }]) =>
        Plot.dot(
          points.filter(({ series }) => series === name),
          { x: "intensity", y: "rate", symbol, fill: colour, r: 3.5, title: "tip", className: "points" },
        ),
      ),
    ],
  };
}

import * as Plot from "@observablehq/plot";
import { isStream } from "./belongs.ts";
import type { Figure, Panel } from "./figure.ts";
import { digits, spreadOf, tipOf } from "./lines.ts";
import { looksOf } from "./looks.ts";
import { type Datum, dataOf, grouped, panelName, type Source, seriesName, subtitleOf } from "./source.ts";

/** The measurements of the longest vectors: those that lie in no cache. */
export function fromMemory(sources: readonly Source[]): Datum[] {
  const keyOf = ({ source, measurement: { dtype, threads } }: Datum): string =>
    [source.name, dtype, threads].join("\n");
  return Array.from(grouped(dataOf(sources, isStream), keyOf).values()).flatMap((group) => {
    const longest = Math.max(...group.map(({ measurement: { n } }) => n ?? 0));
    return group.filter(({ measurement: { n } }) => (n ?? 0) === longest);
  });
}

/** Bandwidths of memory, as bars. */
export function stream(sources: readonly Source[]): Figure | undefined {
  const data = fromMemory(sources);
  if (data.length === 0) return undefined;
  const nameOf = ({ source, measurement: { who } }: Datum): string => seriesName(who, source, sources);
  const looks = looksOf(data.map(nameOf));
  const top = Math.max(...data.flatMap(({ measurement: { values } }) => spreadOf(values).high));
  /** Room for a number over each bar of four kernels. */
  const wide = 70 + 4 * 30 * looks.size;
  return {
    title: "STREAM, GB/s",
    subtitle: [
      "Medians, with the middle half of all samples; vectors too long for any cache",
      ...subtitleOf(sources),
    ],
    legend: looks,
    panelWidth: Math.max(330, wide),
    panels: Array.from(
      grouped(data, panelName),
      ([title, members]): Panel => ({
        title,
        options: (width) => bars(members, nameOf, looks, { top, numbered: width >= wide }),
      }),
    ),
  };
}

/** A group of bars for each kernel, a bar for each series. */
function bars(
  data: readonly Datum[],
  nameOf: (datum: Datum) => string,
  looks: ReturnType<typeof looksOf>,
  { top, numbered }: { readonly top: number; readonly numbered: boolean },
): Plot.PlotOptions {
  const rows = data.map((datum) => {
    const { what, unit, values } = datum.measurement;
    const name = nameOf(datum);
    const spread = spreadOf(values);
    const tip = tipOf(name, what, unit, spread, values.length);
    return { what, name, colour: looks.get(name)?.colour, label: digits(spread.middle), ...spread, tip };
  });
  return {
    marginBottom: 28,
    // Kernels stand as facets, so that a group's bars share its room.
    fx: { label: null, domain: [...new Set(rows.map(({ what }) => what))], axis: "bottom", padding: 0.15 },
    x: { axis: null, domain: [...new Set(rows.map(({ name }) => name))], padding: 0.1 },
    y: { domain: [0, 1.1 * top], grid: true, label: "GB/s" },
    marks: [
      Plot.barY(rows, {
        fx: "what",
        x: "name",
        y: "middle",
        fill: "colour",
        title: "tip",
        className: "bars",
      }),
      Plot.ruleX(rows, {
        fx: "what",
        x: "name",
        y1: "low",
        y2: "high",
        stroke: "currentColor",
        strokeWidth: 2,
      }),
      ...(numbered
        ? [
            Plot.text(rows, {
              fx: "what",
              x: "name",
              y: "high",
              text: "label",
              dy: -8,
              fontSize: 10,
              fill: "currentColor",
            }),
          ]
        : []),
      Plot.ruleY([0]),
    ],
  };
}

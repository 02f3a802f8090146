import * as Plot from "@observablehq/plot";
import type { Measurement } from "../results-file/format.ts";
import { isLinpack, isSquareProduct } from "./belongs.ts";
import type { Figure, Panel } from "./figure.ts";
import { axisOfN, digits, lineMarks, pointsAgainstN, spreadOf } from "./lines.ts";
import { type Look, looksOf } from "./looks.ts";
import { type Attainable, attainable } from "./peak.ts";
import { type Datum, dataOf, grouped, panelName, type Source, seriesName, subtitleOf } from "./source.ts";

/** Rates against n, as BLIS draws them: from 0 to the attainable peak, a panel for each dtype and number of threads. */
function rates(
  title: string,
  sources: readonly Source[],
  belongs: (measurement: Measurement) => boolean,
): Figure | undefined {
  const all = dataOf(sources);
  const data = dataOf(sources, belongs);
  if (data.length === 0) return undefined;
  const nameOf = ({ source, measurement: { who } }: Datum): string => seriesName(who, source, sources);
  const looks = looksOf(data.map(nameOf));
  const panels = Array.from(grouped(data, panelName), ([name, members]): Panel => {
    const peaks = attainable(all, members, nameOf);
    const series = grouped(members, nameOf);
    const top = topOf(members, peaks);
    return {
      title: name,
      note: `top: ${peaks.length > 0 ? "attainable peak" : "best seen"}, ${digits(top)}`,
      options: (width) => ({
        x: axisOfN(
          members.map(({ measurement: { n } }) => n ?? 1),
          width,
        ),
        y: { domain: [0, top], grid: true, label: "GFLOP/s", nice: false },
        marks: [
          Plot.ruleY([0]),
          ...peaks.map((peak) => peakMark(peak, looks)),
          ...Array.from(series, ([who, points]) =>
            lineMarks(pointsAgainstN(who, points), looks.get(who)),
          ).flat(),
        ],
      }),
    };
  });
  const subtitle = [
    "Medians, in bands of the middle half of all samples; dashed: the attainable peak of each build",
  ];
  return { title, subtitle: [...subtitle, ...subtitleOf(sources)], legend: looks, panels };
}

/** What is attainable; or, where more was seen than that, what was seen. */
function topOf(data: readonly Datum[], peaks: readonly Attainable[]): number {
  return Math.max(
    ...peaks.map(({ rate }) => rate),
    ...data.map(({ measurement: { values } }) => spreadOf(values).high),
  );
}

const peakMark = ({ name, rate, tip }: Attainable, looks: ReadonlyMap<string, Look>): Plot.Markish =>
  Plot.ruleY([{ rate, tip }], {
    ...{ y: "rate", title: "tip", stroke: looks.get(name)?.colour ?? "var(--quiet)", strokeWidth: 1.5 },
    ...{ strokeDasharray: "6 4", className: "peak" },
  });

/** Square products against their side. */
export const gemm = (sources: readonly Source[]): Figure | undefined =>
  rates("Matrix products, GFLOP/s against n", sources, isSquareProduct);

/** LINPACK against the order of its system. */
export const linpack = (sources: readonly Source[]): Figure | undefined =>
  rates("LINPACK, GFLOP/s against N", sources, isLinpack);

import { isLatency } from "./belongs.ts";
import type { Figure, Panel } from "./figure.ts";
import { axisOfN, lineMarks, logAxis, pointsAgainstN } from "./lines.ts";
import { looksOf } from "./looks.ts";
import { type Datum, dataOf, grouped, type Source, seriesName, subtitleOf } from "./source.ts";

/** What one call costs, against n. */
export function latency(sources: readonly Source[]): Figure | undefined {
  const data = dataOf(sources, isLatency);
  if (data.length === 0) return undefined;
  const nameOf = ({ source, measurement: { who, what } }: Datum): string =>
    seriesName(`${who}, ${what}`, source, sources);
  const looks = looksOf(data.map(nameOf));
  const panelOf = ({ measurement: { dtype } }: Datum): string => dtype ?? "any dtype";
  return {
    title: "What a call costs, ns against n",
    subtitle: ["Medians, in bands of the middle half of all samples", ...subtitleOf(sources)],
    legend: looks,
    panels: Array.from(
      grouped(data, panelOf),
      ([title, members]): Panel => ({
        title,
        options: (width) => ({
          x: axisOfN(
            members.map(({ measurement: { n } }) => n ?? 1),
            width,
          ),
          y: logAxis("ns per call", ...extent(members)),
          marks: Array.from(grouped(members, nameOf), ([name, own]) =>
            lineMarks(pointsAgainstN(name, own), looks.get(name)),
          ).flat(),
        }),
      }),
    ),
  };
}

/** From the least to the most, with some air. */
function extent(data: readonly Datum[]): [low: number, high: number] {
  const values = data.flatMap(({ measurement: { values } }) => values);
  return [Math.min(...values) / 1.3, 1.3 * Math.max(...values)];
}

import * as Plot from "@observablehq/plot";
import { isScaling, isWeak } from "./belongs.ts";
import type { Figure, Panel } from "./figure.ts";
import { lineMarks, type Point, spreadOf, tipOf } from "./lines.ts";
import { looksOf } from "./looks.ts";
import { type Datum, dataOf, grouped, type Source, seriesName, subtitleOf, threadsName } from "./source.ts";

/** How many times one thread's rate each number of threads has: round by round, as they were taken in turns. */
function speedUps(name: string, data: readonly Datum[]): Point[] {
  const one = data.find(({ measurement: { threads } }) => threads === 1);
  if (one === undefined) return [];
  const alone = one.measurement.values;
  const points = data.map(({ measurement: { threads, values, better } }) => {
    const rounds = Math.min(values.length, alone.length);
    const ratios = Array.from({ length: rounds }, (_, i) =>
      better === "lower" ? alone[i]! / values[i]! : values[i]! / alone[i]!,
    );
    const spread = spreadOf(ratios);
    return { x: threads ?? 1, ...spread, tip: tipOf(name, threadsName(threads), "×", spread, rounds) };
  });
  return points.sort((x, y) => x.x - y.x);
}

/** Speed-up against threads, beside the ideal. */
export function scaling(sources: readonly Source[]): Figure | undefined {
  const data = dataOf(sources, isScaling);
  const nameOf = (datum: Datum): string => {
    const { who, label, n } = datum.measurement;
    const size = isWeak(datum.measurement) ? `${label} a thread` : `n = ${n}`;
    return seriesName(`${who}, ${size}`, datum.source, sources);
  };
  const panelOf = (datum: Datum): string =>
    `${isWeak(datum.measurement) ? "weak" : "strong"} scaling, ${datum.measurement.dtype}`;
  const panels = Array.from(grouped(data, panelOf), ([title, members]) => {
    const series = Array.from(grouped(members, nameOf), ([name, own]) => ({
      name,
      points: speedUps(name, own),
    }));
    return { title, series: series.filter(({ points }) => points.length > 1) };
  }).filter(({ series }) => series.length > 0);
  if (panels.length === 0) return undefined;
  const looks = looksOf(panels.flatMap(({ series }) => series.map(({ name }) => name)));
  const most = Math.max(...data.map(({ measurement: { threads } }) => threads ?? 1));
  const counts = [...new Set(data.map(({ measurement: { threads } }) => threads ?? 1))].sort((x, y) => x - y);
  const top = Math.max(
    most,
    ...panels.flatMap(({ series }) => series.flatMap(({ points }) => points.map(({ high }) => high))),
  );
  return {
    title: "Speed-up over one thread",
    subtitle: ["Dashed: as many times as there are threads", ...subtitleOf(sources)],
    legend: looks,
    panels: panels.map(
      ({ title, series }): Panel => ({
        title,
        options: () => ({
          x: { domain: [1, most], ticks: counts, tickFormat: String, label: "threads", grid: true, inset: 6 },
          y: { domain: [0, top], grid: true, label: "times one thread’s rate" },
          marks: [
            Plot.ruleY([0]),
            Plot.line(
              [
                [1, 1],
                [most, most],
              ],
              { stroke: "var(--quiet)", strokeDasharray: "6 4", className: "ideal" },
            ),
            ...series.flatMap(({ name, points }) => lineMarks(points, looks.get(name))),
          ],
        }),
      }),
    ),
  };
}

import { isPeak } from "./belongs.ts";
import { digits } from "./lines.ts";
import type { Datum } from "./source.ts";

/** The most that a build can reach, on as many threads as a panel is about. */
export interface Attainable {
  /** Of the series whose limit it is. */
  readonly name: string;
  /** GFLOP/s. */
  readonly rate: number;
  readonly tip: string;
}

/** The best run of multiply-adds on registers: of the same source, build, dtype and threads as `like`. */
function peakOf(all: readonly Datum[], { source, measurement: like }: Datum): number | undefined {
  const rates = all
    .filter(({ measurement }) => isPeak(measurement))
    .filter((datum) => datum.source === source && datum.measurement.who === like.who)
    .filter(({ measurement: { dtype } }) => dtype === like.dtype)
    .filter(({ measurement: { threads } }) => (threads ?? 1) === (like.threads ?? 1))
    .flatMap(({ measurement: { values } }) => values);
  return rates.length === 0 ? undefined : Math.max(...rates);
}

/** The peak of each series of a panel that has one. */
export function attainable(
  all: readonly Datum[],
  panel: readonly Datum[],
  nameOf: (datum: Datum) => string,
): Attainable[] {
  const first = new Map(panel.map((datum) => [nameOf(datum), datum] as const));
  return Array.from(first).flatMap(([name, datum]) => {
    const rate = peakOf(all, datum);
    return rate === undefined
      ? []
      : [{ name, rate, tip: `${name}: attainable peak, ${digits(rate)} GFLOP/s` }];
  });
}

import type { Environment } from "../results-file/format.ts";
import type { Here } from "./protocol.ts";

/** Steps of the clock that limit nothing, in milliseconds: samples are a hundred times as long, and 10 ms at least. */
const FINE_MS = 0.02;

/** "5 µs", "100 µs", "1.7 ms" */
function time(ms: number): string {
  const digits = (value: number): string => String(Number(value.toPrecision(2)));
  return ms >= 1 ? `${digits(ms)} ms` : `${digits(1000 * ms)} µs`;
}

/** What a page cannot do here and a program of the same machine can, a line each. */
export function limitsOf({ environment, threads }: Here, isolated: boolean): string[] {
  const { timerMs, cpu } = environment;
  return [
    ...(isolated
      ? []
      : [
          "One thread: the page is not cross-origin isolated, so threads share no memory. The headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp isolate it.",
        ]),
    ...(isolated && threads.used === 1 ? [`One thread: ${threads.reason}.`] : []),
    ...relaxedLimit(environment),
    timerMs > FINE_MS
      ? `A coarse clock, in steps of ${time(timerMs)}: samples last ${time(100 * timerMs)} at least, so there are fewer of them.`
      : `The clock goes in steps of ${time(timerMs)}: samples are at least a hundred times as long.`,
    ...(cpu === null
      ? ["Pages are not told which processor this is: write it down beside the results."]
      : []),
    "No tuned build: it takes flags that a page cannot set.",
    "A page that is out of sight is slowed down by the browser. Leave it in front; the results say if it was not.",
  ];
}

function relaxedLimit({ builds, engine }: Environment): string[] {
  const [build] = builds;
  if (build === undefined || build.build !== "strict") return [];
  const webkit = engine === "javascriptcore" ? ", as in all of WebKit" : "";
  return [
    `No relaxed SIMD${webkit}: the strict build multiplies and adds in two steps, at about four fifths of the speed (${build.reason}).`,
  ];
}

import type { Context } from "../../index.ts";
import { asText, pictureOf } from "./figure.ts";
import { milliseconds, paragraph, type Report, speed, table } from "./report.ts";
import { perform, type Run } from "./stage.ts";

const THREADS = 3;
const TIMES = 4;
const COMPUTE_MS = 4;
const IO_MS = 18;

/** Threads that mostly wait for IO: holding the GIL meanwhile, or releasing it. */
export async function demoGilIo(la: Context): Promise<Report> {
  using gil = la.gil();
  const run = (release: boolean): Promise<Run<void>> => {
    const options = { gil, release, times: TIMES, computeMs: COMPUTE_MS, ioMs: IO_MS };
    return perform(la, THREADS, "demo-requests", options, () => gil.trace());
  };
  const holding = await run(false);
  const releasing = await run(true);

  const pictures = [
    pictureOf("The GIL is held during IO: one waits, and all others wait for it", holding),
    pictureOf("The GIL is released during IO: all wait at the same time", releasing),
  ];
  const [rounds, roundMs] = [THREADS * TIMES, IO_MS + COMPUTE_MS];
  const text = [
    paragraph(`
      Three threads under one global interpreter lock (GIL) wait ${IO_MS} ms for IO (a timer in place of a
      disk or a network) and then compute for ${COMPUTE_MS} ms, ${TIMES} times each. Who computes must hold
      the GIL; who waits need not.`),
    asText(pictures),
    table([
      ["", "time", "speed"],
      ["GIL held during IO", milliseconds(holding.ms), speed(holding.ms, holding.ms)],
      ["GIL released during IO", milliseconds(releasing.ms), speed(holding.ms, releasing.ms)],
    ]),
    paragraph(`
      ${rounds} times ${roundMs} ms are ${rounds * roundMs} ms, if nothing overlaps:
      ${milliseconds(holding.ms)} were measured. Released during IO (gil.allowThreadsAsync()), the GIL is
      free for whoever has something to compute, and the waits overlap: ${milliseconds(releasing.ms)}.`),
  ].join("\n\n");
  return {
    text,
    pictures,
    data: { threads: THREADS, runs: { holding: dataOf(holding), releasing: dataOf(releasing) } },
  };
}

const dataOf = ({ ms }: Run<void>) => ({ ms });

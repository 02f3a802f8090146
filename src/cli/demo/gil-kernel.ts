import type { Context } from "../../index.ts";
import { asText, pictureOf } from "./figure.ts";
import { coresNote, doubt, milliseconds, paragraph, type Report, speed, table } from "./report.ts";
import { perform, quickest, type Run } from "./stage.ts";

const THREADS = 2;
const N = 384;
const TIMES = 8;

/** Threads that multiply matrices: holding the GIL meanwhile, or releasing it. */
export async function demoGilKernel(la: Context): Promise<Report> {
  using gil = la.gil();
  const run = (release: boolean): Promise<Run<number>> =>
    perform(la, THREADS, "demo-products", { gil, release, n: N, times: TIMES }, () => gil.trace());
  const holding = await quickest(() => run(false));
  const releasing = await quickest(() => run(true));

  const pictures = [
    pictureOf("The GIL is held while kernels compute: one at a time", holding),
    pictureOf("The GIL is released while kernels compute: both at once", releasing),
  ];
  const row = (name: string, { ms }: Run<number>): string[] => [
    name,
    milliseconds(ms),
    gflops(ms).toFixed(1),
    speed(holding.ms, ms),
  ];
  const text = [
    paragraph(`
      Two threads under one global interpreter lock (GIL) multiply ${N}×${N} matrices of float64 and add up
      the elements of the product in a loop of their own, ${TIMES} times each. The loop needs the GIL. The
      product does not: after la.useGil(gil), a context releases the GIL around it, as NumPy does.`),
    ...coresNote(la),
    asText(pictures),
    table([
      ["", "time", "GFLOP/s", "speed"],
      row("GIL held by kernels", holding),
      row("GIL released by kernels", releasing),
    ]),
    paragraph(`
      Held while kernels compute, the GIL keeps all other cores idle: ${milliseconds(holding.ms)}. Released,
      the threads multiply at the same time, and only their loops take turns: ${milliseconds(releasing.ms)}.
      ${doubt(la, holding.ms / releasing.ms)}`),
  ].join("\n\n");
  return {
    text,
    pictures,
    data: { n: N, threads: THREADS, runs: { holding: dataOf(holding), releasing: dataOf(releasing) } },
  };
}

const gflops = (ms: number): number => (2 * N ** 3 * TIMES * THREADS) / ms / 1e6;

const dataOf = ({ ms }: Run<number>) => ({ ms, gflops: gflops(ms) });

import type { Context, Span } from "../../index.ts";
import { asText, pictureOf } from "./figure.ts";
import {
  coresNote,
  doubt,
  milliseconds,
  paragraph,
  percent,
  type Report,
  speed,
  table,
  whole,
} from "./report.ts";
import { perform, quickest, type Recording } from "./stage.ts";
import type { PrimesOptions } from "./tasks.ts";

const LIMIT = 700_000;

/** Two threads that only compute, under one GIL. */
export async function demoGilCpu(la: Context): Promise<Report> {
  using gil = la.gil();
  const run = (threads: number, options: Omit<PrimesOptions, "limit">, record?: () => Recording) =>
    quickest(() => perform(la, threads, "demo-primes", { ...options, limit: LIMIT }, record));
  const alone = await run(1, { gil, times: 2 });
  const under = await run(2, { gil, times: 1 }, () => gil.trace());
  const free = await run(2, { gil: undefined, times: 1 });

  const ids = under.threads.map(({ id }) => id);
  const { shares, turnMs, switches } = turnsOf(under.spans, ids);
  const pictures = [pictureOf("Two CPU-bound threads under one GIL", under)];
  const row = (name: string, { ms }: { ms: number }): string[] => [
    name,
    milliseconds(ms),
    speed(alone.ms, ms),
  ];
  const interval = gil.switchInterval;
  const text = [
    paragraph(`
      Two threads count the primes below ${whole(LIMIT)} under one global interpreter lock (GIL), as two
      threads of CPython would: only the one that holds it runs. The other, when it has waited for
      ${interval} ms, asks for it; the holder looks now and then whether somebody asks (gil.checkpoint()),
      and then passes it on.`),
    ...coresNote(la),
    asText(pictures),
    table([
      ["", "time", "speed"],
      row("one thread that counts twice", alone),
      row("two threads under the GIL", under),
      row("two threads without a GIL", free),
    ]),
    paragraph(`
      While both ran, the threads held the GIL for ${shares.map(percent).join(" and ")} of the time, and it
      changed hands ${switches} times, every ${milliseconds(turnMs)}. Under a GIL, threads that compute take
      turns and gain nothing: ${milliseconds(under.ms)}, where one thread needs ${milliseconds(alone.ms)}
      for the same. Without it, two threads need ${milliseconds(free.ms)}. ${doubt(la, alone.ms / free.ms)}`),
  ].join("\n\n");
  const runs = {
    alone: { ms: alone.ms },
    gil: { ms: under.ms, shares, switches, turnMs },
    free: { ms: free.ms },
  };
  return { text, pictures, data: { primes: under.threads[0]!.result, switchIntervalMs: interval, runs } };
}

/** How the threads shared the GIL while all wanted it: from when the last began until the first was done. */
function turnsOf(spans: readonly Span[], ids: readonly number[]) {
  const own = ids.map((id) => spans.filter(({ thread }) => thread === id));
  const from = Math.max(...own.map((lane) => lane[0]!.start));
  const to = Math.min(...own.map((lane) => lane.at(-1)!.end));
  const held = own.map((lane) =>
    lane
      .filter(({ activity, start, end }) => activity === "held" && end > from && start < to)
      .map(({ start, end }) => Math.min(end, to) - Math.max(start, from)),
  );
  const sums = held.map((turns) => turns.reduce((sum, ms) => sum + ms, 0));
  const turns = held.flat().length;
  return { shares: sums.map((ms) => ms / (to - from)), turnMs: (to - from) / turns, switches: turns - 1 };
}

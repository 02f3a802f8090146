import type { Context, Span } from "../../index.ts";
import { threadModule } from "../thread.ts";
import type { DEMO_TASKS, Stint } from "./tasks.ts";

type Tasks = typeof DEMO_TASKS;

/** What a thread's work returns. */
type ResultOf<T extends keyof Tasks> = Awaited<ReturnType<Tasks[T]>>["result"];

/** Threads that have done their work. */
export interface Run<R> {
  /** Milliseconds from the first begin to the last end: threads are started and warmed up before. */
  readonly ms: number;
  readonly threads: readonly (Stint<R> & { readonly id: number })[];
  /** What was recorded. */
  readonly spans: readonly Span[];
}

/** Records what threads do, from when it was made. */
export interface Recording {
  stop(): void;
  spans(): readonly Span[];
}

/** Starts threads, lets them warm up, then has all of them begin at once, and waits for their end. */
export async function perform<T extends keyof Tasks>(
  la: Context,
  count: number,
  task: T,
  options: Parameters<Tasks[T]>[2],
  record?: () => Recording,
): Promise<Run<ResultOf<T>>> {
  using gate = la.barrier(count + 1);
  const threads = Array.from({ length: count }, () =>
    la.spawn<Stint<ResultOf<T>>>(threadModule(), [task, gate, options]),
  );
  // In the order in which pictures have them.
  threads.sort((one, other) => one.id - other.id);
  const ends = Promise.all(threads.map((thread) => thread.joinAsync()));
  // A thread that fails must not leave the others waiting at the gate, or this one.
  ends.catch(() => gate.abort());
  let recording: Recording | undefined;
  try {
    await gate.waitAsync();
    recording = record?.();
    await gate.waitAsync();
  } catch {
    // `ends` says why.
  }
  const stints = await ends;
  recording?.stop();
  return {
    ms: Math.max(...stints.map(({ end }) => end)) - Math.min(...stints.map(({ begin }) => begin)),
    threads: stints.map((stint, i) => ({ ...stint, id: threads[i]!.id })),
    spans: recording?.spans() ?? [],
  };
}

/** The quickest of three runs: the one that other programs have disturbed least. */
export async function quickest<R>(run: () => Promise<Run<R>>): Promise<Run<R>> {
  const runs = [await run(), await run(), await run()];
  return runs.reduce((best, other) => (other.ms < best.ms ? other : best));
}

import type { Barrier, Context } from "../../src/index.ts";
import type { SampleSettings } from "./sample.ts";

/** How often the main thread looks whether it is to stop. */
const LOOK_MS = 100;

/** What a bench starts a crew with. */
interface Home {
  readonly la: Context;
  readonly settings: Pick<SampleSettings, "stopped">;
  /** The module whose threads run the bench's tasks. */
  readonly threadModule: URL;
}

/** A section in which threads share memory; where they cannot, it leaves a note. */
export const amongThreads =
  <Bench extends { readonly la: Context; readonly notes: string[] }>(
    what: string,
    section: (bench: Bench) => Promise<void>,
  ) =>
  async (bench: Bench): Promise<void> => {
    const { shared, reason } = bench.la.config().memory;
    if (shared) await section(bench);
    else bench.notes.push(`${what}: threads share no memory here (${reason})`);
  };

/** What every task of a crew gets. */
export interface Place {
  /** Of all threads of the crew. */
  readonly barrier: Barrier;
  /** 0, 1, … */
  readonly thread: number;
  readonly rounds: number;
}

/**
 * Runs a task in some threads of its own, from the main thread, whose event loop stays free.
 * @returns what each returned: of as many rounds as there were before the bench was stopped.
 */
export async function inThreads<R>(
  { la, settings, threadModule }: Home,
  task: string,
  count: number,
  rounds: number,
  args: object,
): Promise<R[]> {
  const barrier = la.barrier(count);
  const run = async (thread: number): Promise<R> => {
    try {
      return await la.spawn<R>(threadModule, [task, { ...args, barrier, thread, rounds }]).joinAsync();
    } catch (error) {
      // Whoever fails, or cannot be started, must not leave the others waiting for it.
      barrier.abort();
      throw error;
    }
  };
  const timer = setInterval(() => {
    if (settings.stopped()) barrier.abort();
  }, LOOK_MS);
  try {
    const ends = Array.from({ length: count }, (_, thread) => run(thread));
    await Promise.allSettled(ends);
    return await Promise.all(ends);
  } finally {
    clearInterval(timer);
    barrier[Symbol.dispose]();
  }
}

/** In a thread of a crew: calls `round` in all of them at one time, again and again, until the main thread breaks the barrier. */
export async function inRounds(
  { barrier, rounds }: Place,
  round: (round: number) => void | Promise<void>,
): Promise<void> {
  try {
    for (let i = 0; i < rounds; ++i) {
      barrier.wait();
      await round(i);
    }
  } catch (error) {
    if ((error as { code?: string }).code !== "BROKEN") throw error;
  }
}

export { median, pairedRatio, quantile, spread } from "./statistics.ts";

/** How long some calls took on the clock; and of processor time, if it was another process's than this one. */
export interface Timing {
  readonly ms: number;
  readonly cpuMs?: number;
}

/** Something that can be timed. */
export interface Subject {
  sample(calls: number): Timing | Promise<Timing>;
}

export interface SampleSettings {
  readonly rounds: number;
  /** The shortest sample. */
  readonly sampleMs: number;
  readonly warmUpMs: number;
  /** Whether to stop now, with what there is. */
  readonly stopped: () => boolean;
  /** Processor time of this process, where that can be told. */
  readonly cpuMs?: (() => number) | undefined;
  /** What tells how fast the machine is, at the end of each round. */
  readonly reference?: { pace(): number } | undefined;
}

/** What came of one subject: seconds a call, one number a round. */
export interface Samples {
  readonly seconds: number[];
  /** Rounds in which something else ran on the same core, at every try. */
  disturbed: number;
  /** The reference kernel's pace in each round. */
  readonly machine?: number[];
  /** What is to be said of them. */
  readonly notes?: string[];
}

/** What warming up came to. */
interface WarmedUp {
  /** Milliseconds of the fastest call. */
  readonly ms: number;
  /** Whether the rate stopped rising. */
  readonly settled: boolean;
}

/** Warming up goes on while the rate grows by more than this. */
const STILL_RISING = 1.03;
/** A call, or some, shorter than this part of a sample says little: the clock's steps may be as long. */
const TELLING = 0.2;
/** …but no longer than so many times the shortest warm-up, or so many samples, */
const WARM_UP_LIMIT = 25;
const WARM_UP_SAMPLES = 4;
/** and a call longer than this needs no more than two. */
const LONG_CALL_MS = 20;

/** Who is so much faster later than at the best of warming up had been measured in an engine's slow tier until then. */
const LATE = 1.25;

/** A sample with less of a core than this was interrupted by something else: it is taken again, a few times. */
const UNDISTURBED = 0.95;
const TRIES = 5;

/** Looking at the clock's steps ends after so many, or so long, but not before two: browsers have steps of up to 100 ms. */
const STEPS = 20;
const STEPS_MS = 200;

/** The smallest step of the clock, in milliseconds, measured. */
export function timerResolution(now: () => number = () => performance.now()): number {
  const start = now();
  let smallest = Number.POSITIVE_INFINITY;
  let last = start;
  for (let steps = 0; steps < 2 || (steps < STEPS && last - start < STEPS_MS); ++steps) {
    let next = now();
    while (next === last) next = now();
    smallest = Math.min(smallest, next - last);
    last = next;
  }
  return smallest;
}

/** The shortest sample that the clock measures to one per cent. */
export const shortestSample = (resolutionMs: number): number => Math.max(10, 100 * resolutionMs);

/** Times a loop of its own: for what takes nanoseconds, of which calling it through a function would be the most. */
export function timedLoop(loop: (calls: number) => void): Subject {
  return {
    sample(calls) {
      const start = performance.now();
      loop(calls);
      return { ms: performance.now() - start };
    },
  };
}

/** As timedLoop(), for an asynchronous one. */
export function timedAsyncLoop(loop: (calls: number) => Promise<void>): Subject {
  return {
    async sample(calls) {
      const start = performance.now();
      await loop(calls);
      return { ms: performance.now() - start };
    },
  };
}

/** Times a function of this process. */
export function timed(run: () => void): Subject {
  return timedLoop((calls) => {
    for (let i = 0; i < calls; ++i) run();
  });
}

/** Lets signals and other events in, between two samples. Handlers of signals run after the messages of their turn: hence two. */
export async function breathe(): Promise<void> {
  await turn();
  await turn();
}

/** A turn of the event loop. (By a message: a timer would take milliseconds.) */
function turn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Calls enough for one sample, at `ms` a call. */
const callsFor = (sampleMs: number, ms: number): number => Math.max(1, Math.ceil((1.05 * sampleMs) / ms));

const warmUpLimit = ({ warmUpMs, sampleMs }: SampleSettings): number =>
  Math.max(WARM_UP_LIMIT * warmUpMs, WARM_UP_SAMPLES * sampleMs);

/** Calls a subject until its rate stops rising: engines start functions in a slow tier, and replace them in the background. */
export async function warmUp(subject: Subject, settings: SampleSettings): Promise<WarmedUp> {
  const { sampleMs, warmUpMs, stopped } = settings;
  let calls = 1;
  let spent = 0;
  let best = Number.POSITIVE_INFINITY;
  let restful = 0;
  for (;;) {
    const { ms } = await subject.sample(calls);
    spent += ms;
    const each = ms / calls;
    if (ms >= TELLING * sampleMs) {
      restful = best / each > STILL_RISING ? 0 : restful + 1;
      best = Math.min(best, each);
    }
    // Growing by steps: the first calls are the slowest.
    calls = Math.min(callsFor(sampleMs / 2, Math.min(best, each)), 8 * calls);
    const settled = each > LONG_CALL_MS ? restful >= 1 : restful >= 3 && spent >= warmUpMs;
    const given = spent > warmUpLimit(settings) && Number.isFinite(best);
    if (settled || given || stopped()) return { ms: best, settled };
    await breathe();
  }
}

/** One sample, taken again while it is too short or disturbed. */
async function undisturbed(
  subject: Subject,
  calls: number,
  { sampleMs, cpuMs }: SampleSettings,
): Promise<{ each: number; calls: number; disturbed: boolean }> {
  let wanted = calls;
  for (let tries = TRIES; ; --tries) {
    const before = cpuMs?.();
    const { ms, cpuMs: its } = await subject.sample(wanted);
    const had = its ?? (cpuMs && before !== undefined ? cpuMs() - before : undefined);
    const disturbed = had !== undefined && had < UNDISTURBED * ms;
    const each = ms / wanted;
    const short = ms < sampleMs;
    if (tries === 1 || ms > 1000 || !(short || disturbed)) return { each, calls: wanted, disturbed };
    if (short) wanted = Math.min(callsFor(sampleMs, each), 8 * wanted);
  }
}

/**
 * Times subjects in turns, a sample of each a round: A, B, C, A, B, C, …
 * What disturbs the machine for a while then disturbs all of them.
 */
export async function interleave(subjects: readonly Subject[], settings: SampleSettings): Promise<Samples[]> {
  const { rounds, stopped, reference } = settings;
  const warm: WarmedUp[] = [];
  for (const subject of subjects) warm.push(await warmUp(subject, settings));
  const calls = warm.map(({ ms }) => callsFor(settings.sampleMs, ms));
  // Once around without counting: what the last warm-ups made the engine recompile settles here.
  for (const [i, subject] of subjects.entries())
    if (calls[i]! > 1 && !stopped()) await subject.sample(calls[i]!);
  const samples = subjects.map(() => ({
    seconds: [] as number[],
    disturbed: 0,
    machine: [] as number[],
    notes: [] as string[],
  }));
  turns: for (let round = 0; round < rounds; ++round) {
    for (const [i, subject] of subjects.entries()) {
      await breathe();
      if (stopped()) break turns;
      const sample = await undisturbed(subject, calls[i]!, settings);
      calls[i] = sample.calls;
      samples[i]!.seconds.push(sample.each / 1000);
      if (sample.disturbed) samples[i]!.disturbed += 1;
    }
    const pace = reference?.pace();
    if (pace !== undefined) for (const { machine } of samples) machine.push(pace);
  }
  for (const [i, { seconds, notes }] of samples.entries()) {
    const note = warmUpNote(warm[i]!, seconds, settings);
    if (note !== undefined) notes.push(note);
  }
  return samples;
}

/** What is to be said where an engine's fast tier came while values were taken already, or nobody knows whether it came. */
function warmUpNote(
  { ms, settled }: WarmedUp,
  seconds: readonly number[],
  settings: SampleSettings,
): string | undefined {
  const early = seconds.filter((second) => ms < 1000 * LATE * second).length;
  const factor = ms / 1000 / Math.min(...seconds);
  if (factor > LATE && early > 0) {
    return `became ${factor.toFixed(1)} times as fast after ${early} of ${seconds.length} values: the engine's fast tier came late`;
  }
  if (settled || seconds.length === 0) return undefined;
  return `still becoming faster after ${Math.round(warmUpLimit(settings))} ms of warming up`;
}

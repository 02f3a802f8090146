/** How long some calls took on the clock, and of processor time. */
export interface Timing {
  readonly ms: number;
  readonly cpuMs: number;
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
}

/** What came of one subject: seconds a call, one number a round. */
export interface Samples {
  readonly seconds: number[];
  /** Rounds in which something else ran on the same core, at every try. */
  disturbed: number;
}

/** Warming up goes on while the rate grows by more than this. */
const STILL_RISING = 1.03;
/** …but no longer than so many times the shortest warm-up, */
const WARM_UP_LIMIT = 25;
/** and a call longer than this needs no more than two. */
const LONG_CALL_MS = 20;

/** A sample with less of a core than this was interrupted by something else: it is taken again, a few times. */
const UNDISTURBED = 0.95;
const TRIES = 5;

/** A value below which the share `q` of the numbers lies, interpolated; NaN for none. */
export function quantile(numbers: readonly number[], q: number): number {
  if (numbers.length === 0) return Number.NaN;
  const sorted = [...numbers].sort((x, y) => x - y);
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const above = sorted[Math.min(low + 1, sorted.length - 1)]!;
  return sorted[low]! + (at - low) * (above - sorted[low]!);
}

export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);

/** The interquartile range in units of the median. */
export function spread(numbers: readonly number[]): number {
  return (quantile(numbers, 0.75) - quantile(numbers, 0.25)) / median(numbers);
}

/** The median of one over the other, round by round: what slows a whole round down does not count. */
export function pairedRatio(over: readonly number[], under: readonly number[]): number {
  const rounds = Math.min(over.length, under.length);
  return median(Array.from({ length: rounds }, (_, i) => over[i]! / under[i]!));
}

/** The smallest step of the clock, in milliseconds. */
export function timerResolution(): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 20; ++i) {
    const start = performance.now();
    let now = start;
    while (now === start) now = performance.now();
    smallest = Math.min(smallest, now - start);
  }
  return smallest;
}

/** The shortest sample that the clock measures to one per cent. */
export const shortestSample = (resolutionMs: number): number => Math.max(10, 100 * resolutionMs);

/** Starts a watch; calling what it returns stops it. */
function stopwatch(): () => Timing {
  const cpu = process.cpuUsage();
  const start = performance.now();
  return () => {
    const ms = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    return { ms, cpuMs: (user + system) / 1000 };
  };
}

/** Times a loop of its own: for what takes nanoseconds, of which calling it through a function would be the most. */
export function timedLoop(loop: (calls: number) => void): Subject {
  return {
    sample(calls) {
      const stop = stopwatch();
      loop(calls);
      return stop();
    },
  };
}

/** As timedLoop(), for an asynchronous one. */
export function timedAsyncLoop(loop: (calls: number) => Promise<void>): Subject {
  return {
    async sample(calls) {
      const stop = stopwatch();
      await loop(calls);
      return stop();
    },
  };
}

/** Times a function of this process. */
export function timed(run: () => void): Subject {
  return timedLoop((calls) => {
    for (let i = 0; i < calls; ++i) run();
  });
}

/** Lets signals and other events in, between two samples. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Calls enough for one sample, at `ms` a call. */
const callsFor = (sampleMs: number, ms: number): number => Math.max(1, Math.ceil((1.05 * sampleMs) / ms));

/**
 * Calls a subject until its rate stops rising: engines start functions in a slow tier, and replace them in the background.
 * @returns the milliseconds of its fastest call.
 */
export async function warmUp(subject: Subject, settings: SampleSettings): Promise<number> {
  const { sampleMs, warmUpMs, stopped } = settings;
  let calls = 1;
  let spent = 0;
  let best = Number.POSITIVE_INFINITY;
  let restful = 0;
  for (;;) {
    const { ms } = await subject.sample(calls);
    spent += ms;
    const each = Math.max(ms, 1e-6) / calls;
    restful = best / each > STILL_RISING ? 0 : restful + 1;
    best = Math.min(best, each);
    // Growing by steps: the first calls are the slowest.
    calls = Math.min(callsFor(sampleMs / 2, best), 8 * calls);
    const enough = each > LONG_CALL_MS ? restful >= 1 : restful >= 3 && spent >= warmUpMs;
    if (enough || spent > WARM_UP_LIMIT * warmUpMs || stopped()) return best;
    await breathe();
  }
}

/** One sample, taken again while it is too short or disturbed. */
async function undisturbed(
  subject: Subject,
  calls: number,
  sampleMs: number,
): Promise<{ each: number; calls: number; disturbed: boolean }> {
  let wanted = calls;
  for (let tries = TRIES; ; --tries) {
    const { ms, cpuMs } = await subject.sample(wanted);
    const disturbed = cpuMs < UNDISTURBED * ms;
    const each = ms / wanted;
    const short = ms < sampleMs;
    if (tries === 1 || ms > 1000 || !(short || disturbed)) return { each, calls: wanted, disturbed };
    if (short) wanted = callsFor(sampleMs, each);
  }
}

/**
 * Times subjects in turns, a sample of each a round: A, B, C, A, B, C, …
 * What disturbs the machine for a while then disturbs all of them.
 */
export async function interleave(subjects: readonly Subject[], settings: SampleSettings): Promise<Samples[]> {
  const { rounds, sampleMs, stopped } = settings;
  const samples: Samples[] = subjects.map(() => ({ seconds: [], disturbed: 0 }));
  const calls: number[] = [];
  for (const subject of subjects) calls.push(callsFor(sampleMs, await warmUp(subject, settings)));
  // Once around without counting: what the last warm-ups made the engine recompile settles here.
  for (const [i, subject] of subjects.entries())
    if (calls[i]! > 1 && !stopped()) await subject.sample(calls[i]!);
  for (let round = 0; round < rounds; ++round) {
    for (const [i, subject] of subjects.entries()) {
      await breathe();
      if (stopped()) return samples;
      const sample = await undisturbed(subject, calls[i]!, sampleMs);
      calls[i] = sample.calls;
      samples[i]!.seconds.push(sample.each / 1000);
      if (sample.disturbed) samples[i]!.disturbed += 1;
    }
  }
  return samples;
}

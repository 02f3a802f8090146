/** How a job can be done. */
export type Way = "alone" | "together";

/** Jobs up to so many multiply-adds are also tried alone; larger ones cost too much for that, and lose little. */
export const TRIED_ALONE = 256 ** 3;
/**
 * A trial of a way is some jobs in a row, until they are so many and have taken so long, and the best counts: at first members
 * sleep, and engines have not compiled what they run. It ends early when it has cost too much.
 */
const TRIAL_JOBS = 4;
const TRIAL_MS = 1;
const TRIAL_COST_MS = 10;
/**
 * The way that was slower is tried again after so long, or after so many times what its last trial has lost: 2 % of the time, and
 * half a percent where that was alone: if doing it together becomes slow, that is seen without a trial.
 */
const RETRY_MS = 20;
const RETRY_LOSSES = { alone: 200, together: 50 } as const;
/**
 * A time is an average over about so many milliseconds of jobs, in which the newest counts for at most this share, and for at most
 * so many times what was known: jobs are interrupted now and then, and a thread that has slept may share the caller's core at first.
 */
const WINDOW_MS = 20;
const NEWEST = 0.25;
const OUTLIER = 2;

const other = (way: Way): Way => (way === "alone" ? "together" : "alone");

/** What is known of jobs of one kind. */
interface Entry {
  /** Milliseconds a multiply-add; 0: not known. */
  readonly times: Record<Way, number>;
  trial: Trial | undefined;
  retryAt: number;
}

/** A way that is being tried. */
interface Trial {
  readonly way: Way;
  jobs: number;
  ms: number;
  best: number;
  /** Milliseconds that the other way would have saved. */
  lost: number;
}

/**
 * Decides whether jobs of a kind are done together or alone, by how long both took: calibrated while it runs, on this
 * machine as it is at the moment. Another process may have one of the cores: then a member holds a ticket but no core, and the
 * caller waits, or the member is woken on the caller's own core, and takes its time away.
 */
export class Ledger {
  readonly #entries = new Map<number, Entry>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How to do a job of a kind, of so many multiply-adds. */
  choose(kind: number, work: number): Way {
    const entry = this.#entry(kind);
    const { times, trial } = entry;
    if (trial !== undefined) return trial.way;
    const small = work <= TRIED_ALONE;
    if (times.alone === 0 && small) return this.#try(entry, "alone");
    if (times.together === 0) return this.#try(entry, "together");
    const better: Way = times.alone === 0 || times.together <= times.alone ? "together" : "alone";
    const slower = other(better);
    const due = this.#now() >= entry.retryAt && (slower === "together" || small);
    return due ? this.#try(entry, slower) : better;
  }

  /** How many milliseconds a job of so many multiply-adds took. */
  record(kind: number, work: number, way: Way, ms: number): void {
    const entry = this.#entry(kind);
    const time = ms / work;
    if (entry.trial?.way === way) {
      this.#judge(entry, entry.trial, work, ms);
      return;
    }
    const { times } = entry;
    const before = times[way];
    const rival = times[other(way)];
    const weight = Math.min(NEWEST, ms / WINDOW_MS);
    times[way] = before === 0 ? time : before + weight * (Math.min(time, OUTLIER * before) - before);
    // It was the better one, and is no more, if the other is as it was.
    if (rival !== 0 && before <= rival && times[way] > rival && (way === "alone" || work <= TRIED_ALONE))
      this.#try(entry, other(way));
  }

  #try(entry: Entry, way: Way): Way {
    entry.trial = { way, jobs: 0, ms: 0, best: Number.POSITIVE_INFINITY, lost: 0 };
    return way;
  }

  /** One more job of a trial. */
  #judge(entry: Entry, trial: Trial, work: number, ms: number): void {
    const time = ms / work;
    const rival = entry.times[other(trial.way)];
    trial.jobs += 1;
    trial.ms += ms;
    trial.best = Math.min(trial.best, time);
    if (rival !== 0) trial.lost += ms - rival * work;
    const enough = trial.ms >= TRIAL_MS && trial.jobs >= TRIAL_JOBS;
    if (!enough && trial.lost < TRIAL_COST_MS) return;
    entry.trial = undefined;
    entry.times[trial.way] = trial.best;
    this.#postpone(entry, RETRY_LOSSES[trial.way] * trial.lost);
  }

  /** When the way that is slower now is tried again. */
  #postpone(entry: Entry, ms: number): void {
    entry.retryAt = this.#now() + Math.max(RETRY_MS, ms);
  }

  #entry(kind: number): Entry {
    let entry = this.#entries.get(kind);
    if (entry === undefined) {
      entry = { times: { alone: 0, together: 0 }, trial: undefined, retryAt: 0 };
      this.#entries.set(kind, entry);
    }
    return entry;
  }
}

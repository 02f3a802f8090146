/** How a job can be done. */
export type Way = "alone" | "together";

/** Jobs up to so many multiply-adds are also timed alone; larger ones cost too much for that, and lose little. */
const TIMED_ALONE = 256 ** 3;
/** After how long the way that was slower is tried again, at first; twice as long each time that it is still slower. */
const RETRY_MS = 20;
const MOST_RETRY_MS = 1000;
/**
 * A way that is tried again is tried so many times in a row, and the best counts: at first the members sleep, and their engines
 * have not compiled what they run. It ends early where a job takes many times as long.
 */
const TRIAL = 6;
const HOPELESS = 4;
/** How much a new time counts against all before. */
const NEWEST = 0.25;

/** What is known of jobs of one kind. Times are of any unit, the same for both ways; 0: not known. */
interface Entry {
  alone: number;
  together: number;
  retryAt: number;
  retryMs: number;
  /** Jobs that are left of a trial, and the best time so far. */
  trial: number;
  best: number;
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
    const { alone, together, retryAt, trial } = this.#entry(kind);
    if (work <= TIMED_ALONE && alone === 0) return "alone";
    const better: Way = together <= alone || alone === 0 || together === 0 ? "together" : "alone";
    // (Not before both ways are known.)
    if (trial === 0 && (retryAt === 0 || this.#now() < retryAt)) return better;
    return better === "alone" ? "together" : work <= TIMED_ALONE ? "alone" : "together";
  }

  /** What a job took, a multiply-add. */
  record(kind: number, way: Way, time: number): void {
    const entry = this.#entry(kind);
    const before = entry[way];
    const other = entry[way === "alone" ? "together" : "alone"];
    if (before === 0) {
      entry[way] = time;
      if (other !== 0) this.#settle(entry, RETRY_MS);
    } else if (other === 0 || before <= other) {
      // One that was interrupted for long must not count for all.
      entry[way] = before + NEWEST * (Math.min(time, 8 * before) - before);
      if (other !== 0 && entry[way] > other) this.#settle(entry, RETRY_MS);
    } else this.#tryAgain(entry, way, time, other);
  }

  /** One more job of a trial of the way that was slower so far. */
  #tryAgain(entry: Entry, way: Way, time: number, other: number): void {
    entry.best = entry.trial === 0 ? time : Math.min(entry.best, time);
    entry.trial = entry.trial === 0 ? TRIAL - 1 : entry.trial - 1;
    if (time > HOPELESS * other) entry.trial = 0;
    if (entry.trial > 0) return;
    entry[way] = entry.best;
    this.#settle(entry, entry.best > other ? Math.min(MOST_RETRY_MS, 2 * entry.retryMs) : RETRY_MS);
  }

  /** When the way that is slower now is tried again. */
  #settle(entry: Entry, ms: number): void {
    entry.trial = 0;
    entry.retryMs = ms;
    entry.retryAt = this.#now() + ms;
  }

  #entry(kind: number): Entry {
    let entry = this.#entries.get(kind);
    if (entry === undefined) {
      entry = { alone: 0, together: 0, retryAt: 0, retryMs: 0, trial: 0, best: 0 };
      this.#entries.set(kind, entry);
    }
    return entry;
  }
}

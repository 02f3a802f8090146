/** How a job can be done. */
export type Way = "alone" | "together";

/** Jobs up to so many multiply-adds are also timed alone; larger ones cost too much for that, and lose little. */
const TIMED_ALONE = 256 ** 3;
/** After how long the way that was slower is tried again, at first; twice as long each time that it is still slower. */
const RETRY_MS = 20;
const MOST_RETRY_MS = 1000;
/** How much a new time counts against all before. */
const NEWEST = 0.25;

/** What is known of jobs of about one size. Times in milliseconds a multiply-add; 0: not known. */
interface Entry {
  alone: number;
  together: number;
  retryAt: number;
  retryMs: number;
}

/**
 * Decides whether jobs of a size are done together or alone, by how long both took: calibrated while it runs, on this
 * machine as it is at the moment. Another process may have one of the cores: then a member holds a ticket but no core, and the
 * caller waits, or the member is woken on the caller's own core, and takes its time away.
 */
export class Ledger {
  readonly #entries = new Map<number, Entry>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How to do a job of so many multiply-adds. */
  choose(work: number): Way {
    const { alone, together, retryAt } = this.#entry(work);
    if (work <= TIMED_ALONE && alone === 0) return "alone";
    const better: Way = together <= alone || alone === 0 || together === 0 ? "together" : "alone";
    // (Not before both ways are known.)
    if (retryAt === 0 || this.#now() < retryAt) return better;
    return better === "alone" ? "together" : work <= TIMED_ALONE ? "alone" : "together";
  }

  /** What a job took. */
  record(work: number, way: Way, ms: number): void {
    const entry = this.#entry(work);
    const before = entry[way];
    const other = entry[way === "alone" ? "together" : "alone"];
    const wasSlower = other !== 0 && before > other;
    // Of the way that was slower so far, the last time is what is known: the one before is long ago. Of the other, one that
    // was interrupted must not count for all.
    const now =
      before === 0 || wasSlower ? ms / work : before + NEWEST * (Math.min(ms / work, 8 * before) - before);
    entry[way] = now;
    if (other === 0 || (!wasSlower && now <= other && entry.retryAt !== 0)) return;
    // The slower way is tried again: later each time that it is still slower.
    entry.retryMs = wasSlower && now > other ? Math.min(MOST_RETRY_MS, 2 * entry.retryMs) : RETRY_MS;
    entry.retryAt = this.#now() + entry.retryMs;
  }

  /** Sizes within a factor of √2 are one. */
  #entry(work: number): Entry {
    const size = Math.round(2 * Math.log2(work));
    let entry = this.#entries.get(size);
    if (entry === undefined) {
      entry = { alone: 0, together: 0, retryAt: 0, retryMs: 0 };
      this.#entries.set(size, entry);
    }
    return entry;
  }
}

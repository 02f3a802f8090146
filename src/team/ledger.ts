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
    if (this.#now() < retryAt) return better;
    return better === "alone" ? "together" : work <= TIMED_ALONE ? "alone" : "together";
  }

  /** What a job took. */
  record(work: number, way: Way, ms: number): void {
    const entry = this.#entry(work);
    const before = entry[way];
    // One that was interrupted for long must not count for all.
    const each = before === 0 ? ms / work : Math.min(ms / work, 8 * before);
    entry[way] = before === 0 ? each : before + NEWEST * (each - before);
    const { alone, together } = entry;
    if (alone === 0 || together === 0) return;
    const slower: Way = together <= alone ? "alone" : "together";
    const now = this.#now();
    if (way === slower || entry.retryAt === 0) {
      entry.retryMs = Math.min(MOST_RETRY_MS, entry.retryMs === 0 ? RETRY_MS : 2 * entry.retryMs);
      entry.retryAt = now + entry.retryMs;
    } else if (now >= entry.retryAt) {
      // It was tried again, and has become the better one.
      entry.retryMs = RETRY_MS;
      entry.retryAt = now + entry.retryMs;
    }
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

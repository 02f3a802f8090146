import { LockError } from "../errors.ts";
import type { Span, TraceLog } from "./trace.ts";

/** A recording of a GIL: who held it, waited, computed and did IO, and when. From gil.trace(). */
export class Trace {
  readonly #log: TraceLog;

  /** Begins to record. @internal */
  constructor(log: TraceLog) {
    this.#log = log;
    if (log.room === 0)
      throw new LockError(
        "VALUE",
        "trace: this GIL has no room for events; make it with Gil.bytes(events) bytes and init(events).",
      );
    log.start();
  }

  /** Ends the recording, in all threads; what was recorded stays until the next gil.trace(). */
  stop(): this {
    this.#log.stop();
    return this;
  }

  /** Everything recorded so far, in order of start. */
  spans(): Span[] {
    return this.#log.spans();
  }

  /** How many events found no room any more. */
  get lost(): number {
    return this.#log.lost;
  }
}

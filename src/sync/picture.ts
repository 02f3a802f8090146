import { Picture } from "../base/picture.ts";
import { LockError } from "../errors.ts";
import { drawSVG } from "./draw-svg.ts";
import { drawText } from "./draw-text.ts";
import type { PictureOptions } from "./lanes.ts";
import type { Span, TraceLog } from "./trace.ts";

/** A recording of a GIL: who held it, waited, computed and did IO, and when. From gil.trace(). */
export class Trace extends Picture {
  readonly #log: TraceLog;

  /** Begins to record. @internal */
  constructor(log: TraceLog) {
    super();
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

  /** What was recorded so far as a text for terminals: one lane a thread, and each thread's totals. */
  override toText(options?: PictureOptions): string {
    return drawText(this.spans(), options, this.lost);
  }

  /** What was recorded so far as a self-contained SVG image: one lane a thread, arrows where the GIL changes hands. */
  override toSVG(options?: PictureOptions): string {
    return drawSVG(this.spans(), options, this.lost);
  }
}

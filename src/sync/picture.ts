import { Picture } from "../base/picture.ts";
import { LockError } from "../errors.ts";
import { drawSVG } from "./draw-svg.ts";
import { drawText } from "./draw-text.ts";
import type { PictureOptions } from "./lanes.ts";
import type { Span, TraceLog } from "./trace.ts";

/** A recording of a GIL: who held it, waited, computed and did IO, and when. From gil.trace(). */
export class Trace extends Picture {
  readonly #log: TraceLog;
  /** What stop() found: the log is the GIL's, which may be given back, or traced again. */
  #stopped: (Pick<TraceLog, "lost"> & { readonly spans: readonly Span[] }) | undefined;

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

  /** Ends the recording, in all threads. What was recorded until now stays, also when the GIL is no more. */
  stop(): this {
    if (this.#stopped) return this;
    this.#log.stop();
    this.#stopped = { spans: this.#log.spans(), lost: this.#log.lost };
    return this;
  }

  /** Everything recorded so far, in order of start. */
  spans(): Span[] {
    return [...(this.#stopped?.spans ?? this.#log.spans())];
  }

  /** How many events found no room any more. */
  get lost(): number {
    return (this.#stopped ?? this.#log).lost;
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

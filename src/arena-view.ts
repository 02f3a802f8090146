import { checkOptions } from "./array/shape.ts";
import type { ArrayStore } from "./array/store.ts";
import { Drawing, INSPECT, JUPYTER, type Picture } from "./base/picture.ts";
import { UnsupportedError } from "./errors.ts";
import type { ArenaCheck } from "./memory/arena.ts";
import type { BlockHandle } from "./memory/block.ts";
import { type HistoryEvent, historyBytes } from "./memory/history.ts";
import { labelled } from "./memory/label.ts";
import type { MapOptions } from "./memory/map-axis.ts";
import { mapHTML, mapSVG } from "./memory/map-svg.ts";
import { mapText } from "./memory/map-text.ts";
import type { ArenaStats, BlockInfo } from "./memory/snapshot.ts";
import type { TimelineOptions } from "./memory/timeline.ts";
import { timelineSVG } from "./memory/timeline-svg.ts";
import { timelineText } from "./memory/timeline-text.ts";

/** Memory that nobody may know of any more. */
export interface Leak {
  /**
   * "forgotten": an array was collected as garbage without release(), and was then released. "posted": a reference was shared
   * with another thread, and not adopted there (yet). "orphaned": the thread that allocated the block has ended.
   */
  readonly kind: "forgotten" | "posted" | "orphaned";
  readonly id: number;
  readonly generation: number;
  /** References: those released, those on their way, those that there are. */
  readonly refs: number;
  /** Of what is still there; else "" and 0. */
  readonly name: string;
  readonly bytes: number;
  /** Where it was allocated (contexts with `debug`, blocks of this thread). */
  readonly stack: string | undefined;
}

/** All of an arena at one time, as plain data. */
export interface ArenaSnapshot {
  readonly stats: ArenaStats;
  readonly blocks: readonly BlockInfo[];
}

/** The arena as its users see it: la.arena. All but record() can be asked after close(), too. */
export class ArenaView {
  readonly #store: ArrayStore;
  readonly #gone: (thread: number) => boolean;
  #history: BlockHandle | undefined;

  /** @internal */
  constructor(store: ArrayStore, gone: (thread: number) => boolean) {
    this.#store = store;
    this.#gone = gone;
  }

  /** Sizes and counts now. Never blocks for long; any thread may call it. */
  stats(): ArenaStats {
    return this.#arena.stats();
  }

  /** Every block and hole in address order. */
  blocks(): BlockInfo[] {
    return this.#arena.list();
  }

  /** Sizes, counts and blocks, as data for JSON. */
  snapshot(): ArenaSnapshot {
    return { stats: this.stats(), blocks: this.blocks() };
  }

  /**
   * Looks at every block, hole, list and sum, and (with `debug`) at the guards around blocks. What a thread that died has left
   * half done is put right (it is before any other use of the arena, too).
   */
  check(): ArenaCheck {
    return this.#arena.check();
  }

  /**
   * What was forgotten so far, what is in messages that nobody has received, and what threads have left that have ended.
   */
  leaks(): Leak[] {
    const { net, forgotten } = this.#store;
    const arena = this.#arena;
    net.flush();
    const stackOf = (block: BlockHandle): string | undefined => arena.debug?.allocation(block);
    const leaks: Leak[] = forgotten.map(({ block, refs, stack }) => ({
      kind: "forgotten",
      ...block,
      refs,
      name: "",
      bytes: 0,
      stack,
    }));
    for (const { id, generation, refs, posted, thread, name, requested: bytes } of arena.list()) {
      const block = { id, generation, name, bytes, stack: stackOf({ id, generation }) };
      if (posted > 0) leaks.push({ kind: "posted", ...block, refs: posted });
      if (thread !== 0 && this.#gone(thread)) leaks.push({ kind: "orphaned", ...block, refs });
    }
    return leaks;
  }

  /**
   * Begins to record every allocation, retain, release and free, of all threads, for history(); a former recording goes.
   * @param events room for so many, 48 bytes each, in the arena itself; 0 only ends the recording.
   * @throws ArenaFullError, ClosedError, UnsupportedError (`OPTION`) for what is no number of events.
   */
  record(events = 16_384): void {
    if (!(Number.isInteger(events) && events >= 0 && events <= 2 ** 24)) {
      throw new UnsupportedError(`record: ${events} is no number of events from 0 to ${2 ** 24}.`, "OPTION");
    }
    this.#store.checkOpen();
    const arena = this.#arena;
    arena.blocks.history.record(0, 0);
    if (this.#history) arena.release(this.#history);
    this.#history = undefined;
    if (events === 0) return;
    this.#history = arena.allocate(historyBytes(events), labelled("history"));
    arena.blocks.history.record(arena.addressOf(this.#history), events);
  }

  /** What happened since record(), in order of time. */
  history(): HistoryEvent[] {
    return this.#arena.blocks.history.events();
  }

  /**
   * A picture of what is where: blocks and holes to scale over their addresses, with names (or #id), references, sizes, dtypes
   * and shapes. Of very many blocks it shows how much of each column is in use. Names are arrays' own; see NDArray.name.
   * @returns a picture, which shows itself in notebooks, on consoles and in texts; or a string, where a format is asked for.
   * @throws UnsupportedError (`OPTION`) for unknown options and formats.
   */
  map(options?: MapOptions & { readonly format?: undefined }): Picture;
  map(options: MapOptions & { readonly format: string }): string;
  map(options: MapOptions): Picture | string;
  map(options: MapOptions = {}): Picture | string {
    const formats = { text: mapText, svg: mapSVG, html: mapHTML };
    return drawn("map", options, formats, () => [this.snapshot(), options]);
  }

  /**
   * A picture of history(): each block from its allocation to its last release (across) where it lies (up), the changes of its
   * count, and the peak. Blocks that nothing happened to are not in it.
   * @returns as map().
   * @throws UnsupportedError where nothing has been recorded; (`OPTION`) for unknown options and formats.
   */
  timeline(options?: TimelineOptions & { readonly format?: undefined }): Picture;
  timeline(options: TimelineOptions & { readonly format: string }): string;
  timeline(options: TimelineOptions): Picture | string;
  timeline(options: TimelineOptions = {}): Picture | string {
    return drawn("timeline", options, { text: timelineText, svg: timelineSVG }, () => {
      const events = this.history();
      if (events.length > 0) return [events, options, this.#arena.blocks.history.lost];
      throw new UnsupportedError(
        "timeline: nothing has been recorded. Call arena.record() before what is to be seen.",
      );
    });
  }

  /** What notebooks show: the map. */
  [JUPYTER](): Record<string, string> {
    return this.map()[JUPYTER]();
  }

  /** What consoles show: the map as text. */
  [INSPECT](): string {
    return this.map().toText();
  }

  get #arena(): ArrayStore["arena"] {
    return this.#store.arena;
  }
}

/** A picture of what `read` gives, in one format or in all that there are. @throws UnsupportedError (`OPTION`) */
function drawn<Data extends [unknown, ...unknown[]]>(
  where: string,
  options: { readonly format?: string | undefined },
  formats: Readonly<Record<"text" | "svg", (...data: Data) => string>> & {
    readonly html?: (...data: Data) => string;
  },
  read: () => Data,
): Picture | string {
  checkOptions(options, { format: true, width: true, title: true }, where);
  const { format } = options;
  if (format !== undefined && !Object.hasOwn(formats, format)) {
    throw new UnsupportedError(
      `${where}: there is no format "${format}"; take ${Object.keys(formats).join(", ")}.`,
      "OPTION",
    );
  }
  const data = read();
  if (format !== undefined) return formats[format as "text" | "svg"](...data);
  const { text, svg, html = svg } = formats;
  return new Drawing(
    () => text(...data),
    () => svg(...data),
    () => html(...data),
  );
}

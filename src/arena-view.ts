import { checkOptions } from "./array/shape.ts";
import type { ArrayStore } from "./array/store.ts";
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
   * @throws UnsupportedError (`OPTION`) for unknown options and formats.
   */
  map(options: MapOptions = {}): string {
    const draw = formatOf(options, { text: mapText, svg: mapSVG, html: mapHTML }, "map");
    return draw(this.snapshot(), options);
  }

  /**
   * A picture of history(): each block from its allocation to its last release (across) where it lies (up), the changes of its
   * count, and the peak. Blocks that nothing happened to are not in it.
   * @throws UnsupportedError where nothing has been recorded; (`OPTION`) for unknown options and formats.
   */
  timeline(options: TimelineOptions = {}): string {
    const draw = formatOf(options, { text: timelineText, svg: timelineSVG }, "timeline");
    const events = this.history();
    if (events.length === 0) {
      throw new UnsupportedError(
        "timeline: nothing has been recorded. Call arena.record() before what is to be seen.",
      );
    }
    return draw(events, options, this.#arena.blocks.history.lost);
  }

  /** Notebooks (Deno's, and others with JavaScript kernels) show the picture. */
  [Symbol.for("Jupyter.display")](): Record<"text/plain" | "image/svg+xml" | "text/html", string> {
    return {
      "text/plain": this.map(),
      "image/svg+xml": this.map({ format: "svg" }),
      "text/html": this.map({ format: "html" }),
    };
  }

  /** Node's console shows the text. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.map();
  }

  get #arena(): ArrayStore["arena"] {
    return this.#store.arena;
  }
}

/** What draws the format asked for, text if none is. @throws UnsupportedError (`OPTION`) */
function formatOf<Draw>(
  options: { readonly format?: string | undefined },
  formats: Readonly<Record<string, Draw>>,
  where: string,
): Draw {
  checkOptions(options, { format: true, width: true, title: true }, where);
  const { format = "text" } = options;
  const draw = Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (draw !== undefined) return draw;
  throw new UnsupportedError(
    `${where}: there is no format "${format}"; take ${Object.keys(formats).join(", ")}.`,
    "OPTION",
  );
}

import { EventLog } from "../base/event-log.ts";
import type { Agent } from "./words.ts";

/** What a thread does, as a trace tells it. */
export const ACTIVITIES = ["waiting", "held", "compute", "io", "away"] as const;
export type Activity = (typeof ACTIVITIES)[number];

/** A thread doing one thing for a while; times in milliseconds since the trace began. */
export interface Span {
  readonly thread: number;
  readonly activity: Activity;
  readonly start: number;
  readonly end: number;
}

/** Words of an event: activity (1 + an index into ACTIVITIES), time, thread. */
const WIDTH = 3;

/** Writes and reads the log of one GIL. An event says what its thread does from then on. */
export class TraceLog {
  readonly #log: EventLog;

  constructor(words: Int32Array, index: number) {
    this.#log = new EventLog({ i32: words }, index, WIDTH);
  }

  /** Bytes of a log with room for so many events. */
  static bytes(events: number): number {
    return EventLog.bytes(events, WIDTH);
  }

  /** Gives the log its room; before any thread uses it. */
  init(events: number): void {
    this.#log.init(events);
  }

  /** How many events there is room for. */
  get room(): number {
    return this.#log.room;
  }

  /** How many events found no room. */
  get lost(): number {
    return this.#log.lost;
  }

  start(): void {
    this.#log.start();
  }

  stop(): void {
    this.#log.stop();
  }

  /** One event: from now on this thread does this. */
  add({ id }: Agent, activity: Activity): void {
    this.#log.add(ACTIVITIES.indexOf(activity) + 1, id);
  }

  /** Everything recorded so far, in order of start; what a thread still does ends now. */
  spans(): Span[] {
    const open = new Map<number, { activity: Activity; start: number }>();
    const spans: Span[] = [];
    let end = 0;
    for (const { kind, ms, words } of this.#log.events()) {
      const thread = words[0]!;
      const before = open.get(thread);
      if (before) spans.push({ thread, ...before, end: ms });
      open.set(thread, { activity: ACTIVITIES[kind - 1]!, start: ms });
      end = ms;
    }
    if (this.#log.recording) end = this.#log.elapsed();
    for (const [thread, last] of open) spans.push({ thread, ...last, end: Math.max(end, last.start) });
    return spans.filter(({ activity }) => activity !== "away").sort((one, other) => one.start - other.start);
  }
}

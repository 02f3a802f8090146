import { EventLog } from "../base/event-log.ts";
import { readName } from "./label.ts";
import { CONTROL, FIELD, UNIT, WORD } from "./layout.ts";
import type { LinearMemory } from "./linear.ts";

const KINDS = ["alloc", "retain", "release", "free"] as const;

/** Something that happened to a block. */
export interface HistoryEvent {
  readonly event: (typeof KINDS)[number];
  /** Milliseconds since the recording began. */
  readonly ms: number;
  /** The thread that did it. */
  readonly thread: number;
  readonly id: number;
  readonly generation: number;
  /** Byte address and size of the block. */
  readonly address: number;
  readonly size: number;
  /** Bytes asked for. */
  readonly requested: number;
  /** References afterwards. */
  readonly refs: number;
  readonly name: string;
}

/** Words of an event: kind, time, thread, id, generation, offset, size, requested, refs, and the name's three. */
const WIDTH = 12;

/** Bytes of a log with room for so many events. */
export const historyBytes = (events: number): number => EventLog.bytes(events, WIDTH);

/** The log of what happens in an arena: in its memory, so that all threads write to it. Without one, nothing is written. */
export class History {
  readonly #linear: LinearMemory;
  readonly #thread: number;
  /** The log at the address that the control words named last. */
  #log: EventLog | undefined;
  #at = 0;

  constructor(linear: LinearMemory, thread: number) {
    this.#linear = linear;
    this.#thread = thread;
  }

  /** Begins a recording in a block at byte address `at`; 0 ends it. */
  record(at: number, events: number): void {
    this.#find()?.stop();
    this.#linear.i32[CONTROL / 4 + WORD.history] = at / UNIT;
    const log = this.#find();
    log?.init(events);
    log?.start();
  }

  /** Notes what happened to a block whose record is at word `record`; it has `refs` references now. */
  note(kind: 0 | 1 | 2 | 3, id: number, record: number, refs: number): void {
    const words = this.#linear.i32;
    if (words[CONTROL / 4 + WORD.history] === 0) return;
    const field = (at: number): number => words[record + at]!;
    this.#find()?.add(
      kind + 1,
      this.#thread,
      id,
      field(FIELD.generation),
      field(FIELD.offset),
      field(FIELD.size),
      field(FIELD.requested),
      refs,
      ...words.subarray(record + FIELD.name, record + FIELD.name + 3),
    );
  }

  /** Events that found no room. */
  get lost(): number {
    return this.#find()?.lost ?? 0;
  }

  /** What was recorded so far. */
  events(): HistoryEvent[] {
    return (this.#find()?.events() ?? []).map(({ kind, ms, words }) => {
      const [thread, id, generation, offset, size, requested, refs, ...name] = words as [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        ...number[],
      ];
      return {
        event: KINDS[kind - 1]!,
        ms,
        thread,
        id,
        generation,
        address: offset * UNIT,
        size: size * UNIT,
        requested: requested >>> 0,
        refs,
        name: readName(name),
      };
    });
  }

  #find(): EventLog | undefined {
    const at = this.#linear.i32[CONTROL / 4 + WORD.history]! * UNIT;
    if (at !== this.#at) {
      this.#at = at;
      // Another thread may have begun it, in memory that it has grown.
      if (at >= this.#linear.size) this.#linear.refresh();
      this.#log = at === 0 ? undefined : new EventLog(this.#linear, at / 4, WIDTH);
    }
    return this.#log;
  }
}

import { holderOf } from "../../../src/sync/lock.ts";
import type { Event, Universe } from "./universe.ts";

/** Of longer traces, so many lines at the beginning and at the end are enough. */
const ENDS = 80;

/** A schedule to read: one step a line, a column a thread. */
export function traceOf(universe: Universe, events: readonly Event[]): string {
  const lines = events.map((event, at) => `${String(at + 1).padStart(4)}  ${lineOf(universe, event)}`);
  if (lines.length > 2 * ENDS) lines.splice(ENDS, lines.length - 2 * ENDS, "   …");
  return lines.join("\n");
}

function lineOf(universe: Universe, event: Event): string {
  const { what, thread, op, answer, was, is, note } = event;
  if (what === "stall") return `${"".padEnd(6)}time passes; ${note}`;
  const { names } = universe.scenario;
  const word = (index: number): string => names[index] ?? `word ${index}`;
  const show = (index: number, value: unknown): string =>
    typeof value === "number" && word(index).endsWith("lock") ? lockState(universe, value) : String(value);
  const texts: string[] = [];
  if (what === "kill") texts.push("dies");
  else if (what === "fire") texts.push(`its wait on ${word(op!.index)} times out`);
  else if (op !== undefined) {
    const { kind, index, args } = op;
    const room = kind === "enter" || kind === "leave" || kind === "bury";
    const shown = args.map((arg, at) =>
      kind === "notify" || (kind === "wait" && at > 0) ? String(arg) : show(index, arg),
    );
    texts.push(
      `${kind}(${[...(index < 0 ? [] : [room ? `room ${index}` : word(index)]), ...shown].join(", ")})`,
    );
    if (kind === "wait" && answer === undefined) texts.push("falls asleep");
    else if (!room && kind !== "store" && answer !== undefined)
      texts.push(`gives ${kind === "notify" ? answer : show(index, answer)}`);
    if (!room && was !== is) texts.push(`${word(index)}: ${show(index, was)} → ${show(index, is)}`);
  }
  if (note !== undefined) texts.push(note);
  return `${universe.nameOf(thread).padEnd(6)}${"".padEnd(4 * thread)}${texts.join("; ")}`;
}

/** A lock's word in words. */
function lockState(universe: Universe, state: number): string {
  const holder = holderOf(state);
  const kind = ["free", "held", "contended", "passed"][state & 3];
  if (holder === 0) return state === 0 ? "free" : `${kind}@${state >>> 2}`;
  const thread = universe.memory.agents.findIndex(({ id }) => id === holder);
  return `${kind} by ${thread < 0 ? holder : universe.nameOf(thread)}`;
}

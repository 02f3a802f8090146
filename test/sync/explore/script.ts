/*
 * Threads that can be stopped before any operation, in one thread and without a compiler's help.
 *
 * A simulated thread is a plain function that calls the real code of src/sync, and that code calls Atomics. It knows of the
 * world only what its operations have answered. So to have it stand before its operation n + 1, run it from the beginning,
 * answer its first n operations as they were answered before, and when it asks for one more, leave through an exception. Nothing
 * touches memory meanwhile: the world performs the operation when the scheduler says so, and its answer is the next one.
 *
 * What the function asks next depends on nothing but the answers, so every sequence of answers is played once, and kept: a tree
 * of moments, through which an exploration walks at the cost of a look-up a step.
 */

/** What an operation answers. */
export type Answer = number | "ok" | "not-equal" | "timed-out";

/** One operation: of Atomics, "now" (a clock), or one of the explorer's own (see Self). */
export interface Op {
  readonly kind: string;
  /** The word, or the room. */
  readonly index: number;
  readonly args: readonly number[];
}

/** How a thread has ended. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** A thread between two operations: all it has been answered, and what it asks next. */
export interface Moment {
  /** Different for all moments of an exploration. */
  readonly id: number;
  readonly before: Moment | undefined;
  /** The last answer, to what `before` asks. */
  readonly answer: Answer | undefined;
  /** Whether that was the answer to any number of the same question: see isSpinning(). */
  readonly spun: boolean;
  /** How many times, up to here, the thread has asked for nothing but the load that it asks for again, all with one answer. */
  readonly repeats: number;
  /** The next operation, or undefined if the thread has ended. */
  readonly asks: Op | undefined;
  readonly outcome: Outcome | undefined;
  readonly after: Map<Answer, Moment>;
}

/** Thrown through the code of a thread to leave it where it stands. */
const LEAVE = Symbol("leave");
const SPINS_AT_MOST = 50_000;

/** The thread that is being played, if any: whom Atomics serve. */
let playing: Player | undefined;

/** Whether a simulated thread runs at the moment, so that its operations are the world's to perform. */
export const isPlaying = (): boolean => playing !== undefined;

/** Asks the world for an operation, from inside a simulated thread. */
export function ask(kind: string, index = -1, ...args: number[]): Answer {
  if (playing === undefined) throw new Error(`${kind}: only simulated threads may ask for this`);
  return playing.ask({ kind, index, args });
}

/**
 * Whether the operation that a thread asks for is the third load in a row of the same word, and the answer is once more the
 * same: then it spins, and what follows are more such loads until it sees another value or has enough. That is played
 * as one step. Nothing is lost: what others do in the middle of it, they could have done before its first or its second load.
 */
export function isSpinning({ repeats, answer }: Moment, again: Answer): boolean {
  return repeats >= 2 && again === answer;
}

/** What has been asked and answered. */
interface Answered {
  readonly op: Op;
  readonly answer: Answer;
  readonly spun: boolean;
}

/** One run of a thread's code. */
class Player {
  asked: Op | undefined;
  /** What went wrong in the play itself. The code may swallow the exception, so it is kept here. */
  broken: Error | undefined;
  readonly #past: readonly Answered[];
  #at = 0;
  #spins = 0;

  constructor(past: readonly Answered[]) {
    this.#past = past;
  }

  ask(op: Op): Answer {
    // On the way out, in a `finally`.
    if (this.asked !== undefined || this.broken !== undefined) throw LEAVE;
    if (this.#spins > 0 && !isSame(op, this.#past[this.#at]!.op)) {
      ++this.#at;
      this.#spins = 0;
    }
    const answered = this.#past[this.#at];
    if (answered === undefined) {
      this.asked = op;
      throw LEAVE;
    }
    if (!isSame(op, answered.op))
      this.#fail("this thread did something else before: it must be deterministic");
    if (!answered.spun) ++this.#at;
    else if (++this.#spins > SPINS_AT_MOST) this.#fail("this thread spins for ever");
    return answered.answer;
  }

  #fail(why: string): never {
    this.broken = new Error(why);
    throw LEAVE;
  }
}

const isSame = (one: Op, other: Op): boolean =>
  one.kind === other.kind &&
  one.index === other.index &&
  one.args.length === other.args.length &&
  one.args.every((arg, at) => Object.is(arg, other.args[at]));

let moments = 0;

/** One thread's code, and all the ways through it that have been played so far. */
export class Script {
  readonly start: Moment;
  readonly #run: () => unknown;
  /** The moments after "forget": one for all pasts. */
  readonly #forgotten = new Map<string, Moment>();

  /** @param run the thread; must be deterministic, and make all the objects that it changes. */
  constructor(run: () => unknown) {
    this.#run = run;
    this.start = this.#play();
  }

  /** The moment after `moment`, if what it asks is answered so. */
  after(moment: Moment, answer: Answer): Moment {
    let next = moment.after.get(answer);
    if (next === undefined) {
      const { kind, args } = moment.asks!;
      const memory = String(args);
      if (kind === "forget") next = this.#forgotten.get(memory);
      next ??= this.#play(moment, answer);
      if (kind === "forget") this.#forgotten.set(memory, next);
      moment.after.set(answer, next);
    }
    return next;
  }

  #play(before?: Moment, answer?: Answer): Moment {
    const past: Answered[] = [];
    const spun = before !== undefined && isSpinning(before, answer!);
    if (before !== undefined) past.push({ op: before.asks!, answer: answer!, spun });
    for (let at = before; at?.before !== undefined; at = at.before)
      past.push({ op: at.before.asks!, answer: at.answer!, spun: at.spun });
    const player = new Player(past.reverse());
    playing = player;
    let outcome: Outcome | undefined;
    try {
      outcome = { value: this.#run() };
    } catch (error) {
      outcome = { error };
    } finally {
      playing = undefined;
    }
    if (player.broken !== undefined) throw player.broken;
    const asks = player.asked;
    // Whatever the function then seems to have returned or thrown was the way out.
    if (asks !== undefined) outcome = undefined;
    let repeats = 0;
    if (asks?.kind === "load" && before !== undefined && !spun && isSame(before.asks!, asks))
      repeats = before.answer === answer ? before.repeats + 1 : 1;
    return { id: ++moments, before, answer, spun, repeats, asks, outcome, after: new Map() };
  }
}

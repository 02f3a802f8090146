import { type Memory, type Scenario, Self } from "./scenario.ts";
import { type Answer, type Moment, type Op, Script } from "./script.ts";

/** What the explorer looks for. */
export type Wrong =
  /** More threads in a room than it holds. */
  | "exclusion"
  /** Nobody goes on but by a wait's 50 ms or 1 ms, which are there for the dead and for the starving. */
  | "lost wake-up"
  /** Nobody goes on at all. */
  | "deadlock"
  /** One thread is overtaken again and again. */
  | "starvation"
  /** Somebody has died, and the others get neither what they wait for nor an error; or a thread never comes to its end. */
  | "hang"
  /** A thread threw an exception. */
  | "error"
  /** All have ended, but not well. */
  | "end";

export class Failure extends Error {
  readonly wrong: Wrong;

  constructor(wrong: Wrong, message: string) {
    super(message);
    this.wrong = wrong;
  }
}

/** What the scheduler may do next. */
export interface Choice {
  /** One operation of the thread; its wait's time is over; it dies; or time passes (for all threads). */
  readonly what: "run" | "fire" | "kill" | "stall";
  readonly thread: number;
}

/** One step as a trace tells it. */
export interface Event {
  readonly what: Choice["what"];
  readonly thread: number;
  readonly op: Op | undefined;
  answer?: Answer;
  /** The word's value before and after. */
  was?: number;
  is?: number;
  note?: string;
}

/** What all worlds of an exploration share. */
export class Universe {
  readonly scenario: Scenario;
  readonly memory: Memory;
  readonly scripts: readonly Script[];
  /** How many threads the scenario has; behind them there is an undertaker for each mortal. */
  readonly threads: number;
  /** Words that any operation so far was about: only they differ from world to world. */
  readonly touched: number[] = [];
  /** The results of threads, as texts: the number of each. */
  readonly results = new Map<string, number>();

  /** To be made while Atomics are instrumented. */
  constructor(scenario: Scenario, memory: Memory) {
    this.scenario = scenario;
    this.memory = memory;
    this.threads = scenario.threads.length;
    const { table, agents } = memory;
    const undertakers = (scenario.mortals ?? []).map((mortal) => () => table!.end(agents[mortal]!.id));
    this.scripts = [
      ...scenario.threads.map((run, thread) => new Script(() => run(new Self(memory, thread)))),
      ...undertakers.map((run) => new Script(run)),
    ];
  }

  /** A, B, C …; the undertaker of A is †A. */
  nameOf(thread: number): string {
    if (thread >= this.threads) return `†${this.nameOf(this.scenario.mortals![thread - this.threads]!)}`;
    return String.fromCharCode(65 + thread);
  }

  resultNumber({ outcome }: Moment): number {
    const text = JSON.stringify(outcome) ?? "";
    let number = this.results.get(text);
    if (number === undefined) {
      number = this.results.size;
      this.results.set(text, number);
    }
    return number;
  }
}

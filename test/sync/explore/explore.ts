import { type Budget, choicesOf } from "./choices.ts";
import { instrumented } from "./instruments.ts";
import { Memory, type Scenario } from "./scenario.ts";
import { traceOf } from "./trace.ts";
import { type Event, Failure, Universe, type Wrong } from "./universe.ts";
import { World } from "./world.ts";

/** Which schedules: all with at most so many of each. Default: no time-outs, no stalls. */
export interface Bounds extends Partial<Budget> {
  readonly preemptions: number;
  /** By how many milliseconds the clock leaps. */
  readonly stallMs?: number;
}

export interface Report {
  /** All schedules within the bounds; counted, though those that meet in one state are followed from there only once. */
  readonly schedules: number;
  /** Different states: words, sleepers, clock, what each thread knows, and what is left of the bounds. */
  readonly states: number;
  readonly seconds: number;
  readonly failure?: {
    readonly wrong: Wrong;
    readonly message: string;
    readonly trace: string;
    readonly steps: number;
  };
}

/** More steps than the threads of a scenario need. */
const STEPS = 600;

/** Runs a scenario through all its schedules within the bounds, up to the first that fails. */
export function explore(scenario: Scenario, bounds: Bounds): Report {
  const report = search(scenario, bounds);
  // The same with as few preemptions as it takes is easier to read.
  for (let preemptions = 0; report.failure !== undefined && preemptions < bounds.preemptions; ++preemptions) {
    const simpler = search(scenario, { ...bounds, preemptions });
    if (simpler.failure !== undefined) return simpler;
  }
  return report;
}

function search(scenario: Scenario, { stallMs = 0, ...bounds }: Bounds): Report {
  const started = performance.now();
  const budget: Budget = { timeouts: 0, stalls: 0, ...bounds };
  const memory = new Memory(scenario);
  const known = new Map<string, number>();
  const events: Event[] = [];

  /** How many schedules go on from here. @param last the thread that ran last. */
  const follow = (world: World, last: number, left: Budget): number => {
    if (events.length > STEPS) throw new Failure("hang", `no end after ${STEPS} steps`);
    const current = world.isReady(last) ? last : -1;
    // Where switches are free, it is all the same who ran last.
    const ran = budget.preemptions === Number.POSITIVE_INFINITY ? -1 : current;
    const key = world.key(ran + 1, left.preemptions, left.timeouts, left.stalls);
    let count = known.get(key);
    if (count !== undefined) return count;
    count = 0;
    for (const [choice, then] of choicesOf(world, current, left)) {
      const next = world.copy();
      const event = next.event(choice);
      events.push(event);
      next.do(choice, event, stallMs);
      count += follow(next, choice.what === "run" ? choice.thread : current, then);
      events.pop();
    }
    if (world.over) {
      world.end();
      ++count;
    }
    known.set(key, count);
    return count;
  };

  return instrumented(memory.words, () => {
    const universe = new Universe(scenario, memory);
    let schedules = 0;
    let failure: Report["failure"];
    try {
      schedules = follow(World.first(universe), -1, budget);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const { wrong, message } = error;
      failure = { wrong, message, trace: traceOf(universe, events), steps: events.length };
    }
    const seconds = (performance.now() - started) / 1000;
    return { schedules, states: known.size, seconds, ...(failure && { failure }) };
  });
}

import { type Choice, Failure } from "./universe.ts";
import type { World } from "./world.ts";

/** How much a schedule may still contain of what is bounded. */
export interface Budget {
  /**
   * Switches away from a thread that could have gone on (CHESS: Musuvathi and Qadeer, "Iterative context bounding for
   * systematic testing of multithreaded programs", 2007). Switches away from one that sleeps, has ended or has died are free.
   */
  readonly preemptions: number;
  /** Waits that time out (a lock's 1 ms, or a limit of the program) while some thread can go on, or another's time is over before. */
  readonly timeouts: number;
  /** Leaps of the clock, at any time. */
  readonly stalls: number;
}

/** A dead thread is noticed after a slice, and a lock that was handed to it is free for all after two more. */
const SLICES = 16;

/**
 * All that the scheduler may do next, and what is left of the budget then. None if all have ended.
 * @param current the thread that ran last, if it can go on; else -1.
 * @throws Failure if not all have ended, but nothing is left to do.
 */
export function choicesOf(world: World, current: number, budget: Budget): [Choice, Budget][] {
  const choices: [Choice, Budget][] = [];
  const add = (what: Choice["what"], threads: readonly number[], left = budget): void => {
    for (const thread of threads) choices.push([{ what, thread }, left]);
  };
  const { ready } = world;
  if (current >= 0) {
    add("run", [current]);
    const others = ready.filter((thread) => thread !== current);
    if (budget.preemptions > 0) add("run", others, { ...budget, preemptions: budget.preemptions - 1 });
  } else if (ready.length > 0) add("run", ready);
  else add("fire", nextToTimeOut(world));
  if (choices.length === 0 && !world.over) {
    throw new Failure(world.copy().isSavedByTime() ? "lost wake-up" : "deadlock", world.sleepers);
  }
  if (budget.timeouts > 0) {
    const offered = choices.map(([{ what, thread }]) => (what === "fire" ? thread : -1));
    const kinds = world.universe.scenario.slices ? (["slice"] as const) : [];
    const early = world.asleep("fair", "limit", ...kinds).filter((thread) => !offered.includes(thread));
    add("fire", early, { ...budget, timeouts: budget.timeouts - 1 });
  }
  if (budget.stalls > 0 && ready.length > 0) add("stall", [-1], { ...budget, stalls: budget.stalls - 1 });
  add("kill", world.mayDie());
  return choices;
}

/**
 * Where all sleep: whose time is over first. While all live, limits of the program are all that may help; a slice or a lock's
 * 1 ms would hide that a wake-up was lost. They are there for deaths: after one, they count.
 */
function nextToTimeOut(world: World): number[] {
  if (!world.anyDead) return world.firstOf(world.asleep("limit"));
  if (world.slices >= SLICES) throw new Failure("hang", world.sleepers);
  return world.firstOf(world.asleep("slice", "fair", "limit"));
}

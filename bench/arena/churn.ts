import type { Context } from "../../src/index.ts";
import { inRounds, type Place } from "../common/crew.ts";
import { ArenaBlocks, Zeros } from "./allocators.ts";

/** The turns of a round: each of them alone, then both at once. */
export const TURNS = ["arena", "la.zeros"].flatMap((who) => [true, false].map((alone) => ({ who, alone })));

export interface ChurnPlan extends Place {
  readonly ms: number;
}

/** Calls between two looks at the clock. */
const CLOCK_EVERY = 64;

/** A task: allocates and releases, a turn a round. Returns how often a second in each turn; 0 where only another thread did. */
export async function churn(la: Context, plan: ChurnPlan): Promise<number[]> {
  const allocators = [new ArenaBlocks(la), new Zeros(la)];
  const rates: number[] = [];
  await inRounds(plan, (round) => {
    const { who, alone } = TURNS[round % TURNS.length]!;
    const works = !alone || plan.thread === 0;
    rates.push(works ? rateOf(allocators.find((one) => one.who === who)!, plan.ms) : 0);
  });
  return rates;
}

function rateOf(allocator: ArenaBlocks | Zeros, limit: number): number {
  const start = performance.now();
  let ms = 0;
  let calls = 0;
  while (ms < limit) {
    allocator.cycle(CLOCK_EVERY);
    calls += CLOCK_EVERY;
    ms = performance.now() - start;
  }
  return (1000 * calls) / ms;
}

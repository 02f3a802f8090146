import type { Context, Gil } from "../../src/index.ts";
import { inRounds, type Place } from "../common/crew.ts";
import { stepsFor, work } from "./work.ts";

export interface GilPlan extends Place {
  readonly gil: Gil;
  readonly ms: number;
  /** Microseconds of work between two checkpoints. */
  readonly us: number;
}

/** What one thread did in one round. */
export interface Ran {
  /** Pieces of work, a checkpoint after each. */
  readonly pieces: number;
  /** How often the GIL went from one thread to another meanwhile. */
  readonly switches: number;
}

/** A task: computes under the GIL, as the others do, and lets them have it now and then. */
export async function shareGil(_la: Context, plan: GilPlan): Promise<Ran[]> {
  const { gil, barrier, ms, us } = plan;
  const steps = stepsFor(us);
  const results: Ran[] = [];
  await inRounds(plan, () => {
    const end = performance.now() + ms;
    const { switches } = gil;
    let pieces = 0;
    gil.acquire();
    do {
      work(steps);
      pieces += 1;
      gil.checkpoint();
    } while (performance.now() < end);
    gil.release();
    barrier.wait();
    results.push({ pieces, switches: gil.switches - switches });
  });
  return results;
}

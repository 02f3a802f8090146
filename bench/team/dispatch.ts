import { spinsOf } from "../../src/team/member.ts";
import { distinct } from "../common/rows.ts";
import { breathe, quantile } from "../common/sample.ts";
import type { Bench } from "./bench.ts";
import { type Caller, callBare, callBytes, callTeam } from "./callers.ts";
import type { Row } from "./rows.ts";

/** So long the caller does something else before it calls members that sleep. */
export const ASLEEP_MS = 1.2;
/** Calls before those that count: of members that are to be awake. */
const WAKE_UPS = 20;
/** How often the main thread looks whether members are there. */
const LOOK_MS = 5;

/** What became of the calls of one round. */
export interface Called {
  readonly who: string;
  readonly asleep: boolean;
  /** Microseconds of each. */
  readonly latencies: readonly number[];
  /** Whether every call was answered. */
  readonly right: boolean;
}

/** What of a bench it takes: others measure it too. */
interface Dispatching extends Pick<Bench, "la" | "threadModule" | "settings" | "say" | "notes"> {
  readonly selection: Pick<Bench["selection"], "rounds" | "awakeCalls" | "asleepCalls">;
  readonly rows: Pick<Row[], "push">;
}

/** Dispatch and join of a job in which there is nothing to do, beside a bare store, notify and spin. */
export async function dispatch(bench: Dispatching): Promise<void> {
  const { cores } = bench.la.config().host;
  for (const members of distinct([1, Math.max(1, cores - 1)])) {
    if (bench.settings.stopped()) return;
    bench.say(labelOf(members, "called"));
    bench.rows.push(...rowsOf(members, await callInTurns(bench, members, spinsOf(members, cores))));
  }
}

const labelOf = (members: number, state: string): string => `${members + 1} threads, ${state}`;

async function callInTurns(bench: Dispatching, members: number, spins: number): Promise<Called[]> {
  const { la, threadModule, selection, settings } = bench;
  const memories = [callTeam, callBare].map(() => la.zeros([callBytes(members) / 8]));
  const callers = [callTeam, callBare].map((make, i) => {
    const memory = memories[i]!;
    const start = (task: string, member: number) => la.spawn(threadModule, [task, { memory, member, spins }]);
    return make({ la, memory, members, start });
  });
  const results: Called[] = [];
  try {
    for (const caller of callers) await untilReady(caller);
    // One round more than asked for: the first one warms up.
    for (let round = 0; round <= selection.rounds; ++round) {
      for (const asleep of [false, true]) {
        for (const caller of callers) {
          await breathe();
          if (settings.stopped()) return results;
          const called = callAgainAndAgain(
            caller,
            asleep,
            asleep ? selection.asleepCalls : selection.awakeCalls,
          );
          if (round > 0) results.push(called);
        }
      }
    }
    return results;
  } finally {
    await Promise.all(callers.flatMap(({ threads }) => threads.map((thread) => thread.terminate())));
    for (const memory of memories) memory.release();
  }
}

/** @throws what ended a member's thread. */
async function untilReady({ threads, isReady }: Caller): Promise<void> {
  while (!isReady()) {
    for (const thread of threads) if (!thread.alive) await thread.joinAsync();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function callAgainAndAgain(caller: Caller, asleep: boolean, calls: number): Called {
  const latencies: number[] = [];
  let right = true;
  for (let i = 0; i < WAKE_UPS && !asleep; ++i) caller.call();
  for (let i = 0; i < calls; ++i) {
    if (asleep) for (const until = performance.now() + ASLEEP_MS; performance.now() < until; );
    const start = performance.now();
    const answered = caller.call();
    latencies.push(1000 * (performance.now() - start));
    right &&= answered;
  }
  return { who: caller.who, asleep, latencies, right };
}

/** The rows of one team, from the calls of all rounds. */
export function rowsOf(members: number, called: readonly Called[]): Row[] {
  return [false, true].flatMap((asleep) =>
    distinct(called.map(({ who }) => who)).flatMap((who) => {
      const rounds = called.filter((round) => round.who === who && round.asleep === asleep);
      const wrong = rounds.some(({ right }) => !right);
      const row = (what: string, q: number): Row => ({
        section: "dispatch",
        label: labelOf(members, asleep ? "asleep" : "awake"),
        who,
        what,
        unit: "µs",
        values: wrong ? [] : rounds.map(({ latencies }) => quantile(latencies, q)),
        wrong,
      });
      return [row("median", 0.5), row("99th percentile", 0.99)];
    }),
  );
}

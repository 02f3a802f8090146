import { describe } from "vitest";
import { Gil } from "../../../src/sync/gil.ts";
import { Barrier, Condition, Event, Lock, Semaphore } from "../../../src/sync/index.ts";
import * as broken from "./broken.ts";
import { goesWrong } from "./cases.ts";
import { attempt, LOCK, type LockLike, type Make, survives, turns } from "./programs.ts";
import { limit, orCode, type Scenario, type Self } from "./scenario.ts";

// What the explorer is worth: it finds these, and finds nothing where the same threads use the real thing.

const BOUNDS = { preemptions: 2, timeouts: 2 };

/** Makes a primitive at word 0. */
const made =
  <T>(Kind: new (words: Int32Array, index: number, agent: Self["agent"]) => T): Make<T> =>
  ({ words, agent }) =>
    new Kind(words, 0, agent);

describe("Locks", () => {
  const real = made(Lock);
  const two = (make: Make<LockLike>): Scenario => ({ threads: [turns(make), turns(make)], names: LOCK });
  const three = (make: Make<LockLike>): Scenario => ({
    threads: [turns(make), turns(make), turns(make)],
    names: LOCK,
  });

  const looks: Make<LockLike> = (self) => new broken.LooksThenTakes(self);
  goesWrong("looks, then takes", "exclusion", BOUNDS, two(looks), two(real));

  goesWrong("wakes nobody", "lost wake-up", BOUNDS, two(made(broken.WakesNobody)), two(real));

  goesWrong(
    "forgets other waiters",
    "lost wake-up",
    BOUNDS,
    three(made(broken.ForgetsOtherWaiters)),
    three(real),
  );

  goesWrong(
    "takes as held what was passed",
    "lost wake-up",
    BOUNDS,
    three(made(broken.TakesPassedAsHeld)),
    three(real),
  );

  const oneGivesUp = (make: Make<LockLike>): Scenario => ({
    threads: [turns(make), turns(make), attempt(make, { timeoutMs: limit(0) })],
    names: LOCK,
  });
  goesWrong(
    "gives up for all",
    "lost wake-up",
    BOUNDS,
    oneGivesUp(made(broken.GivesUpForAll)),
    oneGivesUp(real),
  );

  const woken: Make<LockLike> = (self) => new broken.GivesUpWhenWoken(self);
  goesWrong(
    "gives up when woken",
    "deadlock",
    { preemptions: 2, stalls: 1, stallMs: 1 },
    oneGivesUp(woken),
    oneGivesUp(real),
  );

  const oneGreedy = (make: Make<LockLike>): Scenario => ({
    threads: [turns(make, 6), turns(make)],
    overtaking: 2,
    names: LOCK,
  });
  goesWrong(
    "hands nothing on",
    "starvation",
    { preemptions: 3, timeouts: 2 },
    oneGreedy(made(broken.HandsNothingOn)),
    oneGreedy(real),
  );

  const twoGreedy = (make: Make<LockLike>): Scenario => ({
    threads: [turns(make, 3), turns(make), turns(make, 3)],
    overtaking: 3,
    names: LOCK,
  });
  goesWrong(
    "ends the handing on early",
    "starvation",
    { preemptions: 2, timeouts: 1 },
    twoGreedy(made(broken.EndsHandingOnEarly)),
    twoGreedy(real),
  );

  const late: Make<LockLike> = (self) => new broken.NamesHolderLate(self);
  const oneDies = { mortals: [0], names: LOCK };
  goesWrong(
    "names its holder late",
    "hang",
    BOUNDS,
    { threads: [turns(late), turns(late)], ...oneDies },
    { threads: [turns(real), survives(real)], ...oneDies },
  );

  /** Takes two locks, one inside the other. */
  const both =
    (first: number, second: number, agentOf = ({ agent }: Self) => agent) =>
    (self: Self): void => {
      const locks = [first, second].map((number) => new Lock(self.words, 2 * number, agentOf(self)));
      const taken = locks.filter((lock) => orCode(() => lock.acquire()) === true);
      for (const lock of taken.reverse()) lock.release();
    };
  const names = ["1st lock", "mode 1", "2nd lock", "mode 2"];
  const looksOnly = ({ agent }: Self) => broken.looksOnly(agent);
  goesWrong(
    "two locks in two orders",
    "deadlock",
    BOUNDS,
    { threads: [both(0, 1), both(1, 0)], names },
    { threads: [both(0, 1), both(0, 1)], names },
  );
  goesWrong(
    "looks for a deadlock, but does not say that it waits",
    "deadlock",
    BOUNDS,
    { threads: [both(0, 1, looksOnly), both(1, 0, looksOnly)], debug: true, names },
    { threads: [both(0, 1), both(1, 0)], debug: true, names },
  );
});

describe("Others", () => {
  const ITEM = 6;
  const produced = (Kind: typeof Condition): Scenario => {
    const make: Make<Condition> = ({ words, agent }) => new Kind(words, 3, new Lock(words, 0, agent), agent);
    return {
      threads: [
        (self) => {
          make(self).lock.acquire();
          while (Atomics.load(self.words, ITEM) === 0) make(self).wait();
          make(self).lock.release();
        },
        (self) => {
          make(self).lock.acquire();
          Atomics.store(self.words, ITEM, 1);
          make(self).notify();
          make(self).lock.release();
        },
      ],
      names: [...LOCK, "depth", "notified", "waiters", "untaken", "item"],
    };
  };
  goesWrong(
    "Condition: reads after unlocking",
    "lost wake-up",
    BOUNDS,
    produced(broken.ReadsAfterUnlocking),
    produced(Condition),
  );

  const entered = (make: Make<Semaphore>): Scenario => ({
    threads: [(self) => make(self).acquire(), (self) => make(self).release()],
    names: ["value", "waiters"],
  });
  goesWrong(
    "Semaphore: looks for waiters first",
    "lost wake-up",
    BOUNDS,
    entered(made(broken.LooksForWaitersFirst)),
    entered(made(Semaphore)),
  );

  const set = (make: Make<Event>): Scenario => ({
    threads: [(self) => make(self).wait(), (self) => make(self).set()],
    names: ["flag"],
  });
  goesWrong(
    "Event: wakes, then sets",
    "lost wake-up",
    BOUNDS,
    set(made(broken.WakesThenSets)),
    set(made(Event)),
  );

  const met = (wait: (self: Self) => unknown): Scenario => ({
    threads: [wait, wait],
    setup: (words) => new Barrier(words, 2).init(2),
    names: ["arrived", "rounds", "state", "parties"],
  });
  goesWrong(
    "Barrier: reads the round late",
    "deadlock",
    BOUNDS,
    met((self) => new broken.ReadsRoundLate(self, 2).wait()),
    met(({ words, agent }) => new Barrier(words, 2, agent).wait()),
  );

  const gil = {
    names: ["holder", "request", "switches", "last", "interval", "heir", "trace"],
    setup: (words: Int32Array): void => new Gil(words).setSwitchInterval(limit(5)),
  };
  const requested = (make: Make<Gil>): Scenario => ({
    threads: [
      (self) => {
        make(self).acquire();
        const made = [make(self).checkpoint(), make(self).checkpoint()];
        make(self).release();
        return made;
      },
      (self) => make(self).run(() => self.visit()),
    ],
    mortals: [1],
    ...gil,
  });
  // (Where the second thread dies while it holds it, the first is told so.)
  const told = ({ threads: [first, second], ...scenario }: Scenario): Scenario => ({
    ...scenario,
    threads: [(self) => orCode(() => first!(self)), second!],
  });
  goesWrong(
    "Gil: waits for the dead",
    "deadlock",
    BOUNDS,
    told(requested(made(broken.WaitsForTheDead))),
    told(requested(made(Gil))),
  );

  const TURNS = 12;
  const computes =
    (make: Make<Gil>) =>
    (self: Self): void => {
      make(self).acquire();
      Atomics.add(self.words, TURNS, 1);
      while (Atomics.load(self.words, TURNS) < 2) {
        make(self).checkpoint();
        self.pause();
      }
      make(self).release();
    };
  const switched = (make: Make<Gil>): Scenario => ({ threads: [computes(make), computes(make)], ...gil });
  goesWrong("Gil: asks once", "lost wake-up", BOUNDS, switched(made(broken.AsksOnce)), switched(made(Gil)));
});

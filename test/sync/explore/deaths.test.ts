import { describe } from "vitest";
import { Gil } from "../../../src/sync/gil.ts";
import { Barrier, Condition, Event, Lock, RLock, Semaphore } from "../../../src/sync/index.ts";
import { ANY, goesWell } from "./cases.ts";
import { acquireOrRecover, LOCK, lockIsFree, type Make, survives, turns } from "./programs.ts";
import { limit, must, orCode, type Self } from "./scenario.ts";

// One thread (A, as a rule) dies: before any of its operations, or in the midst of a wait. That it has ended is written into
// the table at once, or at any time later. The others go on or are told so.

const lock: Make<Lock> = ({ words, agent }) => new Lock(words, 0, agent);
const rlock: Make<RLock> = ({ words, agent }) => new RLock(words, 0, agent);
const A = [0];

describe("Lock", () => {
  const ends = { names: LOCK, end: lockIsFree };

  goesWell(
    "the holder dies",
    { preemptions: ANY, timeouts: 1 },
    { threads: [turns(lock, 2), survives(lock, 2)], mortals: A, ...ends },
  );

  goesWell(
    "a holder dies",
    { preemptions: 2, timeouts: 1 },
    { threads: [turns(lock), survives(lock), survives(lock)], mortals: A, ...ends },
  );

  goesWell(
    "a starving waiter dies",
    { preemptions: 2, timeouts: 2 },
    { threads: [turns(lock), survives(lock), survives(lock)], mortals: A, ...ends },
  );

  goesWell(
    "who recovers dies, too",
    { preemptions: 2 },
    { threads: [survives(lock), survives(lock), survives(lock)], mortals: [0, 1], ...ends },
  );

  goesWell(
    "RLock: the holder dies",
    { preemptions: 5, timeouts: 1 },
    {
      threads: [turns(rlock, 2), survives(rlock, 2)],
      mortals: A,
      names: [...LOCK, "depth"],
      end: lockIsFree,
    },
  );
});

describe("Condition", () => {
  const READY = 6;
  const condition: Make<Condition> = (self) => new Condition(self.words, 3, lock(self), self.agent);

  const waits = (self: Self): void => {
    const waiter = condition(self);
    acquireOrRecover(self, waiter.lock);
    while (Atomics.load(self.words, READY) === 0)
      if (orCode(() => waiter.wait()) === "ABANDONED") acquireOrRecover(self, waiter.lock);
    self.visit();
    waiter.lock.release();
  };
  const notifies = (self: Self): void => {
    const { lock } = condition(self);
    acquireOrRecover(self, lock);
    Atomics.store(self.words, READY, 1);
    condition(self).notifyAll();
    self.visit();
    lock.release();
  };

  goesWell(
    "a waiter dies",
    { preemptions: 2, timeouts: 1 },
    {
      threads: [waits, waits, notifies],
      mortals: A,
      names: [...LOCK, "depth", "notified", "waiters", "untaken", "ready"],
      end: lockIsFree,
    },
  );

  goesWell(
    "one of two that notify dies",
    { preemptions: 1, timeouts: 1 },
    {
      threads: [notifies, waits, notifies],
      mortals: A,
      names: [...LOCK, "depth", "notified", "waiters", "untaken", "ready"],
      end: lockIsFree,
    },
  );
});

describe("Semaphore", () => {
  const make: Make<Semaphore> = ({ words, agent }) => new Semaphore(words, 0, agent);
  const enters = (self: Self): boolean => make(self).acquire();
  const end = (words: Int32Array, [one]: readonly unknown[]): void =>
    must(words[0] === 0 || (one === "dead" && words[0] === 1), "at most the dead one's place is left");
  const names = ["value", "waiters"];

  goesWell(
    "one of two that wait dies, the third lets two in at once",
    { preemptions: ANY },
    { threads: [enters, enters, (self) => make(self).release(2)], mortals: A, names, end },
  );

  goesWell(
    "one of two that wait dies, the third lets in two",
    { preemptions: ANY },
    {
      threads: [
        enters,
        enters,
        (self) => {
          make(self).release();
          make(self).release();
        },
      ],
      mortals: A,
      names,
      end,
    },
  );
});

describe("Event", () => {
  const make: Make<Event> = ({ words, agent }) => new Event(words, 0, agent);
  const waits = (self: Self): boolean => make(self).wait();
  const sets = (self: Self): void => make(self).set();

  goesWell(
    "a waiter dies",
    { preemptions: ANY },
    { threads: [waits, waits, sets], mortals: A, names: ["flag"] },
  );
  goesWell(
    "one that sets it dies",
    { preemptions: ANY },
    { threads: [sets, waits, sets], mortals: A, names: ["flag"] },
  );
});

describe("Barrier", () => {
  const make = ({ words, agent }: Self, action?: () => void): Barrier =>
    new Barrier(words, 0, agent, action ? { action } : {});
  const names = ["state", "parties", "actor"];
  const setup = (words: Int32Array): void => {
    new Barrier(words).init(2);
  };
  const wellOrTold = (_: Int32Array, results: readonly unknown[]): void =>
    must(
      results.every((result) => typeof result === "number" || result === "BROKEN" || result === "dead"),
      "each is through or told",
    );

  goesWell(
    "one dies",
    { preemptions: ANY, timeouts: 1 },
    {
      threads: [
        (self) => orCode(() => make(self).wait()),
        (self) => orCode(() => make(self).wait({ timeoutMs: limit(9) })),
      ],
      mortals: A,
      names,
      setup,
      end: wellOrTold,
    },
  );

  // Without limits: who dies after it has arrived as the last is noticed.
  goesWell(
    "one dies in the action",
    { preemptions: ANY },
    {
      threads: [0, 1].map(() => (self) => orCode(() => make(self, () => self.visit()).wait())),
      mortals: [0, 1],
      mayDie: ([state]) => (state! & 0x7ff) === 2,
      names,
      setup,
      end: wellOrTold,
    },
  );
});

describe("Gil", () => {
  const names = ["holder", "request", "switches", "last", "interval", "heir", "trace"];
  const HEIR = 5;
  const TURNS = 12;
  const make: Make<Gil> = ({ words, agent }) => new Gil(words, 0, agent);
  const setup = (words: Int32Array): void => new Gil(words).setSwitchInterval(limit(5));
  const end = ([holder]: Int32Array, results: readonly unknown[]): void =>
    must(holder === 0 || results[(holder! & 255) - 1] === "dead", "no living thread holds it");

  /** Does what may be told ABANDONED; then recovers it and acquires it. */
  const orRecover = (self: Self, gil: Gil, run: () => unknown): void => {
    for (let next = run; orCode(next) === "ABANDONED"; next = () => gil.acquire()) {
      self.bury();
      gil.recover();
    }
  };

  const visits =
    (rounds = 1) =>
    (self: Self): void => {
      const gil = make(self);
      for (let round = 0; round < rounds; ++round) {
        self.forget(round);
        orRecover(self, gil, () => gil.acquire());
        self.enter();
        Atomics.add(self.words, TURNS, 1);
        self.leave();
        gil.release();
      }
    };
  /** Holds it, with checkpoints, until so many turns were taken. */
  const computes =
    (turns: number) =>
    (self: Self): void => {
      const gil = make(self);
      orRecover(self, gil, () => gil.acquire());
      self.enter();
      while (Atomics.load(self.words, TURNS) < turns) {
        self.leave();
        self.forget();
        orRecover(self, gil, () => gil.checkpoint());
        self.enter();
        self.pause();
      }
      self.leave();
      gil.release();
    };

  goesWell(
    "one dies",
    { preemptions: 3, timeouts: 1 },
    { threads: [visits(2), visits(2)], mortals: A, names, setup, end },
  );

  goesWell(
    "who computes dies",
    { preemptions: 4, timeouts: 1 },
    { threads: [computes(1), visits()], mortals: A, names, setup, end },
  );

  goesWell(
    "who requests it dies",
    { preemptions: 1, timeouts: 1 },
    { threads: [visits(), computes(1), visits()], mortals: A, names, setup, end },
  );

  // A leap of two intervals makes heirs of those that wait.
  goesWell(
    "the heir dies",
    { preemptions: 1, stalls: 1, stallMs: 11 },
    {
      threads: [visits(), computes(1), visits()],
      mortals: A,
      mayDie: (words) => words[HEIR] !== 0,
      names,
      setup,
      end,
    },
  );
});

describe("ThreadTable", () => {
  goesWell(
    "one ends or dies, another waits for that",
    { preemptions: ANY },
    {
      threads: [(self) => self.table.end(self.agent.id), (self) => self.table.waitEnd(self.idOf(0))],
      mortals: A,
      names: [],
      end: (_, [, ended]) => must(ended === true, "it is told"),
    },
  );

  goesWell(
    "one ends, as two say, and others come",
    { preemptions: ANY },
    {
      threads: [
        (self) => self.table.end(self.agent.id),
        (self) => self.table.end(self.idOf(0)),
        (self) => [self.table.claim() & 255, self.table.claim() & 255],
      ],
      debug: true,
      names: [],
      end: (_, [, , slots]) =>
        must(new Set([2, 3, ...(slots as number[])]).size === 4, "nobody shares a slot"),
    },
  );
});

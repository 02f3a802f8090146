import { describe } from "vitest";
import { Lock, RLock } from "../../../src/sync/index.ts";
import { ANY, goesWell } from "./cases.ts";
import { attempt, LOCK, lockIsFree, type Make, turns } from "./programs.ts";
import { limit, must, orCode, type Self } from "./scenario.ts";

const lock: Make<Lock> = (self) => new Lock(self.words, 0, self.agent);
const rlock: Make<RLock> = (self) => new RLock(self.words, 0, self.agent);

const ends = { names: LOCK, end: lockIsFree };

describe("Lock", () => {
  goesWell(
    "twice each",
    { preemptions: ANY, timeouts: 2 },
    { threads: [turns(lock, 2), turns(lock, 2)], ...ends },
  );

  goesWell(
    "once each",
    { preemptions: 4, timeouts: 1 },
    { threads: [turns(lock), turns(lock), turns(lock)], ...ends },
  );

  goesWell(
    "twice each",
    { preemptions: 2, timeouts: 2 },
    { threads: [turns(lock, 2), turns(lock, 2), turns(lock, 2)], ...ends },
  );

  goesWell(
    "one gives up soon",
    { preemptions: ANY, timeouts: 3 },
    { threads: [turns(lock, 3), attempt(lock, { timeoutMs: limit(0) })], ...ends },
  );

  goesWell(
    "one gives up late",
    { preemptions: ANY, timeouts: 2 },
    { threads: [turns(lock, 3), attempt(lock, { timeoutMs: limit(2) })], ...ends },
  );

  goesWell(
    "one gives up soon",
    { preemptions: 3, timeouts: 2 },
    { threads: [turns(lock), turns(lock), attempt(lock, { timeoutMs: limit(0) })], ...ends },
  );

  goesWell(
    "one gives up late",
    { preemptions: 3, timeouts: 2 },
    { threads: [turns(lock), turns(lock), attempt(lock, { timeoutMs: limit(1) })], ...ends },
  );

  goesWell(
    "one does not block",
    { preemptions: 3, timeouts: 2 },
    { threads: [turns(lock, 2), turns(lock), attempt(lock, { blocking: false })], ...ends },
  );

  // Overtaken by who has it already, and by who took it before its release could see that this thread starves.
  for (const rounds of [3, 6])
    goesWell(
      `a greedy one, ${rounds} times, and one that starves`,
      { preemptions: 4, timeouts: 3 },
      { threads: [turns(lock, rounds), turns(lock)], overtaking: 2, ...ends },
    );

  // … and by those that sleep already: as often, however often they want to.
  for (const rounds of [2, 3])
    goesWell(
      `two greedy ones, ${rounds} times, and one that starves`,
      { preemptions: 2, timeouts: 2 },
      { threads: [turns(lock, rounds), turns(lock), turns(lock, rounds)], overtaking: 3, ...ends },
    );

  goesWell(
    "handed on, and taken late",
    { preemptions: 2, timeouts: 2, stalls: 1, stallMs: 101 },
    { threads: [turns(lock, 2), turns(lock), attempt(lock, { blocking: false })], ...ends },
  );

  const takeAndRelease = (self: Self): unknown => {
    lock(self).acquire();
    return orCode(() => lock(self).release());
  };
  goesWell(
    "one release too many",
    { preemptions: 4, timeouts: 2 },
    {
      threads: [takeAndRelease, takeAndRelease, (self) => orCode(() => lock(self).release())],
      names: LOCK,
      end(words, results) {
        must(results.filter((code) => code === "UNLOCKED").length === 1, "one of the releases was told");
        lockIsFree(words, []);
      },
    },
  );
});

describe("RLock", () => {
  const names = [...LOCK, "depth"];
  const end = (words: Int32Array, results: readonly unknown[]): void => {
    must(words[2] === 0, "nobody has it");
    lockIsFree(words, results);
  };

  /** Takes it twice, and gives it back as often. */
  const nested =
    (rounds = 1) =>
    (self: Self): void => {
      const lock = rlock(self);
      for (let round = 0; round < rounds; ++round) {
        self.forget(round);
        lock.acquire();
        self.enter();
        must(lock.acquire({ blocking: false }), "its holder may take it again");
        lock.release();
        self.leave();
        lock.release();
      }
    };

  goesWell("twice each", { preemptions: 5, timeouts: 1 }, { threads: [nested(2), nested(2)], names, end });

  goesWell(
    "once each",
    { preemptions: 2, timeouts: 2 },
    { threads: [nested(), nested(), nested()], names, end },
  );

  goesWell(
    "one gives up, one releases what it does not hold",
    { preemptions: 2, timeouts: 2 },
    {
      threads: [
        nested(2),
        attempt(rlock, { timeoutMs: limit(0) }),
        (self) => must(orCode(() => rlock(self).release()) === "NOT_OWNER", "it is told so"),
      ],
      names,
      end,
    },
  );
});

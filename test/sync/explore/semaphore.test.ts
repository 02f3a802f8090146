import { describe } from "vitest";
import { BoundedSemaphore, Semaphore } from "../../../src/sync/index.ts";
import { ANY, goesWell } from "./cases.ts";
import type { Make } from "./programs.ts";
import { limit, must, orCode, type Self } from "./scenario.ts";

describe("Semaphore", () => {
  const names = ["value", "waiters", "bound"];
  const make: Make<Semaphore> = ({ words, agent }) => new Semaphore(words, 0, agent);
  const bounded: Make<BoundedSemaphore> = ({ words, agent }) => new BoundedSemaphore(words, 0, agent);
  const ends =
    (value: number) =>
    (words: Int32Array): void =>
      must(words[0] === value && words[1] === 0, `the value is ${value}, and nobody waits`);
  const init =
    (value: number) =>
    (words: Int32Array): void => {
      new BoundedSemaphore(words).init(value);
    };

  const visits =
    (rounds = 1) =>
    (self: Self): void => {
      const semaphore = make(self);
      for (let round = 0; round < rounds; ++round) {
        self.forget(round);
        semaphore.acquire();
        self.visit();
        semaphore.release();
      }
    };
  const visitsOrNot =
    (options: object) =>
    (self: Self): boolean => {
      const semaphore = make(self);
      const entered = semaphore.acquire(options);
      if (entered) {
        self.visit();
        semaphore.release();
      }
      return entered;
    };

  goesWell(
    "one at a time, twice each",
    { preemptions: ANY },
    { threads: [visits(2), visits(2)], names, setup: init(1), end: ends(1) },
  );

  goesWell(
    "one at a time",
    { preemptions: ANY },
    { threads: [visits(), visits(), visits()], names, setup: init(1), end: ends(1) },
  );

  goesWell(
    "two at a time",
    { preemptions: 4 },
    { threads: [visits(2), visits(2), visits(2)], names, setup: init(2), end: ends(2), capacity: 2 },
  );

  goesWell(
    "one lets two in at once",
    { preemptions: ANY },
    {
      threads: [
        (self) => make(self).acquire(),
        (self) => make(self).acquire(),
        (self) => make(self).release(2),
      ],
      names,
      end: ends(0),
    },
  );

  goesWell(
    "one gives up, one does not block",
    { preemptions: 5, timeouts: 1 },
    {
      threads: [visits(2), visitsOrNot({ timeoutMs: limit(0) }), visitsOrNot({ blocking: false })],
      names,
      setup: init(1),
      end: ends(1),
    },
  );

  goesWell(
    "a limit races a release that another needs",
    { preemptions: ANY, timeouts: 1 },
    {
      threads: [
        (self) => (make(self).acquire({ timeoutMs: limit(0) }) ? make(self).release() : undefined),
        (self) => make(self).acquire(),
        (self) => make(self).release(),
      ],
      names,
      end: ends(0),
    },
  );

  goesWell(
    "BoundedSemaphore: two releases for one acquire",
    { preemptions: ANY },
    {
      threads: [
        (self) => {
          bounded(self).acquire();
          return orCode(() => bounded(self).release());
        },
        (self) => orCode(() => bounded(self).release()),
      ],
      names,
      setup: init(1),
      end(words, results) {
        must(results.filter((code) => code === "VALUE").length === 1, "one of the releases was told");
        ends(1)(words);
      },
    },
  );
});

import { describe } from "vitest";
import { Gil } from "../../../src/sync/gil.ts";
import { ANY, goesWell } from "./cases.ts";
import { type End, limit, must, orCode, type Self } from "./scenario.ts";

const names = ["holder", "request", "switches", "last", "interval", "heir", "trace"];
const TURNS = 12;
const make = ({ words, agent }: Self): Gil => new Gil(words, 0, agent);
const setup = (words: Int32Array): void => new Gil(words).setSwitchInterval(limit(5));
const isFree: End = (words) => {
  must(words[0] === 0, "nobody holds it");
  const gil = new Gil(words);
  gil.acquire();
  must(!gil.checkpoint(), "nobody asks for it");
  gil.release();
};
const ends = { names, setup, end: isFree };

const visits =
  (rounds = 1) =>
  (self: Self): void => {
    const gil = make(self);
    for (let round = 0; round < rounds; ++round) {
      self.forget(round);
      gil.run(() => self.visit());
    }
  };

/** Holds it, with checkpoints, until so many threads have held it. */
const computes =
  (until: number) =>
  (self: Self): void => {
    const gil = make(self);
    gil.acquire();
    self.enter();
    Atomics.add(self.words, TURNS, 1);
    while (Atomics.load(self.words, TURNS) < until) {
      self.leave();
      self.forget();
      gil.checkpoint();
      self.enter();
      self.pause();
    }
    self.leave();
    gil.release();
  };

/** Holds it, and lets others run for a while. */
const doesIo = (self: Self): void => {
  const gil = make(self);
  gil.acquire();
  self.enter();
  Atomics.add(self.words, TURNS, 1);
  self.leave();
  gil.allowThreads(() => must(!gil.held, "it is released meanwhile"), "io");
  self.visit();
  gil.release();
};

describe("Gil", () => {
  goesWell("twice each", { preemptions: ANY, timeouts: 1 }, { threads: [visits(2), visits(2)], ...ends });
  goesWell(
    "once each",
    { preemptions: 2, timeouts: 2 },
    { threads: [visits(), visits(), visits()], ...ends },
  );

  goesWell(
    "one computes until the other has held it",
    { preemptions: ANY, timeouts: 2 },
    { threads: [computes(2), computes(2)], ...ends },
  );

  // Nobody is overtaken for ever: else a schedule had no end.
  for (const bounds of [
    { preemptions: 1, timeouts: 0 },
    { preemptions: 0, timeouts: 1 },
  ])
    goesWell("each computes until all have held it", bounds, {
      threads: [computes(3), computes(3), computes(3)],
      ...ends,
    });

  goesWell(
    "one leaves, one computes until the third has held it",
    { preemptions: 1, timeouts: 2 },
    { threads: [computes(1), computes(3), computes(1)], ...ends },
  );

  goesWell(
    "one computes, one does IO",
    { preemptions: 4, timeouts: 1 },
    { threads: [computes(2), doesIo], ...ends },
  );

  goesWell(
    "two do IO, one computes",
    { preemptions: 1, timeouts: 1 },
    { threads: [doesIo, doesIo, computes(3)], ...ends },
  );

  goesWell(
    "taken again, and released by who does not hold it",
    { preemptions: ANY },
    {
      threads: [
        (self) => make(self).run(() => orCode(() => make(self).acquire())),
        (self) => orCode(() => make(self).release()),
      ],
      names,
      setup,
      end(words, results) {
        must(String(results) === "DEADLOCK,NOT_OWNER", "both are told");
        isFree(words, results);
      },
    },
  );
});

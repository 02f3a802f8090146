import { describe } from "vitest";
import { Barrier } from "../../../src/sync/index.ts";
import { ANY, goesWell } from "./cases.ts";
import { limit, must, orCode, type Self } from "./scenario.ts";

describe("Barrier", () => {
  const names = ["state", "parties", "actor", "actions"];
  const ACTIONS = 3;
  const init =
    (parties: number) =>
    (words: Int32Array): void => {
      new Barrier(words).init(parties);
    };
  const make = ({ words, agent }: Self, action?: () => void): Barrier =>
    new Barrier(words, 0, agent, action ? { action } : {});
  /** Each thread got another index. */
  const all =
    (parties: number) =>
    (_: Int32Array, results: readonly unknown[]): void =>
      must(String([...results].sort()) === String([...Array(parties).keys()]), "each index was given once");
  const BROKEN = "BROKEN";

  /** Meets the others so many times. */
  const meets =
    (rounds = 1) =>
    (self: Self): number => {
      let index = -1;
      for (let round = 0; round < rounds; ++round) {
        self.forget(round);
        Atomics.add(self.words, ACTIONS, 1);
        index = make(self).wait();
        // Nobody is through before all have come; nobody is two rounds ahead.
        const came = Atomics.load(self.words, ACTIONS);
        const parties = Atomics.load(self.words, 1);
        must(
          came >= parties * (round + 1) && came < parties * (round + 2),
          `all have come, and ${came} in all`,
        );
      }
      return index;
    };

  goesWell(
    "two rounds",
    { preemptions: ANY },
    { threads: [meets(2), meets(2)], names, setup: init(2), end: all(2) },
  );

  goesWell(
    "two rounds",
    { preemptions: 4 },
    { threads: [meets(2), meets(2), meets(2)], names, setup: init(3), end: all(3) },
  );

  /** With an action, which runs once a round, before any goes on. */
  const acts =
    (rounds = 1) =>
    (self: Self): number => {
      const barrier = make(self, () => Atomics.add(self.words, ACTIONS, 1));
      let index = -1;
      for (let round = 1; round <= rounds; ++round) {
        self.forget(round);
        index = barrier.wait();
        const actions = Atomics.load(self.words, ACTIONS);
        must(
          actions === round || (actions === round + 1 && round < rounds),
          `${actions} actions in round ${round}`,
        );
      }
      return index;
    };

  goesWell(
    "two rounds with an action",
    { preemptions: ANY },
    { threads: [acts(2), acts(2)], names, setup: init(2), end: all(2) },
  );

  goesWell(
    "an action",
    { preemptions: ANY },
    { threads: [acts(), acts(), acts()], names, setup: init(3), end: all(3) },
  );

  goesWell(
    "four come to a barrier for two",
    { preemptions: 2 },
    {
      threads: Array(4).fill((self: Self) => make(self, () => self.visit()).wait()),
      names,
      setup: init(2),
      end: (_, results) => must(String([...results].sort()) === "0,0,1,1", "two pairs"),
    },
  );

  goesWell(
    "an action that throws",
    { preemptions: ANY },
    {
      threads: [0, 1, 2].map(() => (self) => {
        try {
          return orCode(() =>
            make(self, () => {
              throw new RangeError("no");
            }).wait(),
          );
        } catch (error) {
          if (error instanceof RangeError) return "action";
          throw error;
        }
      }),
      names,
      setup: init(3),
      end: (_, results) => must(String([...results].sort()) === "BROKEN,BROKEN,action", "all are told"),
    },
  );

  const meetsOrNot =
    (options = {}) =>
    (self: Self): unknown =>
      orCode(() => make(self).wait(options));
  const allOrNone = (_: Int32Array, results: readonly unknown[]): void => {
    const told = results.filter((result) => result === BROKEN).length;
    must(told === 0 || told === results.length, "all are through, or all are told");
  };

  goesWell(
    "one has a limit",
    { preemptions: ANY, timeouts: 1 },
    { threads: [meetsOrNot({ timeoutMs: limit(0) }), meetsOrNot()], names, setup: init(2), end: allOrNone },
  );

  goesWell(
    "one has a limit",
    { preemptions: ANY, timeouts: 1 },
    {
      threads: [meetsOrNot({ timeoutMs: limit(0) }), meetsOrNot(), meetsOrNot()],
      names,
      setup: init(3),
      end: allOrNone,
    },
  );

  goesWell(
    "one aborts",
    { preemptions: ANY },
    {
      threads: [meetsOrNot(), meetsOrNot(), (self) => make(self).abort()],
      names,
      setup: init(2),
      end(words, [one, other]) {
        allOrNone(words, [one, other]);
        must(new Barrier(words).broken, "it stays broken");
      },
    },
  );

  goesWell(
    "one resets",
    { preemptions: ANY, timeouts: 1 },
    {
      // With limits: who comes after the reset may be alone.
      threads: [
        meetsOrNot({ timeoutMs: limit(0) }),
        meetsOrNot({ timeoutMs: limit(0) }),
        (self) => make(self).reset(),
      ],
      names,
      setup: init(2),
      end(words, [one, other]) {
        must(one === BROKEN || other === BROKEN || one !== other, "each index was given once");
        const barrier = new Barrier(words);
        must(barrier.broken || barrier.nWaiting === 0, "nobody is left in it");
        barrier.reset();
        must(!barrier.broken && barrier.nWaiting === 0, "it is whole again");
      },
    },
  );

  goesWell(
    "an action while another aborts",
    { preemptions: ANY },
    {
      threads: [
        (self) => orCode(() => make(self, () => self.visit()).wait()),
        (self) => orCode(() => make(self, () => self.visit()).wait()),
        (self) => make(self).abort(),
      ],
      names,
      setup: init(2),
      end: (words, [one, other]) => allOrNone(words, [one, other]),
    },
  );
});

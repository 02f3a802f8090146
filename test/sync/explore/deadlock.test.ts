import { describe } from "vitest";
import { Lock } from "../../../src/sync/index.ts";
import { ANY, goesWell } from "./cases.ts";
import { must, orCode, type Self } from "./scenario.ts";

const names = ["1st lock", "mode 1", "2nd lock", "mode 2", "3rd lock", "mode 3"];
const lock = ({ words, agent }: Self, number: number): Lock => new Lock(words, 2 * number, agent);

/** Takes one lock, then another; gives up both if that would be a deadlock. */
const takesBoth =
  (first: number, second: number) =>
  (self: Self): unknown => {
    lock(self, first).acquire();
    const taken = orCode(() => lock(self, second).acquire());
    if (taken === true) {
      self.visit(first);
      self.visit(second);
      lock(self, second).release();
    }
    lock(self, first).release();
    return taken;
  };

const allFree = (words: Int32Array): void =>
  must(words[0] === 0 && words[2] === 0 && words[4] === 0, "all locks are free");

describe("ThreadTable: deadlocks are told, and nothing else", () => {
  goesWell(
    "two locks in two orders",
    { preemptions: ANY },
    {
      threads: [takesBoth(0, 1), takesBoth(1, 0)],
      debug: true,
      names,
      end(words, results) {
        must(
          results.every((result) => result === true || result === "DEADLOCK"),
          "taken or told",
        );
        allFree(words);
      },
    },
  );

  goesWell(
    "three locks in a circle",
    { preemptions: 3 },
    {
      threads: [takesBoth(0, 1), takesBoth(1, 2), takesBoth(2, 0)],
      debug: true,
      names,
      end(words, results) {
        must(results.includes(true), "not all are told");
        allFree(words);
      },
    },
  );

  for (const [number, orders] of [
    [takesBoth(0, 1), takesBoth(0, 1)],
    [takesBoth(0, 1), takesBoth(1, 2), takesBoth(0, 2)],
  ].entries())
    goesWell(
      `locks in one order, ${number + 1}`,
      { preemptions: number ? 3 : ANY, timeouts: 1 },
      {
        threads: orders,
        debug: true,
        names,
        end(words, results) {
          must(!results.includes("DEADLOCK"), "nobody is told so");
          allFree(words);
        },
      },
    );
});

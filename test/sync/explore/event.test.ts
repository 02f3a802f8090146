import { describe } from "vitest";
import { Event } from "../../../src/sync/index.ts";
import { ANY, goesWell } from "./cases.ts";
import type { Make } from "./programs.ts";
import { limit, must, type Self } from "./scenario.ts";

describe("Event", () => {
  const names = ["flag", "data"];
  const make: Make<Event> = ({ words, agent }) => new Event(words, 0, agent);
  const sets = (self: Self): void => {
    Atomics.store(self.words, 1, 1);
    make(self).set();
  };
  const waits = (self: Self): void => {
    must(make(self).wait(), "without a limit it waits until the flag is set");
    must(Atomics.load(self.words, 1) === 1, "what was written before set() is seen after wait()");
  };

  goesWell("one sets, one waits", { preemptions: ANY }, { threads: [sets, waits], names });
  goesWell("two set, one waits", { preemptions: ANY }, { threads: [sets, sets, waits], names });
  goesWell("one sets, two wait", { preemptions: ANY }, { threads: [sets, waits, waits], names });

  goesWell(
    "set, cleared, and set again, before a waiter looks",
    { preemptions: ANY },
    {
      threads: [
        (self) => {
          sets(self);
          make(self).clear();
          make(self).set();
        },
        waits,
        waits,
      ],
      names,
    },
  );

  goesWell(
    "a limit races set()",
    { preemptions: ANY, timeouts: 1 },
    {
      threads: [sets, (self) => make(self).wait({ timeoutMs: limit(0) }), (self) => make(self).clear()],
      names,
    },
  );
});

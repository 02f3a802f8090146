import { describe } from "vitest";
import { Condition, Lock, RLock } from "../../../src/sync/index.ts";
import { ANY, goesWell } from "./cases.ts";
import { lockIsFree, type Make } from "./programs.ts";
import { limit, must, type Self } from "./scenario.ts";

describe("Condition", () => {
  const names = ["lock", "mode", "depth", "notified", "waiters", "untaken", "items", "waiting"];
  const NOTIFIED = 3;
  const ITEMS = 6;
  const WAITING = 7;
  const end = (words: Int32Array, results: readonly unknown[]): void => {
    must(words[ITEMS] === 0, "everything that was made was taken");
    lockIsFree(words, results);
  };

  const plain: Make<Condition> = ({ words, agent }) =>
    new Condition(words, NOTIFIED, new Lock(words, 0, agent), agent);
  const reentrant: Make<Condition> = ({ words, agent }) =>
    new Condition(words, NOTIFIED, new RLock(words, 0, agent), agent);

  /** Puts so many items where consumers find them, one after the other. */
  const producer =
    (make: Make<Condition>, items = 1, all = false) =>
    (self: Self): void => {
      const condition = make(self);
      for (let item = 0; item < items; ++item) {
        self.forget(item);
        condition.lock.acquire();
        self.enter();
        Atomics.add(self.words, ITEMS, all ? items : 1);
        if (all) condition.notifyAll();
        else condition.notify();
        self.leave();
        condition.lock.release();
        if (all) return;
      }
    };

  /** Takes an item, waits until there is one. */
  const consumer =
    (make: Make<Condition>, depth = 1) =>
    (self: Self): void => {
      const condition = make(self);
      for (let level = 0; level < depth; ++level) condition.lock.acquire();
      self.enter();
      while (Atomics.load(self.words, ITEMS) === 0) {
        self.leave();
        condition.wait();
        self.enter();
      }
      Atomics.sub(self.words, ITEMS, 1);
      self.leave();
      for (let level = 0; level < depth; ++level) condition.lock.release();
    };

  goesWell(
    "one waits, one notifies",
    { preemptions: ANY, timeouts: 1 },
    { threads: [consumer(plain), producer(plain)], names, end },
  );

  goesWell(
    "one waits with a nested RLock",
    { preemptions: ANY, timeouts: 1 },
    { threads: [consumer(reentrant, 2), producer(reentrant)], names, end },
  );

  goesWell(
    "two wait, one notifies twice",
    { preemptions: 2, timeouts: 1 },
    { threads: [consumer(plain), consumer(plain), producer(plain, 2)], names, end },
  );

  goesWell(
    "two wait, one notifies all",
    { preemptions: 2, timeouts: 1 },
    { threads: [consumer(plain), consumer(plain), producer(plain, 2, true)], names, end },
  );

  // Without a predicate: who waits when notify() is called must not depend on another.
  const sleeper = (self: Self): boolean => {
    const condition = plain(self);
    condition.lock.acquire();
    Atomics.add(self.words, WAITING, 1);
    const notified = condition.wait();
    self.visit();
    condition.lock.release();
    return notified;
  };
  goesWell(
    "two wait once, one wakes one, and one more",
    { preemptions: 2, timeouts: 1 },
    {
      threads: [
        sleeper,
        sleeper,
        (self) => {
          const condition = plain(self);
          while (Atomics.load(self.words, WAITING) < 2) self.pause();
          for (let waiter = 0; waiter < 2; ++waiter) {
            self.forget(waiter);
            condition.lock.acquire();
            condition.notify();
            condition.lock.release();
          }
        },
      ],
      names,
      end(words, [one, other]) {
        must(one === true && other === true, "both were notified");
        lockIsFree(words, []);
      },
    },
  );

  goesWell(
    "a limit races a notification",
    { preemptions: ANY, timeouts: 2 },
    {
      threads: [
        (self) => {
          const condition = plain(self);
          condition.lock.acquire();
          const notified = condition.wait({ timeoutMs: limit(0) });
          self.visit();
          condition.lock.release();
          return notified;
        },
        producer(plain),
      ],
      names,
      end: (words) => lockIsFree(words, []),
    },
  );

  goesWell(
    "waitFor() with a limit",
    { preemptions: ANY, timeouts: 2 },
    {
      threads: [
        (self) => {
          const condition = plain(self);
          condition.lock.acquire();
          const taken = condition.waitFor(() => Atomics.load(self.words, ITEMS) > 0, { timeoutMs: limit(1) });
          if (taken) Atomics.sub(self.words, ITEMS, 1);
          self.visit();
          condition.lock.release();
          return taken;
        },
        producer(plain),
      ],
      names,
      end(words, [taken]) {
        must(words[ITEMS] === (taken ? 0 : 1), "it was taken, or is still there");
        lockIsFree(words, []);
      },
    },
  );
});

import { describe, expect, test } from "vitest";
import { Lock } from "../../../src/sync/index.ts";
import { type Budget, choicesOf } from "./choices.ts";
import { type Bounds, explore, type Report } from "./explore.ts";
import { instrumented } from "./instruments.ts";
import { attempt, LOCK, lockIsFree, type Make, survives, turns } from "./programs.ts";
import { limit, Memory, must, type Scenario, type Self } from "./scenario.ts";
import { Universe } from "./universe.ts";
import { World } from "./world.ts";

// The explorer itself, on threads whose schedules can be counted by hand.

const names = ["x", "y", "z"];
const ANY = { preemptions: Number.POSITIVE_INFINITY };

/** Performs so many operations. */
const steps =
  (count: number) =>
  ({ words }: Self): void => {
    for (let step = 0; step < count; ++step) Atomics.add(words, step % 2, 1);
  };

const schedules = (threads: Scenario["threads"], bounds: Bounds = ANY): number =>
  explore({ threads, names }, bounds).schedules;

/** Counts by going through them all: `left` steps of each thread, `last` ran before. */
function counted(left: readonly number[], preemptions: number, last = -1): number {
  if (left.every((steps) => steps === 0)) return 1;
  let count = 0;
  left.forEach((steps, thread) => {
    if (steps === 0) return;
    const preempts = thread !== last && (left[last] ?? 0) > 0;
    if (preempts && preemptions === 0) return;
    const after = left.map((steps, other) => steps - Number(other === thread));
    count += counted(after, preemptions - Number(preempts), thread);
  });
  return count;
}

describe("schedules", () => {
  test("all of them: (2n)! / (n!)²", () => {
    expect(schedules([steps(1), steps(1)])).toBe(2);
    expect(schedules([steps(3), steps(3)])).toBe(20);
    expect(schedules([steps(10), steps(10)])).toBe(184_756);
    expect(schedules([steps(2), steps(2), steps(2)])).toBe(90);
  });

  test.each([0, 1, 2, 3, 4])("all with at most %i preemptions", (preemptions) => {
    expect(schedules([steps(4), steps(5)], { preemptions })).toBe(counted([4, 5], preemptions));
    expect(schedules([steps(3), steps(2), steps(4)], { preemptions })).toBe(counted([3, 2, 4], preemptions));
  });

  test("a time-out may come before or after any other operation", () => {
    const sleeps = ({ words }: Self): unknown => Atomics.wait(words, 2, 0, 7.25);
    // Falls asleep before, between or after the other's three steps, and is woken then or later; or it sleeps to the end.
    expect(schedules([sleeps, steps(3)], { ...ANY, timeouts: 0 })).toBe(4);
    expect(schedules([sleeps, steps(3)], { ...ANY, timeouts: 1 })).toBe(4 + 3 + 2 + 1);
  });

  test("a thread may die before any operation, and is buried at any time after that", () => {
    const dies = ({ words }: Self): unknown => Atomics.add(words, 0, 1);
    const { schedules } = explore({ threads: [dies], names, mortals: [0] }, ANY);
    expect(schedules).toBe(2);
  });
});

/** Goes through all schedules one by one, also where states meet. */
function oneByOne(scenario: Scenario, bounds: Budget): number {
  const follow = (world: World, last: number, left: Budget): number => {
    const current = world.isReady(last) ? last : -1;
    let count = Number(world.over);
    for (const [choice, then] of choicesOf(world, current, left)) {
      const next = world.copy();
      next.do(choice);
      count += follow(next, choice.what === "run" ? choice.thread : current, then);
    }
    return count;
  };
  const memory = new Memory(scenario);
  return instrumented(memory.words, () => follow(World.first(new Universe(scenario, memory)), -1, bounds));
}

describe("states that meet are followed once, and counted as often as they are met", () => {
  const lock: Make<Lock> = ({ words, agent }) => new Lock(words, 0, agent);
  const threads = { two: [turns(lock, 2), turns(lock)], three: [turns(lock), turns(lock), turns(lock)] };
  const timed = [turns(lock), attempt(lock, { timeoutMs: limit(1) }), attempt(lock, { blocking: false })];
  const mortal = { threads: [turns(lock), survives(lock)], mortals: [0] };
  test.each<[string, Partial<Scenario>, Budget]>([
    ["two threads", { threads: threads.two }, { preemptions: 4, timeouts: 2, stalls: 0 }],
    ["three threads", { threads: threads.three }, { preemptions: 1, timeouts: 2, stalls: 0 }],
    ["with limits", { threads: timed }, { preemptions: 2, timeouts: 2, stalls: 0 }],
    ["with deaths", mortal, { preemptions: 2, timeouts: 1, stalls: 0 }],
  ])("%s at a lock", (_, some, bounds) => {
    const scenario = { threads: [], names: LOCK, end: lockIsFree, ...some };
    expect(explore(scenario, bounds).schedules).toBe(oneByOne(scenario, bounds));
  });
});

describe("the world", () => {
  const wrong = (threads: Scenario["threads"], more: Partial<Scenario> = {}): Report["failure"] =>
    explore({ threads, names, ...more }, ANY).failure;

  test("finds an update that is lost, and tells how", () => {
    const adds = ({ words }: Self): unknown => Atomics.store(words, 0, Atomics.load(words, 0) + 1);
    const failure = wrong([adds, adds], { end: ([x]) => must(x === 2, "both have added") });
    expect(failure).toMatchObject({ wrong: "end", steps: 4 });
    expect(failure!.trace.split("\n").map((line) => line.trim())).toEqual([
      "1  A     load(x); gives 0",
      "2  B         load(x); gives 0",
      "3  B         store(x, 1); x: 0 → 1",
      "4  A     store(x, 1)",
    ]);
  });

  test("wakes first come, first served; a time-out is none of them", () => {
    const sleeps = ({ words }: Self): unknown => {
      const place = Atomics.add(words, 0, 1);
      // Nobody else gets in between: that is another test's business.
      return [place, Atomics.wait(words, 1, 0)];
    };
    const wakes = (self: Self): unknown => {
      while (Atomics.load(self.words, 0) < 2) self.pause();
      const woken = Atomics.notify(self.words, 1, 1);
      Atomics.store(self.words, 1, 1);
      return [woken, Atomics.notify(self.words, 1)];
    };
    const ends = new Set<string>();
    const report = explore(
      {
        threads: [sleeps, sleeps, wakes],
        names,
        end: (_, results) => void ends.add(JSON.stringify(results)),
      },
      { preemptions: 0 },
    );
    expect(report.failure).toBeUndefined();
    expect(ends).toEqual(
      new Set([
        JSON.stringify([
          [0, "ok"],
          [1, "ok"],
          [1, 1],
        ]),
        JSON.stringify([
          [1, "ok"],
          [0, "ok"],
          [1, 1],
        ]),
      ]),
    );
  });

  test("tells a wake-up that was lost from a deadlock", () => {
    const sleepsOnce = ({ words }: Self): unknown => Atomics.wait(words, 0, 0, 50);
    const sleepsOn = ({ words }: Self): void => {
      while (Atomics.load(words, 0) === 0) Atomics.wait(words, 0, 0, 50);
    };
    expect(wrong([sleepsOnce])).toMatchObject({ wrong: "lost wake-up" });
    expect(wrong([sleepsOn])).toMatchObject({ wrong: "deadlock" });
    expect(wrong([({ words }) => Atomics.wait(words, 0, 0)])).toMatchObject({ wrong: "deadlock" });
    const idles = (self: Self): void => {
      self.pause();
      self.pause();
    };
    expect(wrong([idles, idles])).toMatchObject({ wrong: "deadlock" });
  });

  test("finds two in a room for one", () => {
    const visits = (self: Self): void => self.visit();
    expect(wrong([visits, visits])).toMatchObject({ wrong: "exclusion" });
    expect(wrong([visits, visits], { capacity: 2 })).toBeUndefined();
  });

  test("finds exceptions", () => {
    expect(wrong([() => must(false, "this")])).toMatchObject({ wrong: "error", message: /must be so: this/ });
  });

  test("plays what spins as one step, to the end and not for ever", () => {
    const spins = ({ words }: Self): number => {
      let spin = 0;
      while (spin < 100 && Atomics.load(words, 0) === 0) ++spin;
      return spin;
    };
    const spun = new Set<unknown>();
    explore({ threads: [spins, steps(1)], names, end: (_, [result]) => void spun.add(result) }, ANY);
    expect(spun).toEqual(new Set([0, 1, 2, 100]));
    expect(() =>
      explore(
        {
          threads: [
            ({ words }) => {
              while (Atomics.load(words, 0) === 0);
            },
          ],
          names,
        },
        ANY,
      ),
    ).toThrow("spins for ever");
  });

  test("refuses threads that do not do the same again", () => {
    let runs = 0;
    const different = ({ words }: Self): void => {
      Atomics.load(words, runs++ % 2);
      Atomics.load(words, 2);
    };
    expect(() => explore({ threads: [different], names }, ANY)).toThrow("deterministic");
  });

  test("shows threads a clock that only time-outs and leaps move", () => {
    const reads = ({ words }: Self): unknown => {
      const before = performance.now();
      Atomics.wait(words, 0, 0, 2.25);
      return [before, performance.now(), Date.now()];
    };
    const read = new Set<string>();
    const report = explore(
      { threads: [reads], names, end: (_, results) => void read.add(String(results)) },
      { ...ANY, stalls: 1, stallMs: 100 },
    );
    expect(report.schedules).toBe(2);
    expect([...read].sort()).toEqual(["0,103,103", "0,3,3"]);
  });

  test("leaves Atomics and the clocks as they were", () => {
    const before = [Atomics, performance.now, Date.now];
    const native = performance.now();
    expect(wrong([() => must(performance.now() === 0, "a thread sees the world's clock")])).toBeUndefined();
    expect([Atomics, performance.now, Date.now]).toEqual(before);
    expect(performance.now()).toBeGreaterThanOrEqual(native);
  });
});

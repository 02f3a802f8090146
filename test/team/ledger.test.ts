import { expect, test } from "vitest";
import { Ledger } from "../../src/team/ledger.ts";

const WORK = 128 ** 3;
/** Two kinds of jobs. */
const [ONE, OTHER] = [1, 2];

/** Jobs of one size one after the other, as long as they take by a rule; how many were done together. */
function run(
  ledger: Ledger,
  clock: { ms: number },
  jobs: number,
  took: Record<"alone" | "together", number>,
): number {
  let together = 0;
  for (let i = 0; i < jobs; ++i) {
    const way = ledger.choose(ONE, WORK);
    clock.ms += took[way];
    ledger.record(ONE, WORK, way, took[way]);
    together += Number(way === "together");
  }
  return together;
}

test("what is faster is chosen, and the other tried again now and then", () => {
  const clock = { ms: 0 };
  const ledger = new Ledger(() => clock.ms);
  const jobs = 10_000;
  run(ledger, clock, jobs, { alone: 0.04, together: 0.025 });
  expect(clock.ms).toBeLessThan(1.01 * 0.025 * jobs);
});

test("a core that is taken away, and comes back", () => {
  const clock = { ms: 0 };
  const ledger = new Ledger(() => clock.ms);
  run(ledger, clock, 1000, { alone: 0.04, together: 0.025 });
  // A member waits 3 ms for a core, each time.
  const before = clock.ms;
  const jobs = 20_000;
  const together = run(ledger, clock, jobs, { alone: 0.04, together: 3 });
  expect(together).toBeLessThan(30);
  // 0.9 of one thread's rate is what the project asks for in this case.
  expect((clock.ms - before) / (0.04 * jobs)).toBeLessThan(1 / 0.9);
  const restored = run(ledger, clock, 40_000, { alone: 0.04, together: 0.025 });
  expect(restored).toBeGreaterThan(5000);
});

test("one slow job does not condemn a way for good", () => {
  const clock = { ms: 0 };
  const ledger = new Ledger(() => clock.ms);
  run(ledger, clock, 100, { alone: 0.04, together: 0.025 });
  ledger.record(ONE, WORK, "together", 50);
  expect(run(ledger, clock, 5000, { alone: 0.04, together: 0.025 })).toBeGreaterThan(3000);
});

test("large jobs are never timed alone; kinds are judged by themselves", () => {
  const clock = { ms: 0 };
  const ledger = new Ledger(() => clock.ms);
  expect(ledger.choose(OTHER, 2048 ** 3)).toBe("together");
  run(ledger, clock, 100, { alone: 0.04, together: 1 });
  expect(ledger.choose(ONE, WORK)).toBe("alone");
  expect(ledger.choose(OTHER, 2048 ** 3)).toBe("together");
});

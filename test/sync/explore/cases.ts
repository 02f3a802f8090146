import { expect, test } from "vitest";
import { type Bounds, explore } from "./explore.ts";
import type { Scenario } from "./scenario.ts";
import type { Wrong } from "./universe.ts";

/** No bound. */
export const ANY: number = Number.POSITIVE_INFINITY;

/** Far above what the slowest case takes on a busy machine. */
const TIMEOUT_MS = 300_000;

const count = (number: number): string =>
  number < 1e9 ? number.toLocaleString("en") : number.toExponential(1);

/** The bounds in words. */
function inWords(
  { preemptions, timeouts = 0, stalls = 0 }: Bounds,
  { threads, mortals = [] }: Scenario,
): string {
  const words = [
    `${threads.length} threads`,
    preemptions === ANY ? "any preemptions" : `≤ ${preemptions} preemptions`,
    `≤ ${timeouts} time-outs`,
  ];
  if (stalls > 0) words.push(`≤ ${stalls} leaps of the clock`);
  if (mortals.length > 0) words.push(`${mortals.length} may die`);
  return words.join(", ");
}

/** One line about the test that runs. */
function tell(line: string): void {
  console.log(`${expect.getState().currentTestName}: ${line}`);
}

/** A test: all schedules of a scenario within the bounds go well. */
export function goesWell(name: string, bounds: Bounds, scenario: Scenario): void {
  test(`${name}: ${inWords(bounds, scenario)}`, { timeout: TIMEOUT_MS }, () => {
    const { schedules, states, seconds, failure } = explore(scenario, bounds);
    if (failure !== undefined) {
      const { wrong, message, steps, trace } = failure;
      expect.fail(`${wrong}: ${message}, after ${steps} steps:\n${trace}\n`);
    }
    tell(`${count(schedules)} schedules, ${count(states)} states, ${seconds.toFixed(1)} s`);
  });
}

/** A test: some schedule of a scenario within the bounds goes wrong, in this way; but all go well if it is done right. */
export function goesWrong(
  name: string,
  wrong: Wrong,
  bounds: Bounds,
  broken: Scenario,
  right: Scenario,
): void {
  test(`${name}: ${wrong}`, { timeout: TIMEOUT_MS }, () => {
    const { states, failure } = explore(broken, bounds);
    if (failure === undefined) expect.fail(`not found in ${states} states`);
    expect(failure.wrong, failure.trace).toBe(wrong);
    const { schedules, failure: other } = explore(right, bounds);
    expect(other?.trace, other?.message).toBeUndefined();
    tell(`found in ${failure.steps} steps, ${failure.message}; done right: ${count(schedules)} schedules`);
  });
}

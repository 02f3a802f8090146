import { AsyncTests } from "./async.mjs";
import { BarrierTests } from "./barrier.mjs";
import { ConditionTests } from "./condition.mjs";
import { Crew } from "./crew.mjs";
import { EventTests } from "./event.mjs";
import { LockTests } from "./lock.mjs";
import { MainThreadTests } from "./main-thread.mjs";
import { RaceTests } from "./races.mjs";
import { RLockTests } from "./rlock.mjs";
import { BoundedSemaphoreTests, SemaphoreTests } from "./semaphore.mjs";
import { SharingTests } from "./sharing.mjs";
import { StarvationTests, StressTests } from "./stress.mjs";
import { WakeUpTests } from "./wakeups.mjs";

/** @import { Case, Report } from "./types.ts" */

/** All suites: threads find the functions of their cases here. @type {Record<string, Record<string, Case>>} */
export const SUITES = {
  LockTests,
  RLockTests,
  EventTests,
  ConditionTests,
  SemaphoreTests,
  BoundedSemaphoreTests,
  BarrierTests,
  SharingTests,
  AsyncTests,
  WakeUpTests,
  StressTests,
  StarvationTests,
  RaceTests,
  MainThreadTests,
};

/** The cases of some suites, or single ones: `LockTests`, `LockTests.test_timeout`. @returns {[suite: string, name: string][]} */
export function casesOf(/** @type {readonly string[]} */ chosen) {
  return Object.entries(SUITES).flatMap(([suite, cases]) =>
    Object.keys(cases)
      .filter((name) => chosen.includes(suite) || chosen.includes(`${suite}.${name}`))
      .map((name) => /** @type {[string, string]} */ ([suite, name])),
  );
}

/** Runs cases one after the other, and tells of each when it has ended. */
export async function runAll(
  /** @type {readonly string[]} */ chosen,
  /** @type {(report: Report) => void} */ tell,
) {
  const crew = await Crew.start();
  for (const [suite, name] of casesOf(chosen)) {
    const test = SUITES[suite]?.[name];
    if (test) tell(await crew.run(suite, name, test));
  }
  await crew.stop();
}

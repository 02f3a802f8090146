/** Suites for every engine. */
export const EVERYWHERE = [
  "LockTests",
  "RLockTests",
  "EventTests",
  "ConditionTests",
  "SemaphoreTests",
  "BoundedSemaphoreTests",
  "BarrierTests",
  "SharingTests",
  "AsyncTests",
  "WakeUpTests",
];

/** Suites that keep both cores busy: for one engine of each make. */
export const HEAVY = ["StressTests", "StarvationTests", "RaceTests"];

/** Suites that never block, and so can run on a browser's main thread; the last one nowhere else. */
export const MAIN_THREAD = ["SharingTests", "AsyncTests", "MainThreadTests"];

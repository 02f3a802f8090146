import type {
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  RLock,
  Semaphore,
} from "../../../src/sync/index.ts";
import type { Tools } from "./crew.mjs";
import type { List } from "./list.mjs";

/**
 * What a case gives to the threads of a bunch, by these names: primitives arrive attached, lists and words shared. A case
 * gives only what its threads use; `rank` is added: 0, 1, 2 … in the threads of a bunch.
 */
export interface Bag {
  rank: number;
  lock: Lock | RLock;
  bounded: BoundedSemaphore;
  semaphore: Semaphore;
  condition: Condition;
  other: Condition;
  event: Event;
  reply: Event;
  barrier: Barrier;
  second: Barrier;
  results1: List;
  results2: List;
  results3: List;
  ready: List;
  /** What CPython's cases call phase_num, and other single numbers. */
  phase: Int32Array;
  count: Int32Array;
  n: number;
  ms: number;
}

/** One case: what the coordinator does, and what every thread of its bunches does. Both may block, and may await. */
export interface Case {
  run(tools: Tools): unknown;
  thread?(bag: Bag): unknown;
}

/** How a case ended. */
export interface Report {
  /** Suite and case: `LockTests.test_acquire_contended`. */
  name: string;
  ok: boolean;
  message: string;
}

import type { Context } from "../../src/index.ts";
import { ARENA_TASKS } from "../arena/tasks.ts";
import { LOCK_TASKS } from "../lock/tasks.ts";
import { PEAK_TASKS } from "../peak/tasks.ts";
import { STREAM_TASKS } from "../stream/tasks.ts";
import { TEAM_TASKS } from "../team/tasks.ts";

/** A function for a thread that a bench spawns. */
export type Task = (la: Context, ...args: never[]) => unknown;

/** Those of all benches, by name. */
export const BENCH_TASKS: Readonly<Record<string, Task>> = {
  ...ARENA_TASKS,
  ...LOCK_TASKS,
  ...PEAK_TASKS,
  ...STREAM_TASKS,
  ...TEAM_TASKS,
};

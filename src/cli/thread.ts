import { ARENA_TASKS } from "../../bench/arena/tasks.ts";
import { LOCK_TASKS } from "../../bench/lock/tasks.ts";
import { PEAK_TASKS } from "../../bench/peak/tasks.ts";
import { STREAM_TASKS } from "../../bench/stream/tasks.ts";
import { TEAM_TASKS } from "../../bench/team/tasks.ts";
import type { Context } from "../index.ts";
import { DEMO_TASKS } from "./demo/tasks.ts";

/** A function for a thread of the command line's own. */
export type Task = (la: Context, ...args: never[]) => unknown;

const TASKS: Record<string, Task> = {
  ...DEMO_TASKS,
  ...LOCK_TASKS,
  ...ARENA_TASKS,
  ...TEAM_TASKS,
  ...PEAK_TASKS,
  ...STREAM_TASKS,
};

/** The module of every thread that the command line spawns (dist/thread.js): runs one of its tasks. */
export default (la: Context, task: string, ...args: never[]): unknown => TASKS[task]!(la, ...args);

/** Where that module is, seen from dist/cli.js. */
export const threadModule = (): URL => new URL("./thread.js", import.meta.url);

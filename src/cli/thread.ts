import { BENCH_TASKS, type Task } from "../../bench/all/tasks.ts";
import type { Context } from "../index.ts";
import { DEMO_TASKS } from "./demo/tasks.ts";

const TASKS: Readonly<Record<string, Task>> = { ...DEMO_TASKS, ...BENCH_TASKS };

/** The module of every thread that the command line spawns (dist/thread.js): runs one of its tasks. */
export default (la: Context, task: string, ...args: never[]): unknown => TASKS[task]!(la, ...args);

/** Where that module is, seen from dist/cli.js. */
export const threadModule = (): URL => new URL("./thread.js", import.meta.url);

import type { Context } from "../../src/index.ts";
import { BENCH_TASKS } from "../all/tasks.ts";

/** The module of every thread that a bench of the page spawns: runs one of its tasks. */
export default (la: Context, task: string, ...args: never[]): unknown => BENCH_TASKS[task]!(la, ...args);

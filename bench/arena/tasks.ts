import { churn } from "./churn.ts";

/** What the threads of `blasm bench arena` run, by name. */
export const ARENA_TASKS = { churn };

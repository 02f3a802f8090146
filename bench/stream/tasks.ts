import { sweepTogether } from "./sweepers.ts";

/** What the threads of `blasm bench stream` run, by name. */
export const STREAM_TASKS = { sweepTogether };

import { peakTogether } from "./all.ts";

/** What the threads of `blasm bench peak` run, by name. */
export const PEAK_TASKS = { peakTogether };

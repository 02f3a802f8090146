import { answerCalls, serveBoard } from "./callers.ts";

/** What the threads of `blasm bench team` run, by name. */
export const TEAM_TASKS = { answerCalls, serveBoard };

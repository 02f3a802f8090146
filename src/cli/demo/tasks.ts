/** What the threads of the demos run, by name. */
export const DEMO_TASKS = {};

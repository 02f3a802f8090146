/** What the threads of `blasm bench lock` run, by name. */
export const LOCK_TASKS = {};

import { hammer } from "./hammer.ts";
import { pingPong } from "./ping-pong.ts";
import { shareGil } from "./share-gil.ts";

/** What the threads of `blasm bench lock` run, by name. */
export const LOCK_TASKS = { hammer, pingPong, shareGil };

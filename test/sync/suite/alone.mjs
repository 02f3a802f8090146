// A program in which nothing goes on but an asynchronous wait: it must not end before the wait does, and must end then.

import { Event, Lock } from "./sync.mjs";

const words = new Int32Array(new SharedArrayBuffer(64));
const event = new Event(words);
const lock = new Lock(words, 1);
lock.acquire();
console.log(
  JSON.stringify([await event.waitAsync({ timeoutMs: 150 }), await lock.acquireAsync({ timeoutMs: 150 })]),
);

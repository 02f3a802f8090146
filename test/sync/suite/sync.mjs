// The package as it is published: dist/sync.js, the same file in every engine.

/** @type {typeof import("../../../src/sync/index.ts")} */
const sync = await import(new URL("../../../dist/sync.js", import.meta.url).href);

export const { attach, Barrier, BoundedSemaphore, Condition, Event, Lock, LockError, RLock, Semaphore } =
  sync;

/** This thread's id, as locks write it. */
export const ME = (() => {
  const lock = new Lock(new Int32Array(new SharedArrayBuffer(Lock.BYTES)));
  lock.acquire();
  return lock.holder;
})();

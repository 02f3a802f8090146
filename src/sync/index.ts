/// <reference lib="esnext.disposable" preserve="true" />
export { BlasmError, LockError } from "../errors.ts";
export { attach } from "./attach.ts";
export { Barrier, type BarrierOptions } from "./barrier.ts";
export { Condition } from "./condition.ts";
export { Event } from "./event.ts";
export { Lock } from "./lock.ts";
export type { AcquireOptions, Held } from "./lockable.ts";
export { RLock } from "./rlock.ts";
export { BoundedSemaphore, Semaphore } from "./semaphore.ts";
export type { TimeLimit } from "./wait.ts";
export { type Agent, Primitive, type Shared } from "./words.ts";

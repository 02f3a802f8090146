import { LockError } from "../errors.ts";
import { Barrier } from "./barrier.ts";
import { Condition } from "./condition.ts";
import { Event } from "./event.ts";
import { Lock } from "./lock.ts";
import { RLock } from "./rlock.ts";
import { BoundedSemaphore, Semaphore } from "./semaphore.ts";
import { type Agent, HERE, type Primitive, type Shared } from "./words.ts";

/**
 * The same primitive in this thread, from what share() gave in another and postMessage() carried. Never blocks.
 * @throws LockError (`WORDS`) for what is no shared primitive, or one of a context: that takes `la.adopt()`.
 */
export function attach<T extends Primitive>(shared: Shared<T>, agent: Agent = HERE): T {
  const { blasm, words, index, lock } = shared ?? {};
  const Kind = [Lock, RLock, Semaphore, BoundedSemaphore, Event, Barrier, Condition].find(
    ({ KIND }) => KIND === blasm,
  );
  if (Kind === undefined || typeof words === "number") {
    throw new LockError("WORDS", `attach: ${blasm} is no shared primitive; a context's goes to la.adopt().`);
  }
  const primitive =
    Kind === Condition
      ? new Condition(words as Int32Array, index as number, attach(lock as Shared<Lock>, agent), agent)
      : new (Kind as typeof Lock)(words as Int32Array, index, agent);
  return primitive as Primitive as T;
}

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
 * @throws LockError (`WORDS`) for what is no shared primitive.
 */
export function attach<T extends Primitive>(shared: Shared<T>, agent: Agent = HERE): T {
  const { blasm, words, index, lock } = shared ?? {};
  const make = (): Primitive | undefined => {
    switch (blasm) {
      case Lock.KIND:
        return new Lock(words, index, agent);
      case RLock.KIND:
        return new RLock(words, index, agent);
      case Condition.KIND:
        return new Condition(words, index, attach(lock as Shared<Lock>, agent), agent);
      case Semaphore.KIND:
        return new Semaphore(words, index, agent);
      case BoundedSemaphore.KIND:
        return new BoundedSemaphore(words, index, agent);
      case Event.KIND:
        return new Event(words, index, agent);
      case Barrier.KIND:
        return new Barrier(words, index, agent);
      default:
        return undefined;
    }
  };
  const primitive = make();
  if (primitive === undefined)
    throw new LockError("WORDS", `attach: this is no shared primitive but ${String(blasm)}.`);
  return primitive as T;
}

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
  if (typeof words === "number") {
    throw new LockError(
      "WORDS",
      `attach: this ${blasm} belongs to a context; take la.adopt() of that context.`,
    );
  }
  const primitive = make(blasm, words as Int32Array, index as number, agent, lock);
  if (primitive === undefined)
    throw new LockError("WORDS", `attach: this is no shared primitive but ${String(blasm)}.`);
  return primitive as T;
}

/** A handle of a kind; undefined for an unknown one. */
function make(
  kind: string | undefined,
  words: Int32Array,
  index: number,
  agent: Agent,
  lock: Shared<Lock> | undefined,
): Primitive | undefined {
  switch (kind) {
    case Lock.KIND:
      return new Lock(words, index, agent);
    case RLock.KIND:
      return new RLock(words, index, agent);
    case Condition.KIND:
      // Its lock is of the same context, if it is of any.
      return new Condition(
        words,
        index,
        attach({ ...(lock as Shared<Lock>), words: lockWords(lock, words) }, agent),
        agent,
      );
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
}

const lockWords = (lock: Shared<Lock> | undefined, words: Int32Array): Int32Array =>
  typeof lock?.words === "number" ? words : (lock?.words as Int32Array);

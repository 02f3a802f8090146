import { adoptArray } from "./array/adopt.ts";
import { NDArray, type SharedArray } from "./array/ndarray.ts";
import type { ArrayStore } from "./array/store.ts";
import { refuseOtherCopy } from "./base/copies.ts";
import { UnsupportedError } from "./errors.ts";
import { attach } from "./sync/attach.ts";
import { Gil } from "./sync/gil.ts";
import { type Agent, Primitive, type Shared } from "./sync/words.ts";

/** What share() gives, of arrays and of locks. */
export type SharedThing = SharedArray | Shared;

/** Whether something is what share() gives. */
function isShared(value: object): value is SharedThing {
  return typeof (value as { blasm?: unknown }).blasm === "string";
}

/** Replaces what lies in arrays and plain objects, as deep as they go; other objects stay as they are. */
function mapDeep(
  value: unknown,
  replace: (item: object) => unknown,
  seen = new Map<object, unknown>(),
): unknown {
  if (typeof value !== "object" || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  const replaced = replace(value);
  if (replaced !== value) {
    seen.set(value, replaced);
    return replaced;
  }
  if (!Array.isArray(value) && ![Object.prototype, null].includes(Object.getPrototypeOf(value))) return value;
  const copy: Record<string, unknown> = Array.isArray(value) ? ([] as never) : {};
  seen.set(value, copy);
  for (const [key, item] of Object.entries(value)) copy[key] = mapDeep(item, replace, seen);
  return copy;
}

/** A value for another thread: arrays and locks in it are shared. `undo` takes the shares back. */
export function pack(store: ArrayStore, value: unknown): { packed: unknown; undo: () => void } {
  const shares: SharedArray[] = [];
  const undo = (): void => {
    for (const share of shares) adoptArray(store, share).release();
  };
  try {
    const packed = mapDeep(value, (item) => {
      if (item instanceof Primitive) return item.share();
      if (!(item instanceof NDArray)) {
        refuseOtherCopy("spawn", item);
        return item;
      }
      const share = item.share();
      shares.push(share);
      return share;
    });
    return { packed, undo };
  } catch (error) {
    undo();
    throw error;
  }
}

/** What another thread has packed: its arrays are adopted, its locks attached. */
export function unpack(store: ArrayStore, agent: Agent, value: unknown): unknown {
  return mapDeep(value, (item) => (isShared(item) ? adopt(store, agent, item) : item));
}

/**
 * One array or lock that another thread has shared.
 * @throws UnsupportedError (`FOREIGN`) if it is of another context.
 */
export function adopt(store: ArrayStore, agent: Agent, shared: SharedThing): NDArray | Primitive {
  refuseOtherCopy("adopt", shared);
  if (shared?.blasm === "NDArray") return adoptArray(store, shared as SharedArray);
  const { blasm, words, index } = (shared ?? {}) as Shared;
  if (typeof words === "number" && words !== agent.context) {
    throw new UnsupportedError(`adopt: this ${blasm} is of another context.`, "FOREIGN");
  }
  // It may lie where the memory was grown by another thread.
  store.linear.refresh();
  const here = inMemory(shared as Shared, store.linear.i32);
  return blasm === Gil.KIND ? new Gil(here.words as Int32Array, index, agent) : attach(here, agent);
}

/** What attach() takes, of a context's primitive. */
function inMemory<T extends Primitive>(shared: Shared<T>, i32: Int32Array): Shared<T> {
  const { words, lock } = shared ?? {};
  const here = { ...shared, words: typeof words === "number" ? i32 : words };
  return lock ? { ...here, lock: inMemory(lock, i32) } : here;
}

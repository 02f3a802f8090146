import type { ArrayStore } from "../array/store.ts";
import { type Step, taskOf } from "./getrf.ts";
import { computeLater, type LaterOptions, pause } from "./later.ts";
import type { Engine } from "./multiply.ts";
import { LEAST_WORK } from "./together.ts";

/** Milliseconds for which small steps keep the event loop waiting. */
const TURN_MS = 4;

/**
 * Does steps one after the other, leaving the event loop free: large ones as computeLater() does, small ones in this thread.
 *
 * @param total multiply-adds, about: what progress is told of.
 * @returns what the steps return. @throws what they throw; as computeLater().
 */
export async function performLater<R>(
  engine: Engine,
  store: ArrayStore,
  steps: Generator<Step, R, void>,
  total: number,
  { signal, onProgress }: LaterOptions,
): Promise<R> {
  const observer = signal === undefined ? {} : { signal };
  let done = 0;
  let turn = engine.now();
  for (;;) {
    signal?.throwIfAborted();
    store.checkOpen();
    const step = steps.next();
    if (step.done) {
      onProgress?.(total, total);
      return step.value;
    }
    const task = taskOf(engine, step.value);
    if (task.amount < LEAST_WORK) task.alone();
    else await computeLater(engine, store, [task], observer);
    task.meanwhile?.run();
    done = Math.min(total, done + task.amount);
    if (engine.now() - turn < TURN_MS) continue;
    onProgress?.(done, total);
    await pause();
    turn = engine.now();
  }
}

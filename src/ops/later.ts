import type { ArrayStore } from "../array/store.ts";
import { UnsupportedError } from "../errors.ts";
import type { Job, Observer, Team } from "../team/team.ts";
import type { Engine } from "./multiply.ts";
import { LEAST_WORK, type Task } from "./together.ts";

/** Options of the asynchronous products. */
export interface LaterOptions {
  /** Looked at between tickets: then nothing more is begun, and the promise is rejected with its reason. */
  signal?: AbortSignal;
  /** Called now and then, and at the end: how many tickets of the whole are done. */
  onProgress?: (done: number, tickets: number) => void;
}

/** Multiply-adds that a ticket should not exceed: 40 ms of one thread at 50 GFLOP/s. */
const TICKET_WORK = 2 ** 30;
/** The same for a thread that lets its event loop run between tickets: 4 ms. */
const SLICE_WORK = 2 ** 27;
/** What is done before the first members are there is not worth waiting for them. */
const START_WORK = 2 ** 29;

/** Lets the event loop run. */
export const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Checks what a user gave. @throws the signal's reason, UnsupportedError (`OPTION`) */
export function checkLater(where: string, { signal, onProgress }: LaterOptions): void {
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw new UnsupportedError(`${where}: onProgress is a ${typeof onProgress}, not a function.`, "OPTION");
  }
  signal?.throwIfAborted();
}

/**
 * Does tasks one after the other, leaving the event loop free: by the team's members while this thread awaits, or where there are
 * none by the delegate, or in this thread, in slices.
 *
 * @throws the signal's reason; ClosedError; TeamError (`DIED`) if a member died over a task that reads what it changes.
 */
export async function computeLater(
  engine: Engine,
  store: ArrayStore,
  tasks: readonly Task[],
  options: LaterOptions,
): Promise<void> {
  const { signal } = options;
  const goOn = (): void => {
    signal?.throwIfAborted();
    store.checkOpen();
  };
  const run = (): Promise<void> => all(engine, tasks, options, goOn);
  // In order: a job that was asked for first is done first.
  const result = engine.queue.then(run);
  engine.queue = result.catch(() => {});
  return result;
}

/** @param goOn throws if nothing more is to be begun. */
async function all(
  engine: Engine,
  tasks: readonly Task[],
  { signal, onProgress }: LaterOptions,
  goOn: () => void,
): Promise<void> {
  const { team } = engine;
  goOn();
  const works = tasks.map((task) => ({ task, job: task.cut(team?.size ?? 1, TICKET_WORK) }));
  const tickets = works.reduce((sum, { job }) => sum + job.tickets, 0);
  let before = 0;
  const tell = (done: number): void => onProgress?.(before + done, tickets);
  for (const { task, job } of works) {
    const isDone = team !== undefined && (await byMembers(team, task, job, { signal, tell }));
    goOn();
    if (!isDone) await inSlices(engine, task, (done) => tell(Math.floor(done * job.tickets)), goOn);
    before += job.tickets;
    tell(0);
  }
}

/**
 * In this thread, which lets its event loop run between slices; as soon as the delegate is there, by that, if it can. Where it ends, this
 * thread goes on. `tell`: which part of it is done.
 */
async function inSlices(
  { delegate }: Engine,
  task: Task,
  tell: (done: number) => void,
  goOn: () => void,
): Promise<void> {
  let apart = delegate && task.apart?.(SLICE_WORK);
  const slices = apart?.job ?? task.cut(1, SLICE_WORK);
  let told = 0;
  const step = (done: number): void => {
    goOn();
    if (done > told && done < slices.tickets) tell(done / slices.tickets);
    told = done;
  };
  if (apart) delegate?.start();
  for (let done = 0; done < slices.tickets; ) {
    if (done > 0) {
      step(done);
      await pause();
      goOn();
    }
    if (apart && delegate?.isReady) {
      done = await apart.compute(delegate, done, step);
      apart = undefined;
    } else slices.perform(done++);
  }
}

/** By the members; false if it is still to be done, since there are none, or some died over it. @throws TeamError (`DIED`) */
async function byMembers(team: Team, task: Task, job: Job, observer: Observer): Promise<boolean> {
  const { amount } = task;
  if (amount < LEAST_WORK) return false;
  // One more than for a call that blocks, as this thread does not compute.
  const areThere = team.prepare(team.size);
  if (team.failure !== undefined || (!areThere && amount < START_WORK)) return false;
  const ending = await team.computeLater(job, observer);
  if (ending === "part" && !observer.signal?.aborted) task.refuseIfLost();
  return ending === "whole";
}

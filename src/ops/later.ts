import type { ArrayStore } from "../array/store.ts";
import { UnsupportedError } from "../errors.ts";
import type { Observer, Team } from "../team/team.ts";
import type { Batch, Engine, Product } from "./multiply.ts";
import { cut, perform, type Work } from "./tickets.ts";
import { jobOf, LEAST_WORK, refuseIfLost } from "./together.ts";

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

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Checks what a user gave. @throws the signal's reason, UnsupportedError (`OPTION`) */
export function checkLater(where: string, { signal, onProgress }: LaterOptions): void {
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw new UnsupportedError(`${where}: onProgress is a ${typeof onProgress}, not a function.`, "OPTION");
  }
  signal?.throwIfAborted();
}

/**
 * Computes products one after the other, leaving the event loop free: by the team's members while this thread awaits, or where
 * there are none in this thread, in slices.
 *
 * @throws the signal's reason; ClosedError; TeamError (`DIED`) if a member died over a product that reads C.
 */
export async function computeLater(
  engine: Engine,
  store: ArrayStore,
  jobs: readonly (readonly [Product, Batch])[],
  options: LaterOptions,
): Promise<void> {
  const { signal } = options;
  const goOn = (): void => {
    signal?.throwIfAborted();
    store.checkOpen();
  };
  const run = (): Promise<void> => all(engine, jobs, options, goOn);
  const { team } = engine;
  if (team === undefined) return run();
  // In order: a job that was asked for first is done first.
  const result = team.queue.then(run);
  team.queue = result.catch(() => {});
  return result;
}

/** @param goOn throws if nothing more is to be begun. */
async function all(
  engine: Engine,
  jobs: readonly (readonly [Product, Batch])[],
  { signal, onProgress }: LaterOptions,
  goOn: () => void,
): Promise<void> {
  const { team } = engine;
  goOn();
  const works = jobs.map(([product, batch]) => cut(engine, product, batch, team?.size ?? 1, TICKET_WORK));
  const tickets = works.reduce((sum, work) => sum + work.tickets, 0);
  let before = 0;
  const tell = (done: number): void => onProgress?.(before + done, tickets);
  for (const work of works) {
    const isDone = team !== undefined && (await byMembers(engine, team, work, { signal, tell }));
    goOn();
    if (!isDone) await inSlices(engine, work, tell, goOn);
    before += work.tickets;
    tell(0);
  }
}

/** In this thread, which lets its event loop run between slices. */
async function inSlices(
  engine: Engine,
  work: Work,
  tell: (done: number) => void,
  goOn: () => void,
): Promise<void> {
  const slices = cut(engine, work.product, work.batch, 1, SLICE_WORK);
  for (let slice = 0; slice < slices.tickets; ++slice) {
    if (slice > 0) {
      tell(Math.floor((work.tickets * slice) / slices.tickets));
      await pause();
      goOn();
    }
    perform(engine, slices, slice);
  }
}

/** By the members; false if it is still to be done, since there are none, or some died over it. @throws TeamError (`DIED`) */
async function byMembers(engine: Engine, team: Team, work: Work, observer: Observer): Promise<boolean> {
  const { m, n, k } = work.product;
  const amount = m * n * k * work.batch.count;
  if (amount < LEAST_WORK) return false;
  // One more than for a call that blocks, as this thread does not compute.
  const areThere = team.prepare(team.size);
  if (team.failure !== undefined || (!areThere && amount < START_WORK)) return false;
  const whole = await team.computeLater(jobOf(engine, work), observer);
  if (!whole && !observer.signal?.aborted) refuseIfLost(work);
  return whole;
}

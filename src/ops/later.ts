import { UnsupportedError } from "../errors.ts";
import type { Partition } from "../plan/partition.ts";
import type { Team } from "../team/team.ts";
import {
  type Batch,
  type Engine,
  each,
  isByColumns,
  multiply,
  type Product,
  transposed,
} from "./multiply.ts";
import { blockOf, cut, isDivisible, publish, repair } from "./together.ts";

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
/** How often progress is told. */
const PROGRESS_MS = 30;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

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
 * @throws the signal's reason; TeamError (`DIED`) if a member died over a product that reads C.
 */
export async function computeLater(
  engine: Engine,
  jobs: readonly (readonly [Product, Batch])[],
  options: LaterOptions,
): Promise<void> {
  const products: Product[] = [];
  for (const [product, batch] of jobs) each(batch, product, (one) => void products.push(one));
  const run = (): Promise<void> => all(engine, products, options);
  const { team } = engine;
  if (team === undefined) return run();
  // In order: a job that was asked for first is done first.
  const result = team.queue.then(run);
  team.queue = result.catch(() => {});
  return result;
}

async function all(
  engine: Engine,
  products: readonly Product[],
  { signal, onProgress }: LaterOptions,
): Promise<void> {
  const { team } = engine;
  const cuts = products.map((product) => {
    const p = isByColumns(product) ? transposed(product) : product;
    const work = p.m * p.n * p.k;
    const members = Math.max(team?.size ?? 1, Math.ceil(work / (team ? TICKET_WORK : SLICE_WORK)));
    return { product: p, parts: isDivisible(p) ? cut(engine, p, members) : whole(p) };
  });
  const tickets = cuts.reduce((sum, { parts }) => sum + parts.tickets, 0);
  let done = 0;
  const tell = (now: number): void => onProgress?.(done + now, tickets);
  for (const { product, parts } of cuts) {
    signal?.throwIfAborted();
    if (!team || team.failure !== undefined || !worthAMember(product))
      await inSlices(engine, product, parts, signal, tell);
    else await byMembers(engine, team, product, parts, signal, tell);
    done += parts.tickets;
    tell(0);
  }
}

/** What takes 20 µs takes longer to be asked for. */
const worthAMember = ({ m, n, k }: Product): boolean => m * n * k >= 64 ** 3;

const whole = ({ m, n }: Product): Partition => ({ rows: m, columns: n, across: 1, tickets: 1 });

async function inSlices(
  engine: Engine,
  product: Product,
  parts: Partition,
  signal: AbortSignal | undefined,
  tell: (done: number) => void,
): Promise<void> {
  for (let ticket = 0; ticket < parts.tickets; ++ticket) {
    multiply(engine, blockOf(product, parts, ticket), undefined, isDivisible(product));
    if (ticket + 1 === parts.tickets) return;
    tell(ticket + 1);
    await pause(0);
    signal?.throwIfAborted();
  }
}

async function byMembers(
  engine: Engine,
  team: Team,
  product: Product,
  parts: Partition,
  signal: AbortSignal | undefined,
  tell: (done: number) => void,
): Promise<void> {
  const { board } = team;
  // One more than for a call that blocks, as this thread does not compute.
  team.prepare(team.size);
  const { m, n, k } = product;
  if (team.failure !== undefined || (!team.isThere && m * n * k < START_WORK)) {
    return inSlices(engine, product, parts, signal, tell);
  }
  while (!team.enter()) await pause(1);
  const withdraw = (): void => void board.withdraw();
  const timer = setInterval(() => tell(Math.max(0, parts.tickets - board.pending)), PROGRESS_MS);
  let intact = true;
  try {
    publish(engine.linear, product, parts);
    board.open(parts.tickets);
    signal?.addEventListener("abort", withdraw);
    intact = await board.joinAsync(team.lost);
    if (!intact) board.abandon();
  } finally {
    clearInterval(timer);
    signal?.removeEventListener("abort", withdraw);
    board.leave();
  }
  signal?.throwIfAborted();
  if (!intact) repair(engine, product);
}

import { TeamError } from "../errors.ts";
import { type DType, of } from "../kernels/exports.ts";
import { itemSize } from "../kernels/job.ts";
import { SCRATCH_PARTS } from "../memory/layout.ts";
import type { Delegate } from "../team/delegate.ts";
import { TRIED_ALONE, type Way } from "../team/ledger.ts";
import type { Done, Job, Team } from "../team/team.ts";
import { computeApart, isWorthCopying, pieceWork } from "./apart.ts";
import { type Batch, type Engine, multiply, ONE, type Product } from "./multiply.ts";
import { kindOfTeamJob } from "./team-job.ts";
import { cut, perform, publish, published, type Work } from "./tickets.ts";
import {
  amountOf,
  type Columns,
  type ColumnWork,
  cutColumns,
  performColumns,
  publishColumns,
  publishedColumns,
  solveColumns,
} from "./triangular.ts";

/** Multiply-adds below which members are never called: it takes 1 µs to call one that is awake, in which one thread does 50,000. */
export const LEAST_WORK = 64 ** 3;

/**
 * Multiply-adds below which members are called if they are there, but not started for it: starting one takes Node 10 ms of this thread,
 * and at n = 64 two threads are no faster than one (bench/results).
 */
const START_FROM = 2 ** 20;

/** Multiply-adds below which a task of a whole is not worth a call of members that may have fallen asleep. */
const STEP_FROM = 2 ** 19;

/** Rounds of rehearse(): V8 optimises what has been called some hundred times. 20 ms. */
const REHEARSALS = 400;
const REHEARSAL_AT = 2 ** 20;

/** Something that can be cut into tickets. However it is done, the bits are the same. */
export interface Task {
  readonly dtype: DType;
  /** For the ledger: tasks of one kind take about as long. */
  readonly kind: number;
  /** Multiply-adds. */
  readonly amount: number;
  readonly meanwhile?: Aside | undefined;
  /** Does it in this thread, but for what is to be done meanwhile. */
  alone(): void;
  /** Cuts it for so many members; `most`: multiply-adds that a ticket should not exceed. */
  cut(members: number, most?: number): Job;
  /** Where memory is not shared: how a delegate does it; undefined if it does not. `most` as for cut(). */
  apart?(most: number): Apart | undefined;
  /** After a member has died over it. @throws TeamError (`DIED`) if it cannot be done anew. */
  refuseIfLost(): void;
}

/** What the calling thread does before it takes part in a task, and how many multiply-adds it takes about as long as. */
export interface Aside {
  readonly amount: number;
  readonly run: () => void;
}

/** A task that a delegate may do, as a job for this thread. */
interface Apart {
  readonly job: Job;
  /** See computeApart(). */
  compute(delegate: Delegate, first: number, step: (done: number) => void): Promise<number>;
}

/** Computes products: with the team where that pays, else in this thread. */
export function compute(engine: Engine, product: Product, batch: Batch = ONE): void {
  const amount = product.m * product.n * product.k * batch.count;
  if (amount < LEAST_WORK || engine.team === undefined) multiply(engine, product, batch);
  else share(engine, productTask(engine, product, batch));
}

/** As compute(), of columns. @throws TeamError (`DIED`) if a member died over it. */
export function computeColumns(engine: Engine, columns: Columns): void {
  if (amountOf(columns) < LEAST_WORK || engine.team === undefined) solveColumns(engine, columns);
  else share(engine, columnsTask(engine, columns));
}

/** Products as a task: what died with a member can be computed anew, if it reads nothing that it has changed. */
export function productTask(engine: Engine, product: Product, batch: Batch = ONE): Task {
  return {
    dtype: product.dtype,
    kind: kindOf(product, batch.count),
    amount: product.m * product.n * product.k * batch.count,
    alone: () => multiply(engine, product, batch),
    cut: (members, most) => jobOf(engine, cut(engine, product, batch, members, most)),
    apart(most) {
      if (batch.count > 1 || !isWorthCopying(engine, product)) return undefined;
      const work = cut(engine, product, batch, 1, Math.min(most, pieceWork(product)));
      return {
        job: jobOf(engine, work),
        compute: (delegate, first, step) => computeApart(engine, delegate, work, first, step),
      };
    },
    refuseIfLost() {
      if (product.beta !== 0) throw lost("C ← αAB + βC: C");
    },
  };
}

/** Columns as a task: they are solved in place. */
export function columnsTask(engine: Engine, columns: Columns): Task {
  const { dtype } = columns;
  const amount = amountOf(columns);
  return {
    dtype,
    kind: kindOfAmount("columns", dtype, amount),
    amount,
    alone: () => solveColumns(engine, columns),
    cut: (members, most) => columnsJobOf(engine, cutColumns(engine, columns, members, most)),
    refuseIfLost() {
      throw lost("B ← T⁻¹B: B");
    },
  };
}

/** The kind of what is another in shape each time, as factorizations and what is solved with them: by its amount, within a factor of two. */
export function kindOfAmount(what: "columns" | "lu", dtype: DType, amount: number): number {
  const which = 2 * ["columns", "lu"].indexOf(what) + (dtype === "float32" ? 0 : 1);
  // Those of products are not negative.
  return -1 - (64 * which + Math.round(Math.log2(amount)));
}

const lost = (what: string): TeamError =>
  new TeamError(
    "DIED",
    `A member of the team died while it computed a part of ${what} is neither old nor new. Repeat the call with a copy of what it was.`,
  );

/** With the team where that pays, else in this thread. */
export function share(engine: Engine, task: Task): void {
  const team = teamFor(engine, task);
  if (team === undefined) {
    inThisThread(task);
    return;
  }
  const { kind, meanwhile } = task;
  const amount = task.amount + (meanwhile?.amount ?? 0);
  if (team.ledger.choose(kind, amount) === "alone") {
    const start = team.now();
    inThisThread(task);
    team.ledger.record(kind, amount, "alone", team.now() - start);
    return;
  }
  const done = byTeam(team, task);
  if (done === undefined) return;
  const { tickets, own, ownMs, asideMs, ms } = done;
  team.ledger.record(kind, amount, "together", ms);
  // One thread's time, which is not tried at this size, told from the caller's own tickets.
  if (own > 0 && amount > TRIED_ALONE) {
    team.ledger.record(kind, amount, "alone", asideMs + (ownMs * tickets) / own);
  }
}

/**
 * Does the tasks of a whole one after the other. Whether with the team or in this thread is chosen once for all of them, by how long the
 * whole took: between tasks members may fall asleep, and what it costs to wake them is no task's own.
 *
 * @param tasksFor the tasks, if they are done so; its last value is returned.
 */
export function shareWhole<R>(
  engine: Engine,
  { kind, amount }: Pick<Task, "kind" | "amount">,
  tasksFor: (way: Way) => Generator<Task, R, void>,
): R {
  const { team } = engine;
  // Who has nobody to ask has nothing to learn.
  const ledger = team !== undefined && team.size > 1 && amount >= LEAST_WORK ? team.ledger : undefined;
  const way = ledger?.choose(kind, amount) ?? "alone";
  const start = engine.now();
  let isJudged = true;
  const tasks = tasksFor(way);
  let next = tasks.next();
  for (; !next.done; next = tasks.next()) {
    const task = next.value;
    if (way === "alone" || task.amount < STEP_FROM) {
      inThisThread(task);
      continue;
    }
    const others = teamFor(engine, task);
    if (others !== undefined) byTeam(others, task);
    else {
      // What is done while the members are starting says nothing of them.
      isJudged = false;
      inThisThread(task);
    }
  }
  if (isJudged) ledger?.record(kind, amount, way, engine.now() - start);
  return next.value;
}

/** In this thread, with what is to be done meanwhile. */
function inThisThread({ alone, meanwhile }: Task): void {
  alone();
  meanwhile?.run();
}

/** The team, if a task is one for it and any member is there. */
function teamFor({ team, selection }: Engine, { amount, dtype }: Task): Team | undefined {
  if (amount < LEAST_WORK || team === undefined || team.size < 2) return undefined;
  if (!(amount < START_FROM ? team.isThere : team.prepare())) return undefined;
  // (What the engine still measures between products is not the members'.)
  return of(selection, dtype).settled ? team : undefined;
}

/** By the team; in this thread, and undefined, if another thread has it. @throws TeamError (`DIED`) */
function byTeam(team: Team, task: Task): (Done & { readonly tickets: number }) | undefined {
  const job = task.cut(team.size);
  const done = job.tickets > 1 ? team.compute(job, task.meanwhile?.run) : undefined;
  if (done === undefined) {
    inThisThread(task);
    return undefined;
  }
  if (!done.whole) {
    task.refuseIfLost();
    task.alone();
  }
  return { ...done, tickets: job.tickets };
}

/** What the team is to do for a work. */
function jobOf(engine: Engine, work: Work): Job {
  return {
    tickets: work.tickets,
    publish: () => publish(engine.linear, work),
    perform: (ticket) => perform(engine, work, ticket),
  };
}

/** As jobOf(), for columns. */
function columnsJobOf(engine: Engine, work: ColumnWork): Job {
  return {
    tickets: work.tickets,
    publish: () => publishColumns(engine.linear, work),
    perform: (ticket) => performColumns(engine, work, ticket),
  };
}

/** What a member of the team computes: whatever has been published. */
export function performPublished(engine: Engine, ticket: number): void {
  if (kindOfTeamJob(engine.linear) === "columns") {
    const columns = publishedColumns(engine.linear);
    of(engine.selection, columns.work.dtype).adopt(columns.microKernel);
    performColumns(engine, columns, ticket);
    return;
  }
  const work = published(engine.linear);
  of(engine.selection, work.product.dtype).adopt(work.microKernel);
  perform(engine, work, ticket);
}

/**
 * Before the first call: a member computes tiny products on every path, until its engine has compiled what it runs. In its
 * scratch, behind what such products pack.
 */
export function rehearse(engine: Engine): void {
  const [m, n] = [4, 16];
  const elements = engine.scratch + SCRATCH_PARTS.bPanel + REHEARSAL_AT;
  engine.linear.bytes(elements, 8 * (m * 320 + 320 * n + m * n)).fill(0);
  for (let round = 0; round < REHEARSALS; ++round) {
    for (const k of [16, 320]) {
      const dtype = round % 2 === 0 ? "float32" : "float64";
      const size = itemSize(dtype);
      const b = elements + m * k * 8;
      const product: Product = {
        dtype,
        m,
        n,
        k,
        alpha: 1,
        a: { address: elements, rs: k * size, cs: size },
        b: { address: b, rs: n * size, cs: size },
        beta: 0,
        c: { address: b + k * n * 8, rs: n * size, cs: size },
      };
      const work = cut(engine, product, ONE, 1);
      for (let ticket = 0; ticket < work.tickets; ++ticket) perform(engine, work, ticket);
    }
  }
}

/** One number for products that take about as long: dtype, and extents within a factor of √2. */
function kindOf({ dtype, m, n, k }: Pick<Product, "dtype" | "m" | "n" | "k">, count: number): number {
  const about = (extent: number): number => Math.round(2 * Math.log2(extent));
  return [m, n, k, count].reduce((kind, extent) => 64 * kind + about(extent), dtype === "float32" ? 0 : 1);
}

import { TeamError } from "../errors.ts";
import { of } from "../kernels/exports.ts";
import { itemSize, type JobViews } from "../kernels/job.ts";
import { TEAM_JOB } from "../memory/layout.ts";
import { type Partition, partition } from "../plan/partition.ts";
import type { TicketBoard } from "../sync/ticket.ts";
import type { Team } from "../team/team.ts";
import {
  type Batch,
  type Engine,
  each,
  isByColumns,
  type MatrixRef,
  multiply,
  ONE,
  type Product,
  transposed,
} from "./multiply.ts";

/** Multiply-adds below which members are never called: it takes 1 µs to call one that is awake, in which one thread does 50,000. */
const LEAST_WORK = 64 ** 3;

/** Columns of C that fill a cache line: members do not write to one line, unless rows lie across it. */
const LINE_BYTES = 64;

/** The product of a block of C. */
export function blockOf(product: Product, { rows, columns, across }: Partition, ticket: number): Product {
  const { m, n, a, b, c } = product;
  const i = Math.floor(ticket / across) * rows;
  const j = (ticket % across) * columns;
  const from = (matrix: MatrixRef, row: number, column: number): MatrixRef => ({
    ...matrix,
    address: matrix.address + row * matrix.rs + column * matrix.cs,
  });
  return {
    ...product,
    m: Math.min(rows, m - i),
    n: Math.min(columns, n - j),
    a: from(a, i, 0),
    b: from(b, 0, j),
    c: from(c, i, j),
  };
}

/** How a product is cut for so many. */
export function cut(engine: Engine, { dtype, m, n, k }: Product, members: number): Partition {
  const tile = of(engine.kernels, dtype).tiles[of(engine.selection, dtype).chosen];
  const size = itemSize(dtype);
  const tileColumns = Math.max((tile.vectors * 16) / size, LINE_BYTES / size);
  return partition({ m, n, k, members, tileRows: tile.rows, tileColumns });
}

/** Whether a product can be cut at all. Products with a vector are bound by memory, and summed in another order. */
export function isDivisible({ m, n, k, alpha }: Product): boolean {
  return m > 1 && n > 1 && k > 0 && alpha !== 0;
}

/** Computes products: with the team where that pays, else in this thread. The bits are the same. */
export function compute(engine: Engine, product: Product, batch: Batch = ONE): void {
  const { team } = engine;
  const { m, n, k } = product;
  if (team === undefined || team.size < 2 || m * n * k < LEAST_WORK || !isDivisible(product)) {
    multiply(engine, product, batch);
    return;
  }
  each(batch, product, (one) => {
    if (team.ledger.choose(m * n * k) === "together") {
      multiplyTogether(engine, team, isByColumns(one) ? transposed(one) : one);
      return;
    }
    const start = team.now();
    multiply(engine, one);
    team.ledger.record(m * n * k, "alone", team.now() - start);
  });
}

/**
 * Computes a product with the team: the caller takes tickets like any member, then waits for the last ones. Alone, if another
 * thread has the team.
 *
 * @throws TeamError (`DIED`) if a member died in the midst of it, and C had been read (beta ≠ 0): then C is lost. Else the
 * product is computed again.
 */
function multiplyTogether(engine: Engine, team: Team, product: Product): void {
  const { board } = team;
  const parts = cut(engine, product, team.size);
  team.prepare();
  if (parts.tickets < 2 || !team.isThere || !team.enter()) {
    multiply(engine, product);
    return;
  }
  let whole = true;
  try {
    publish(engine.linear, product, parts);
    const start = team.now();
    board.open(parts.tickets);
    const own = workOff(engine, board, product, parts);
    const ownMs = team.now() - start;
    whole = engine.mayBlock ? board.join(team.lost) : board.joinSpinning(team.lost);
    if (!whole) board.abandon();
    const work = product.m * product.n * product.k;
    team.ledger.record(work, "together", team.now() - start);
    // Large products are not timed alone: the caller's own tickets tell about how long it would take.
    if (own > 0 && work > 256 ** 3) team.ledger.record(work, "alone", (ownMs * parts.tickets) / own);
  } finally {
    board.leave();
  }
  if (!whole) repair(engine, product);
}

/** Computes anew what died with a member. @throws TeamError (`DIED`) */
export function repair(engine: Engine, product: Product): void {
  if (product.beta !== 0) {
    throw new TeamError(
      "DIED",
      "A member of the team died while it computed a part of C ← αAB + βC: C is neither old nor new. Give gemm() a copy of C again.",
    );
  }
  multiply(engine, product);
}

/** Takes tickets and computes their blocks until there are none; returns how many those were. */
function workOff(engine: Engine, board: TicketBoard, product: Product, parts: Partition): number {
  let own = 0;
  for (let ticket = board.take(); ticket >= 0; ticket = board.take()) {
    multiply(engine, blockOf(product, parts, ticket), ONE, true);
    board.finish();
    own += 1;
  }
  return own;
}

/** What a member does, for ever: waits for calls, takes tickets, computes. Blocks. */
export function serve(engine: Engine, board: TicketBoard, member: number): never {
  board.begin(member);
  for (let call = board.call; ; call = board.awaitCall(call)) {
    if (member >= board.limit) continue;
    board.mark(member, true);
    for (let ticket = board.take(); ticket >= 0; ticket = board.take()) {
      const { product, parts } = published(engine.linear);
      multiply(engine, blockOf(product, parts, ticket), ONE, isDivisible(product));
      board.finish();
    }
    board.mark(member, false);
  }
}

/*
 * The record of a job, at TEAM_JOB: alpha and beta as float64, then as int32 the rest in this order.
 */
const FIELDS = TEAM_JOB / 4 + 4;

/** Writes what the tickets on the board stand for. */
export function publish({ i32, f64 }: JobViews, product: Product, parts: Partition): void {
  const { dtype, m, n, k, alpha, beta, a, b, c } = product;
  f64[TEAM_JOB / 8] = alpha;
  f64[TEAM_JOB / 8 + 1] = beta;
  const fields = [
    dtype === "float32" ? 1 : 2,
    m,
    n,
    k,
    ...[a, b, c].flatMap(({ address, rs, cs }) => [address, rs, cs]),
    parts.rows,
    parts.columns,
    parts.across,
    parts.tickets,
  ];
  i32.set(fields, FIELDS);
}

function published({ i32, f64 }: JobViews): { product: Product; parts: Partition } {
  const field = (at: number): number => i32[FIELDS + at]!;
  const matrix = (at: number): MatrixRef => ({
    address: field(at) >>> 0,
    rs: field(at + 1),
    cs: field(at + 2),
  });
  return {
    product: {
      dtype: field(0) === 1 ? "float32" : "float64",
      m: field(1),
      n: field(2),
      k: field(3),
      alpha: f64[TEAM_JOB / 8]!,
      beta: f64[TEAM_JOB / 8 + 1]!,
      a: matrix(4),
      b: matrix(7),
      c: matrix(10),
    },
    parts: { rows: field(13), columns: field(14), across: field(15), tickets: field(16) },
  };
}

import { type DType, of } from "../kernels/exports.ts";
import { itemSize } from "../kernels/job.ts";
import type { Arena } from "../memory/arena.ts";
import type { BlockHandle } from "../memory/block.ts";
import { labelled } from "../memory/label.ts";
import type { Delegate } from "../team/delegate.ts";
import type { Port } from "../team/host.ts";
import { type Answer, sendError } from "../team/protocol.ts";
import { from, type MatrixRef } from "./matrix-ref.ts";
import { type Batch, type Engine, multiply, ONE, type Product, productAt } from "./multiply.ts";
import { PIECE_BYTES, type Piece, type Placed, piecesOf, put, putAll, take, takeAll } from "./pieces.ts";
import { partOf, type Work } from "./tickets.ts";

// Products by the delegate, which has a memory of its own: A and B are copied to it once, then it is asked for one block of C after
// the other. Here, what the caller does; below, what the delegate does.

/** A matrix as it travels: which of its strides is one element. */
interface Sent extends Pick<Placed, "rows" | "columns"> {
  readonly byColumns: boolean;
}

type Question =
  | {
      readonly begin: Pick<Product, "dtype" | "k" | "alpha" | "beta"> & {
        readonly a: Sent;
        readonly b: Sent;
      };
    }
  | { readonly operand: "a" | "b"; readonly piece: Piece; readonly elements: ArrayBuffer }
  /** Rows and columns of C, and what they were, in pieces, if beta ≠ 0. */
  | {
      readonly block: Pick<Product, "m" | "n"> & { readonly i: number; readonly j: number };
      readonly c: ArrayBuffer[];
    }
  | { readonly end: true };

/** Nanoseconds that the caller spends on a byte that it copies into a message, or out of one: 0.5 to 0.6 at n = 2048 (Node 20, 26). */
const COPY_NS = 0.6;
/** How many times longer than that a product must take. */
const GAIN = 3;

/** Whether a product takes long enough that it is worth the copying of its matrices, which is the caller's. */
export function isWorthCopying({ selection }: Engine, { dtype, m, n, k, alpha }: Product): boolean {
  const copied = (m * k + k * n + m * n) * itemSize(dtype) * COPY_NS;
  return alpha !== 0 && (2 * m * n * k) / of(selection, dtype).gflops > GAIN * copied;
}

/** The products of a batch; one by one, if a delegate is to compute them. */
export function eachWorthCopying(
  engine: Engine,
  product: Product,
  batch: Batch = ONE,
): (readonly [Product, Batch])[] {
  if (engine.delegate === undefined || batch.count < 2 || !isWorthCopying(engine, product))
    return [[product, batch]];
  return Array.from({ length: batch.count }, (_, i) => [productAt(product, batch, i), ONE]);
}

/** Multiply-adds of a block of C that fits a piece. */
export const pieceWork = ({ dtype, k }: Product): number => (k * PIECE_BYTES) / itemSize(dtype);

/** An operand with its adjacent elements in rows: transposed, if it is stored by columns. */
function asSent(placed: Placed): { readonly sent: Sent; readonly stored: Placed } {
  const { dtype, rows, columns, rs, cs } = placed;
  const byColumns = rs === itemSize(dtype) && cs !== rs;
  const stored = byColumns ? { ...placed, rows: columns, columns: rows, rs: cs, cs: rs } : placed;
  return { sent: { rows, columns, byColumns }, stored };
}

/** What a block of C is. */
const blockOf = ({ dtype, m, n, c }: Product): Placed => ({ ...c, dtype, rows: m, columns: n });

/**
 * Has the tickets from `first` on computed by the delegate. In the caller nothing takes longer than the copying of a piece.
 *
 * @param step called after each ticket with the number of those done, and between pieces; throws if no more is to be done.
 * @returns the first ticket that is not done: all are, or the delegate has ended, or has no room.
 */
export async function computeApart(
  engine: Engine,
  delegate: Delegate,
  work: Work,
  first: number,
  step: (done: number) => void,
): Promise<number> {
  let done = first;
  /** Undefined if there is no answer. */
  const ask = async (question: Question, elements: ArrayBuffer[] = []): Promise<unknown> => {
    const answer = await delegate.ask(question, elements).catch(() => undefined);
    step(done);
    return answer;
  };
  try {
    if (!(await sendOperands(engine, work.product, ask))) return done;
    const askFor = (ticket: number): Promise<unknown> | undefined => {
      if (ticket === work.tickets) return undefined;
      const { part, i, j } = partOf(work, ticket);
      const block = blockOf(part);
      const c = part.beta === 0 ? [] : takeAll(engine, block);
      return delegate
        .ask({ block: { i, j, m: part.m, n: part.n }, c } satisfies Question, c)
        .catch(() => undefined);
    };
    // It computes one while this thread writes the one before it.
    for (let next = askFor(done); next !== undefined; ) {
      const current = next;
      next = askFor(done + 1);
      const elements = (await current) as ArrayBuffer[] | undefined;
      step(done);
      if (elements === undefined) return done;
      putAll(engine, blockOf(partOf(work, done).part), elements);
      done += 1;
      step(done);
    }
    return done;
  } finally {
    if (delegate.isReady) delegate.ask({ end: true } satisfies Question).catch(() => {});
  }
}

/** Copies A and B to the delegate. @returns whether they are there */
async function sendOperands(
  engine: Engine,
  { dtype, m, n, k, alpha, beta, a, b }: Product,
  ask: (question: Question, elements?: ArrayBuffer[]) => Promise<unknown>,
): Promise<boolean> {
  const one = asSent({ ...a, dtype, rows: m, columns: k });
  const other = asSent({ ...b, dtype, rows: k, columns: n });
  const begun = await ask({ begin: { dtype, k, alpha, beta, a: one.sent, b: other.sent } });
  if (begun === undefined) return false;
  for (const [operand, { stored }] of [
    ["a", one],
    ["b", other],
  ] as const) {
    for (const piece of piecesOf(stored)) {
      const elements = take(engine, stored, piece);
      if ((await ask({ operand, piece, elements }, [elements])) === undefined) return false;
    }
  }
  return true;
}

// ---- in the delegate ----

/** A contiguous matrix, and as the product sees it. */
interface Operand {
  readonly stored: Placed;
  readonly ref: MatrixRef;
  readonly block: BlockHandle;
}

/** A product that is being computed. */
interface Task extends Pick<Product, "dtype" | "k" | "alpha" | "beta"> {
  readonly a: Operand;
  readonly b: Operand;
}

/** Answers the caller's questions, for ever. */
export function serveApart(engine: Engine, arena: Arena, link: Port): void {
  let task: Task | undefined;
  const answer = (question: Question): unknown => {
    if ("begin" in question) task = begin(arena, question.begin);
    else if (task === undefined) throw new Error("nothing was begun");
    else if ("operand" in question)
      put(engine, task[question.operand].stored, question.piece, question.elements);
    else if ("block" in question) return computeBlock(engine, arena, task, question);
    else {
      arena.release(task.a.block);
      arena.release(task.b.block);
      task = undefined;
    }
    return true;
  };
  link.listen((question) => {
    try {
      const value = answer(question as Question);
      link.post({ value } satisfies Answer, Array.isArray(value) ? value : []);
    } catch (error) {
      link.post({ error: sendError(error) } satisfies Answer);
    }
  });
  link.keepAlive(true);
  link.post({ ready: true } satisfies Answer);
}

function allocate(arena: Arena, dtype: DType, { rows, columns, byColumns }: Sent): Operand {
  const size = itemSize(dtype);
  const [high, wide] = byColumns ? [columns, rows] : [rows, columns];
  const block = arena.allocate(high * wide * size, labelled("apart"));
  const stored = {
    address: arena.addressOf(block),
    dtype,
    rows: high,
    columns: wide,
    rs: wide * size,
    cs: size,
  };
  const ref = byColumns ? { ...stored, rs: stored.cs, cs: stored.rs } : stored;
  return { stored, ref, block };
}

function begin(arena: Arena, { a, b, ...product }: Extract<Question, { begin: unknown }>["begin"]): Task {
  const one = allocate(arena, product.dtype, a);
  try {
    return { ...product, a: one, b: allocate(arena, product.dtype, b) };
  } catch (error) {
    arena.release(one.block);
    throw error;
  }
}

/** The elements of a block of C, in pieces. */
function computeBlock(
  engine: Engine,
  arena: Arena,
  { dtype, k, alpha, beta, a, b }: Task,
  { block: { i, j, m, n }, c: old }: Extract<Question, { block: unknown }>,
): ArrayBuffer[] {
  const { stored: c, block } = allocate(arena, dtype, { rows: m, columns: n, byColumns: false });
  try {
    putAll(engine, c, old);
    // As a part: each element is summed as it is where the caller computes alone.
    multiply(
      engine,
      { dtype, m, n, k, alpha, beta, a: from(a.ref, i, 0), b: from(b.ref, 0, j), c },
      ONE,
      true,
    );
    return takeAll(engine, c);
  } finally {
    arena.release(block);
  }
}

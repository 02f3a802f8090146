import { BLOCKING, plan } from "../../src/plan/blocking.ts";
import { packingCost, partition as partitionOf } from "../../src/plan/partition.ts";
import type { Bench } from "./bench.ts";
import type { Row, Unit } from "./rows.ts";

export const SIZES = [128, 256, 512, 1024, 2048, 4096] as const;
export const THREADS = [2, 4, 8, 16, 32, 64] as const;

/** What is cut: float32 in tiles of 6 × 16, as the tuned build does on x86-64; nothing is faster, and so waits for less. */
const DTYPE = "float32";
const TILE = { rows: 6, columns: 16, vectors: 4 };

/*
 * The speed-up that is predicted, in multiply-adds at 100 GFLOP/s (50 a nanosecond) as src/plan/partition.ts counts:
 *
 *     one thread   n³ + PACKING · (elements that it packs)
 *     several      the same of the busiest one's tickets + CALL + SYNCHRONISATION · (takes and finishes of all tickets)
 *
 * Tickets go to whoever is free first. All are awake and equally fast, and share nothing but the board: clocks that fall
 * and memory that is too slow when many cores compute are not in it. The takes and finishes are changes of two words, which
 * only one thread has at a time: they are counted as if nobody computed meanwhile, which is the worst.
 */

/** Calling members that are awake and seeing the last one finish: 1 µs. */
const CALL = 50_000;
/** Changing a word that another core has changed last: 0.1 µs. */
const SYNCHRONISATION = 5000;

/** The tuned build's, on one core: packing costs the faster ones more. */
const GFLOPS = 100;
const PACKING = packingCost(GFLOPS);

/** What is known of a product's partition without computing it. */
export interface Counted {
  readonly tickets: number;
  /** The average thread's work over the busiest one's. */
  readonly balance: number;
  /** Elements that are packed over those that one thread packs; NaN where it packs none. */
  readonly packed: number;
  /** Takes and finishes of tickets, and one call. */
  readonly synchronisations: number;
  /** Over one thread. */
  readonly speedUp: number;
}

/** Elements that are copied for a product of contiguous operands, on the path that it takes. */
export function packedElements(m: number, n: number, k: number, part: boolean): number {
  const { packA, packB } = plan({
    dtype: DTYPE,
    m,
    n,
    k,
    aRowsAdjacent: true,
    bRowsAdjacent: true,
    vectors: TILE.vectors,
    part,
  });
  const { NC } = BLOCKING[DTYPE];
  // A is packed anew for each n-panel of B.
  const panels = Math.ceil(n / (NC - (NC % TILE.columns)));
  return (packA ? m * k * panels : 0) + (packB ? k * n : 0);
}

/** Work of each thread, if each ticket goes to who has least so far. */
export function sharesOf(works: readonly number[], threads: number): number[] {
  const shares = new Array<number>(threads).fill(0);
  for (const work of works) shares[shares.indexOf(Math.min(...shares))]! += work;
  return shares;
}

/** Cuts a product of squares for so many threads: the caller and members, which work alike. */
export function count(n: number, threads: number): Counted {
  const [tileRows, tileColumns] = [TILE.rows, TILE.columns];
  const { rows, columns, across, tickets } = partitionOf({
    m: n,
    n,
    k: n,
    members: threads,
    tileRows,
    tileColumns,
    gflops: GFLOPS,
  });
  let packed = 0;
  const works = Array.from({ length: tickets }, (_, ticket) => {
    const r = Math.min(rows, n - Math.floor(ticket / across) * rows);
    const c = Math.min(columns, n - (ticket % across) * columns);
    const elements = packedElements(r, c, n, true);
    packed += elements;
    return r * c * n + PACKING * elements;
  });
  // The last one is taken first.
  const shares = sharesOf(works.reverse(), threads);
  const busiest = Math.max(...shares);
  const whole = packedElements(n, n, n, false);
  const alone = n ** 3 + PACKING * whole;
  return {
    tickets,
    balance: shares.reduce((sum, share) => sum + share, 0) / threads / busiest,
    packed: packed / whole,
    synchronisations: 2 * tickets + 1,
    speedUp: alone / (busiest + CALL + SYNCHRONISATION * 2 * tickets),
  };
}

export const SPEED_UP = "speed-up";

export const labelOf = (n: number): string => `n = ${n}`;
export const threadsName = (threads: number): string => `${threads} threads`;

/** How squares are cut for teams of many sizes: counted, so that it needs no such machine. */
export async function partition({ say, rows }: Bench): Promise<void> {
  say("partitions");
  for (const n of SIZES) for (const threads of THREADS) rows.push(...rowsOf(n, threads, count(n, threads)));
}

/** The rows of one partition. */
export function rowsOf(n: number, threads: number, counted: Counted): Row[] {
  const row = (what: string, unit: Unit, value: number): Row => ({
    section: "partition",
    label: labelOf(n),
    who: threadsName(threads),
    what,
    unit,
    values: Number.isNaN(value) ? [] : [value],
  });
  return [
    row("tickets", "count", counted.tickets),
    row("balance", "share", counted.balance),
    row("packed", "times", counted.packed),
    row("synchronisations", "count", counted.synchronisations),
    row(SPEED_UP, "times", counted.speedUp),
  ];
}

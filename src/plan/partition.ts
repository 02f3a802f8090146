/** How the product C (m × n) is cut into tickets: a grid of blocks, each summed over all of k by one member. */
export interface Partition {
  /** Rows and columns of a block; those of the last row and column of blocks may be fewer. */
  readonly rows: number;
  readonly columns: number;
  /** Blocks side by side. Ticket t is block (⌊t / across⌋, t mod across). */
  readonly across: number;
  readonly tickets: number;
}

/** What a partition depends on. */
export interface Shape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Who computes, the caller included. */
  readonly members: number;
  /** Rows and columns of the micro-kernel's tile: blocks are whole tiles. */
  readonly tileRows: number;
  readonly tileColumns: number;
  /** Of the micro-kernel. */
  readonly gflops: number;
}

/** Every ticket packs its own operands, which takes so many nanoseconds an element (bench/results). */
const PACKING_NS = 0.2;
/** More tickets than members, so that a slow one costs only its share: as long as packing stays below this share of the time, */
const PACKING_SHARE = 0.045;
const MOST_PER_MEMBER = 4;
/** and they are worth as much of the time, at most: what a core that is 5 % slower costs where each has one ticket. */
const WORTH = 0.05;

const divide = (extent: number, parts: number, tile: number): number =>
  Math.max(tile, Math.ceil(Math.ceil(extent / parts) / tile) * tile);

/** A grid of `down` × `across` blocks, as far as there are so many tiles. */
function grid(shape: Shape, down: number, across: number): Partition {
  const { m, n, tileRows, tileColumns } = shape;
  const rows = divide(m, down, tileRows);
  const columns = divide(n, across, tileColumns);
  const wide = Math.ceil(n / columns);
  return { rows, columns, across: wide, tickets: Math.ceil(m / rows) * wide };
}

/** Multiply-adds that take as long as the packing of an element. */
export const packingCost = (gflops: number): number => (PACKING_NS * gflops) / 2;

/** What packing adds to the time: of a block of r rows and c columns, (r + c) k elements beside r c k multiply-adds. */
const packing = ({ rows, columns }: Partition, { gflops }: Shape): number =>
  packingCost(gflops) * (1 / rows + 1 / columns);

/** How much longer the busiest member computes than the average one: whole tickets, taken in turns. */
function imbalance({ rows, columns, tickets }: Partition, { m, n, members }: Shape): number {
  const rounds = Math.ceil(tickets / members);
  return (rounds * rows * columns * members) / (m * n);
}

/**
 * The best grid of at least one block a member: more of them if packing allows, the least packing and the best balance among
 * those of one size. Never splits k, so the bits do not depend on it. Pure.
 */
export function partition(shape: Shape): Partition {
  const { members } = shape;
  let best = grid(shape, 1, 1);
  let least = Number.POSITIVE_INFINITY;
  for (let each = 1; each <= MOST_PER_MEMBER; ++each) {
    for (let down = 1; down <= members * each; ++down) {
      if ((members * each) % down !== 0) continue;
      const candidate = grid(shape, down, (members * each) / down);
      const share = packing(candidate, shape);
      if (each > 1 && share > PACKING_SHARE) continue;
      const cost = imbalance(candidate, shape) * (1 + share) - WORTH * (1 - 1 / each);
      if (cost < least) [best, least] = [candidate, cost];
    }
  }
  return best;
}

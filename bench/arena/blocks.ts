import { interleave, timedLoop } from "../common/sample.ts";
import { type Allocator, ArenaBlocks, TlsfBlocks, TypedArrays, Zeros } from "./allocators.ts";
import type { Bench } from "./bench.ts";

export const CYCLE = "allocate + release";
export const REPLACE = "release one of all, by lot + allocate";
/** Bytes of one block's bookkeeping, and of the whole table, with its room for more, by the blocks that there are. */
export const OVERHEAD = "bytes beyond the elements";
export const TABLE = "the table as it is, a block";

/** Between two looks whether to stop. */
const PIECE = 50_000;

const labelOf = (live: number): string => `${live} live`;

/** What a small block costs, however many there are; its price in bytes. */
export async function blocks(bench: Bench): Promise<void> {
  for (const live of bench.selection.live) if (!bench.settings.stopped()) await among(bench, live);
}

/** Lets signals in. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function among({ init, settings, say, rows }: Bench, live: number): Promise<void> {
  const label = labelOf(live);
  say(`${label}: making them`);
  // One context each: what is alive is the same for all.
  const [one, other] = [await init({ threads: 1 }), await init({ threads: 1 })];
  const allocators: readonly Allocator[] = [
    new ArenaBlocks(one),
    new Zeros(other),
    new TlsfBlocks(),
    new TypedArrays(),
  ];
  try {
    for (const allocator of allocators) {
      for (let left = live; left > 0 && !settings.stopped(); left -= PIECE) {
        allocator.keep(Math.min(left, PIECE));
        await breathe();
      }
    }
    say(label);
    const calls = allocators.flatMap((allocator) => [
      { who: allocator.who, what: CYCLE, loop: (count: number) => allocator.cycle(count) },
      { who: allocator.who, what: REPLACE, loop: (count: number) => allocator.replace(count) },
    ]);
    const samples = await interleave(
      calls.map(({ loop }) => timedLoop(loop)),
      settings,
    );
    for (const [i, { seconds, disturbed }] of samples.entries()) {
      const { who, what } = calls[i]!;
      const values = seconds.map((second) => second * 1e9);
      rows.push({ section: "blocks", label, who, what, unit: "ns", values, disturbed });
    }
    const row = { section: "blocks", label, unit: "bytes" } as const;
    for (const allocator of allocators) {
      if (allocator.overhead === undefined) continue;
      rows.push({ ...row, who: allocator.who, what: OVERHEAD, values: [allocator.overhead()] });
    }
    rows.push({ ...row, who: "arena", what: TABLE, values: [one.arena.stats().table / live] });
  } finally {
    one.close();
    other.close();
  }
}

import type { Context } from "../../src/index.ts";
import { breathe } from "../common/sample.ts";
import { type Allocator, ArenaBlocks, TlsfBlocks, TypedArrays, Zeros } from "./allocators.ts";
import type { Bench } from "./bench.ts";
import { time } from "./time.ts";

export const CYCLE = "allocate + release";
/** Releases one of those that are alive, and allocates another: seldom one that is in the processor's cache. */
export const REPLACE = "replace one, by lot";
/** Bytes of one block's bookkeeping. */
export const OVERHEAD = "bytes beyond the elements";
/** Those of the whole table, with its room for more, by the blocks that there are. */
export const TABLE = "bytes of the table, a block";

/** Between two looks whether to stop. */
const PIECE = 50_000;

/** Those that are compared, each with a context of its own to allocate in, if it does. */
const ALLOCATORS: readonly ((la: Context) => Allocator)[] = [
  (la) => new ArenaBlocks(la),
  (la) => new Zeros(la),
  () => new TlsfBlocks(),
  () => new TypedArrays(),
];

/** What a small block costs, in time and in bytes, however many there are. */
export async function blocks(bench: Bench): Promise<void> {
  for (const make of ALLOCATORS) {
    if (bench.settings.stopped()) return;
    const la = await bench.init({ threads: 1 });
    try {
      await among(bench, make(la), la);
    } finally {
      la.close();
    }
  }
}

/**
 * One allocator after the other: what one keeps alive, the collector of garbage would look through while another is measured.
 */
async function among(bench: Bench, allocator: Allocator, la: Context): Promise<void> {
  const { selection, settings, say, rows } = bench;
  const { who } = allocator;
  let kept = 0;
  for (const live of selection.live) {
    const label = `${live} live`;
    say(`${who}, ${label}`);
    for (; kept < live; kept += Math.min(PIECE, live - kept)) {
      allocator.keep(Math.min(PIECE, live - kept));
      await breathe();
      if (settings.stopped()) return;
    }
    await time(bench, "blocks", label, [
      { who, what: CYCLE, loop: (calls) => allocator.cycle(calls) },
      { who, what: REPLACE, loop: (calls) => allocator.replace(calls) },
    ]);
    const row = { section: "blocks", label, who, unit: "bytes" } as const;
    if (allocator.overhead) rows.push({ ...row, what: OVERHEAD, values: [allocator.overhead()] });
    const { table, blocks } = la.arena.stats();
    if (who === "arena") rows.push({ ...row, what: TABLE, values: [table / blocks] });
  }
}

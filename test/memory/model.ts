import { expect } from "vitest";
import { ArenaFullError, ReleasedError } from "../../src/errors.ts";
import { Arena, type ArenaLock } from "../../src/memory/arena.ts";
import type { BlockHandle } from "../../src/memory/block.ts";
import { type Label, labelled } from "../../src/memory/label.ts";
import { PAGE, RECORD, SCRATCH, SEGMENT_RECORDS, UNIT } from "../../src/memory/layout.ts";
import { LinearMemory } from "../../src/memory/linear.ts";
import type { BlockInfo } from "../../src/memory/snapshot.ts";

/** The arenas of these tests begin where a context has its scratch: they need none. */
export const BASE = SCRATCH;
/** One thread needs no lock. */
export const NO_LOCK: ArenaLock = { acquire: () => true, release() {} };

export interface ArenaSetup {
  /** Pages at first, and at most (default: no more). */
  readonly pages: number;
  readonly maximum?: number;
  readonly shared?: boolean;
  readonly debug?: boolean;
  /** The host gives no more than two pages at a time. */
  readonly scarce?: boolean;
}

/** Pages that a host gives at a time where memory is scarce. */
const SCARCE = 2;

class ScarceMemory extends LinearMemory {
  override growTo(bytes: number): boolean {
    return bytes <= this.memory.buffer.byteLength + SCARCE * PAGE && super.growTo(bytes);
  }
}

/** An arena in a memory of its own. */
export function arenaOf(setup: ArenaSetup, lock = NO_LOCK): Arena {
  const { pages, maximum = pages, shared = false, debug = false } = setup;
  const first = BASE / PAGE;
  const memory = new WebAssembly.Memory({ initial: first + pages, maximum: first + maximum, shared });
  const Memory = setup.scarce ? ScarceMemory : LinearMemory;
  const linear = new Memory(memory, (first + maximum) * PAGE, shared, undefined);
  return Arena.layOut(linear, BASE, { lock, thread: 1, debug });
}

/** Another thread's handle on the memory of an arena: views of its own, which do not see it grow. */
export function attached({ linear, debug }: Arena, thread: number, lock = NO_LOCK): Arena {
  const { memory, maximum, shared } = linear;
  const theirs = new (linear.constructor as typeof LinearMemory)(memory, maximum, shared, undefined);
  return new Arena(theirs, { lock, thread, debug: debug !== undefined });
}

/** As expect().toThrow(), but cheap enough for every step. */
function mustThrow(type: new (message: string) => Error, run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (error instanceof type) return;
    throw error;
  }
  expect.fail(`no ${type.name} was thrown`);
}

/** As much of a name as 12 bytes of UTF-8 have room for. */
function shortened(name: string): string {
  let [text, bytes] = ["", 0];
  for (const letter of name) {
    bytes += new TextEncoder().encode(letter).length;
    if (bytes > 12) break;
    text += letter;
  }
  return text;
}

interface Piece {
  /** Address of all of it, guards included. */
  readonly at: number;
  readonly size: number;
}

interface Live extends Piece {
  readonly handle: BlockHandle;
  readonly requested: number;
  readonly thread: number;
  readonly label: Label;
  refs: number;
  posted: number;
  name: string;
}

/** What an arena must be, kept the simple way: a list of blocks; the holes are what lies between them. */
export class Model {
  /** One arena a thread; all on one memory. */
  readonly arenas: readonly Arena[];
  readonly maximum: number;
  /** In order of their addresses. */
  live: Live[] = [];
  stale: BlockHandle[] = [];
  end: number;
  used = 0;
  peak = 0;
  allocations = 0;
  frees = 0;
  fulls = 0;
  growths = 0;
  tables: (Piece & { readonly id: number })[] = [];
  readonly #guard: number;
  /** Bytes that the host gives at a time. */
  readonly #grant: number;
  readonly #made = new Set<string>();

  constructor({ threads = 1, ...setup }: ArenaSetup & { readonly threads?: number }) {
    const first = arenaOf(setup);
    this.arenas = [first, ...Array.from({ length: threads - 1 }, (_, i) => attached(first, i + 2))];
    this.end = BASE + setup.pages * PAGE;
    this.maximum = BASE + (setup.maximum ?? setup.pages) * PAGE;
    this.#guard = setup.debug ? UNIT : 0;
    this.#grant = (setup.scarce ? SCARCE : Number.POSITIVE_INFINITY) * PAGE;
  }

  holes(): Piece[] {
    const holes: Piece[] = [];
    let at = BASE;
    let table = 0;
    const pass = (piece: Piece): void => {
      if (piece.at > at) holes.push({ at, size: piece.at - at });
      at = piece.at + piece.size;
    };
    for (const block of this.live) {
      while (this.tables[table] !== undefined && this.tables[table]!.at < block.at)
        pass(this.tables[table++]!);
      pass(block);
    }
    while (this.tables[table] !== undefined) pass(this.tables[table++]!);
    pass({ at: this.end, size: 0 });
    return holes;
  }

  allocate(who: number, bytes: number, label: Label = labelled("")): void {
    const arena = this.#arena(who);
    const need = Math.max(UNIT, Math.ceil(bytes / UNIT) * UNIT) + 2 * this.#guard;
    const holes = this.holes();
    const fitting = holes.filter(({ size }) => size >= need);
    const top = holes.at(-1);
    const last = top && top.at + top.size === this.end ? top.size : 0;
    const end = Math.ceil((this.end - last + need) / PAGE) * PAGE;
    const room = fitting.length > 0 || end <= Math.min(this.maximum, this.end + this.#grant);
    const ids = arena.blocks.count;
    let handle: BlockHandle;
    try {
      handle = arena.allocate(bytes, label);
    } catch (error) {
      if (!(error instanceof ArenaFullError)) throw error;
      // Without two records in reserve the table had to grow first, and had no hole for that.
      const records = ids - 1 - this.live.length - this.tables.length - holes.length;
      const segment = ids * RECORD + SEGMENT_RECORDS * RECORD;
      const noRecord = records < 2 && !holes.some(({ size }) => size >= segment);
      if (room && !noRecord) expect.fail(`no room for ${bytes} bytes, it says: ${error.message}`);
      this.fulls += 1;
      this.#seeGrowth(arena, ids);
      return;
    }
    if (!room) expect.fail(`${bytes} bytes found room where there is none`);
    const at = arena.addressOf(handle) - this.#guard;
    const grown = this.#seeGrowth(arena, ids);
    // Where the table has grown, too, that it lies in a hole is seen by check() only.
    if (!grown.table) {
      if (fitting.length === 0) expect(at, "it went beyond").toBe((top?.at ?? this.end) as number);
      else this.#checkFit(at, need, fitting);
      if (fitting.length > 0 && grown.memory) expect.fail("the memory has grown, though a hole fits");
    }
    const made = `${handle.id} ${handle.generation}`;
    if (this.#made.has(made)) expect.fail(`the handle ${made} comes a second time`);
    this.#made.add(made);
    const block = {
      handle,
      at,
      size: need,
      requested: bytes,
      thread: (who % this.arenas.length) + 1,
      label,
      refs: 1,
      posted: 0,
    };
    let place = this.live.length;
    while (place > 0 && this.live[place - 1]!.at > at) --place;
    this.live.splice(place, 0, { ...block, name: shortened(label.name) });
    this.used += need;
    this.allocations += 1;
    this.peak = Math.max(this.peak, this.used);
    this.#stamp(arena, { handle, requested: bytes });
  }

  retain(who: number, pick: number): void {
    this.#with(who, pick, (arena, block) => {
      arena.blocks.retain(block.handle);
      block.refs += 1;
    });
  }

  post(who: number, pick: number): void {
    this.#with(who, pick, (arena, block) => {
      arena.blocks.post(block.handle);
      block.refs += 1;
      block.posted += 1;
    });
  }

  adopt(who: number, pick: number): void {
    this.#with(who, pick, (arena, block) => {
      expect(arena.blocks.adopt(block.handle)).toBe(block.posted > 0);
      block.posted = Math.max(0, block.posted - 1);
    });
  }

  rename(who: number, pick: number, name: string): void {
    this.#with(who, pick, (arena, block) => {
      arena.rename(block.handle, name);
      block.name = shortened(name);
      expect(arena.nameOf(block.handle)).toBe(block.name);
    });
  }

  release(who: number, pick: number): void {
    this.#with(who, pick, (arena, block) => {
      // What is on its way is nobody's to release.
      if (block.refs === block.posted) return;
      this.#checkStamp(arena, block);
      arena.release(block.handle);
      block.refs -= 1;
      if (block.refs > 0) return;
      this.live.splice(this.live.indexOf(block), 1);
      this.stale.push(block.handle);
      this.used -= block.size;
      this.frees += 1;
    });
  }

  /** A handle whose block is gone is noticed, whatever its record describes now. */
  useStale(who: number, pick: number): void {
    const handle = this.stale[pick % this.stale.length];
    if (!handle) return;
    const arena = this.#arena(who);
    arena.linear.refresh();
    expect(arena.blocks.refs(handle)).toBe(0);
    expect(arena.blocks.adopt(handle)).toBe(false);
    for (const use of ["retain", "post"] as const) mustThrow(ReleasedError, () => arena.blocks[use](handle));
    mustThrow(ReleasedError, () => arena.release(handle));
  }

  /** Gives everything back. */
  clear(): void {
    while (this.live.length > 0) {
      for (let { posted } = this.live[0]!; posted > 0; --posted) this.adopt(0, 0);
      this.release(0, 0);
    }
  }

  /** The arena as it lists itself, and its statistics, are the model's; and it finds nothing wrong itself (an `audit`). */
  check(who = 0, audit = true): void {
    const arena = this.#arena(who);
    const holes = this.holes();
    const listed = arena.list();
    this.#checkList(listed, holes);
    const capacity = this.end - BASE;
    const free = capacity - this.used;
    const largestHole = Math.max(0, ...holes.map(({ size }) => size));
    const stats = {
      capacity,
      used: this.used,
      free,
      largestHole,
      blocks: this.live.length,
      holes: holes.length,
      peak: this.peak,
      requested: this.live.reduce((sum, { requested }) => sum + requested, 0),
      fragmentation: free === 0 ? 0 : 1 - largestHole / free,
      table: arena.blocks.count * RECORD,
      allocations: this.allocations,
      frees: this.frees,
    };
    const got = arena.stats();
    for (const key of Object.keys({ ...stats, ...got }) as (keyof typeof stats)[]) {
      if (stats[key] !== got[key]) expect(got).toEqual(stats);
    }
    if (!audit) return;
    const { problems, repaired } = arena.check();
    if (problems.length > 0 || repaired) expect(problems).toEqual([]);
  }

  /** Written out, field by field: this is done a hundred thousand times. */
  #checkList(listed: readonly BlockInfo[], holes: readonly Piece[]): void {
    let [block, hole, table] = [0, 0, 0];
    for (const got of listed) {
      const [want, space] = [this.live[block], got.state === "hole" ? holes[hole] : this.tables[table]];
      let right: boolean;
      if (got.state === "block") {
        right =
          want !== undefined &&
          got.address === want.at &&
          got.id === want.handle.id &&
          got.generation === want.handle.generation &&
          got.size === want.size &&
          got.requested === want.requested &&
          got.refs === want.refs &&
          got.posted === want.posted &&
          got.thread === want.thread &&
          got.name === want.name &&
          got.dtype === want.label.elements &&
          got.shape.length === want.label.shape.length;
        ++block;
      } else {
        right = got.address === space?.at && got.size === space.size && got.requested + got.refs === 0;
        if (got.state === "hole") ++hole;
        else ++table;
      }
      if (!right) expect.fail(`${JSON.stringify(got)} should be ${JSON.stringify(want ?? space)}`);
      if (got.address % UNIT !== 0) expect.fail(`block ${got.id} begins at ${got.address}`);
    }
    if (block !== this.live.length || hole !== holes.length || table !== this.tables.length)
      expect.fail(`${listed.length} pieces are not ${block} blocks, ${hole} holes, ${table} tables`);
  }

  /** Good fit: no hole is chosen that is more than a bin (1/16) larger than the best one that surely fits. */
  #checkFit(at: number, need: number, fitting: readonly Piece[]): void {
    const chosen = fitting.find((hole) => hole.at === at);
    if (!chosen) expect.fail(`${at} is not the start of a hole of ${need} bytes`);
    const sure = Math.min(...fitting.map(({ size }) => size).filter((size) => size * 16 >= need * 17));
    if (chosen.size * 16 > sure * 17)
      expect.fail(`of a hole of ${chosen.size} bytes ${need} were taken: ${sure} would do`);
  }

  /** What has grown since there were `ids` ids: the memory, the block table. */
  #seeGrowth(arena: Arena, ids: number): { memory: boolean; table: boolean } {
    const end = BASE + arena.stats().capacity;
    const memory = end !== this.end;
    if (memory) {
      expect(end).toBeGreaterThan(this.end);
      expect(end).toBeLessThanOrEqual(this.maximum);
      expect(end).toBe(arena.linear.memory.buffer.byteLength);
      this.end = end;
      this.growths += 1;
    }
    const table = arena.blocks.count !== ids;
    if (table) {
      const tables = arena.list().filter(({ state }) => state === "table");
      this.tables = tables.map(({ id, address: at, size }) => ({ id, at, size }));
      expect(tables.reduce((sum, { size }) => sum + size, 0)).toBe(
        (arena.blocks.count - SEGMENT_RECORDS) * RECORD,
      );
      this.used = [...this.live, ...this.tables].reduce((sum, { size }) => sum + size, 0);
      this.peak = Math.max(this.peak, this.used);
    }
    return { memory, table };
  }

  #arena(who: number): Arena {
    return this.arenas[who % this.arenas.length]!;
  }

  #with(who: number, pick: number, use: (arena: Arena, block: Live) => void): void {
    const block = this.live[pick % this.live.length];
    if (!block) return;
    const arena = this.#arena(who);
    // As adopt() does: another thread may have put the block where it has grown the memory.
    if (arena.linear.shared) arena.linear.refresh();
    use(arena, block);
  }

  /** Fills both ends of a block's data with a number of its own. */
  #stamp(arena: Arena, { handle, requested }: Pick<Live, "handle" | "requested">): void {
    for (const end of endsOf(arena, handle, requested)) end.fill(stampOf(handle));
  }

  #checkStamp(arena: Arena, { handle, requested }: Live): void {
    for (const end of endsOf(arena, handle, requested)) {
      if (!end.every((byte) => byte === stampOf(handle))) expect.fail(`block ${handle.id} was written over`);
    }
  }
}

const stampOf = ({ id, generation }: BlockHandle): number => (31 * id + 7 * generation) & 255;

/** The first and the last 8 bytes of a block's data. */
function endsOf(arena: Arena, handle: BlockHandle, requested: number): Uint8Array[] {
  const address = arena.addressOf(handle);
  const length = Math.min(8, requested);
  return [address, address + requested - length].map((at) => arena.linear.bytes(at, length));
}

import type { Context } from "../../src/index.ts";
import type { Bench } from "./bench.ts";
import type { Row } from "./rows.ts";

/** Members of the small team, to begin with, and of the large one. */
const FEW = 1;
const MANY = 5;
/** Side of the squares that they multiply, long enough that all of them take part. */
const SIDE = 1024;
const MULTIPLY_MS = 300;
const LOOK_MS = 5;
const MIB = 2 ** 20;

export const ARENA = "arena, beyond the operands";

/** What was measured of a team. */
export interface Usage {
  readonly members: number;
  /** Bytes: the most that the arena has had in blocks, and what the process has in memory. */
  readonly peak: number;
  readonly resident: number;
}

/** The memory that members take: in the arena, and in all of the process. */
export async function memory({ init, say, rows, settings, host, notes }: Bench): Promise<void> {
  if (host.residentBytes === undefined) {
    notes.push("memory of members: this host does not tell how much a process has");
    return;
  }
  say("memory of members");
  const la = await init({ threads: 1 + FEW, prewarm: true });
  const operands = 3 * SIDE * SIDE * 8;
  try {
    const usages: Usage[] = [];
    for (const members of [FEW, MANY]) {
      la.setThreads(1 + members);
      if (!(await multiplyWith(la, members, settings.stopped))) return;
      usages.push({ members, peak: la.arena.stats().peak, resident: host.residentBytes() });
    }
    rows.push(...rowsOf(operands, la.config().memory.scratch, usages[0]!, usages[1]!));
  } finally {
    la.close();
  }
}

/**
 * Multiplies until so many members are there, and some times more; false if it was stopped.
 * @throws Error if no members can be started.
 */
async function multiplyWith(la: Context, members: number, stopped: () => boolean): Promise<boolean> {
  const a = la.ones([SIDE, SIDE]);
  const b = la.ones([SIDE, SIDE]);
  const c = la.zeros([SIDE, SIDE]);
  const there = (): number => la.arena.blocks().filter(({ name }) => name === "scratch").length;
  let until = Number.POSITIVE_INFINITY;
  while (performance.now() < until && !stopped()) {
    la.gemm({ a, b, c });
    const { used, reason } = la.config().threads;
    if (used === 1) throw new Error(`memory of members: ${reason}`);
    if (there() >= members) until = Math.min(until, performance.now() + MULTIPLY_MS);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  for (const array of [a, b, c]) array.release();
  return !stopped();
}

/** The rows, from what a small team and a large one have taken. `scratch`: bytes of it a thread, as config() says. */
export function rowsOf(operands: number, scratch: number, few: Usage, many: Usage): Row[] {
  const row = (what: string, bytes: number): Row => ({
    section: "memory",
    label: "a member",
    who: "team",
    what,
    unit: "MiB",
    values: [bytes / MIB],
  });
  return [
    row("scratch, as config() says", scratch),
    row(ARENA, (many.peak - operands) / many.members),
    row(
      "resident, its thread's JavaScript engine included",
      (many.resident - few.resident) / (many.members - few.members),
    ),
  ];
}

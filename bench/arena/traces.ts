import type { Context, HistoryEvent } from "../../src/index.ts";
import type { Bench } from "./bench.ts";
import { external, peakOf, type Step } from "./fragmentation.ts";
import { blockedLu } from "./programs/blocked-lu.ts";
import { notebook } from "./programs/notebook.ts";
import { training } from "./programs/training.ts";
import type { Row, Unit } from "./rows.ts";
import { Tlsf } from "./tlsf.ts";

export const FRAGMENTATION = "external fragmentation at peak";

/** A program over real arrays; tells whether what it has computed is right. It leaves nothing behind. */
export type Program = (la: Context) => boolean;

const PROGRAMS: Record<string, Program> = {
  "blocked LU": blockedLu,
  "training loop": training,
  "notebook session": notebook,
};

/** Room for so many events of a recording. */
const ROOM = 2 ** 17;

/** How much of the memory lies idle between arrays: programs are run, what they do is recorded, and AssemblyScript's TLSF does it again. */
export async function traces({ init, settings, say, rows }: Bench): Promise<void> {
  for (const [label, program] of Object.entries(PROGRAMS)) {
    if (settings.stopped()) return;
    say(label);
    const la = await init({ threads: 1 });
    try {
      const { events, wrong } = record(la, program);
      rows.push(
        ...rowsOf(label, "arena", events, wrong),
        ...rowsOf(label, "AssemblyScript TLSF", replay(events), wrong),
      );
    } finally {
      la.close();
    }
  }
}

type Trace = readonly (HistoryEvent & Step)[];

/** Runs a program, and tells which blocks came and went. */
function record(la: Context, program: Program): { events: Trace; wrong: boolean } {
  la.arena.record(ROOM);
  const before = la.arena.stats().blocks;
  const right = program(la);
  const history = la.arena.history();
  const whole = history.length < ROOM && la.arena.stats().blocks === before;
  const wrong = !(right && whole && la.arena.check().problems.length === 0);
  return { events: history.filter(isStep), wrong };
}

const isStep = (event: HistoryEvent): event is HistoryEvent & Step =>
  event.event === "alloc" || event.event === "free";

/** The same requests to AssemblyScript's allocator. */
function replay(trace: Trace): Step[] {
  const tlsf = new Tlsf();
  const addresses = new Map<number, number>();
  return trace.map(({ event, id, requested }) => {
    const address = event === "alloc" ? tlsf.alloc(requested) >>> 0 : addresses.get(id)!;
    addresses.set(id, address);
    const size = tlsf.sizeOf(address);
    if (event === "free") tlsf.free(address);
    return { event, address, size };
  });
}

function rowsOf(label: string, who: string, steps: readonly Step[], wrong: boolean): Row[] {
  const peak = peakOf(steps);
  const row = (what: string, unit: Unit, value: number): Row => ({
    section: "traces",
    label,
    who,
    what,
    unit,
    values: wrong ? [] : [value],
    wrong,
  });
  return [
    row("allocations", "blocks", steps.filter(({ event }) => event === "alloc").length),
    row("blocks at peak", "blocks", peak.blocks),
    row("used at peak", "MiB", peak.used / 2 ** 20),
    row(FRAGMENTATION, "share", external(peak)),
  ];
}

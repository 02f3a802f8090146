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
type Program = (la: Context) => boolean;

/** Sessions with the notebook, each another one. */
const SESSIONS = [1, 2, 3, 4, 5, 6, 7];

/** What is run, once or several times. */
const PROGRAMS: Record<string, readonly Program[]> = {
  "blocked LU": [blockedLu],
  "training loop": [training],
  "notebook session": SESSIONS.map((seed) => (la) => notebook(la, seed)),
};

/** Room for so many events of a recording. */
const ROOM = 2 ** 17;

/**
 * How much of the memory lies idle between arrays: programs are run, what they do is recorded, and AssemblyScript's TLSF does it
 * again.
 */
export async function traces({ init, settings, say, rows }: Bench): Promise<void> {
  for (const [label, programs] of Object.entries(PROGRAMS)) {
    say(label);
    const runs: Run[] = [];
    for (const program of programs) {
      if (settings.stopped()) break;
      const la = await init({ threads: 1 });
      try {
        runs.push(record(la, program));
      } finally {
        la.close();
      }
    }
    rows.push(...rowsOf(label, runs));
  }
}

type Trace = readonly (HistoryEvent & Step)[];

/** A recorded run: the blocks that came and went, and whether something was wrong. */
interface Run {
  readonly trace: Trace;
  readonly wrong: boolean;
}

function record(la: Context, program: Program): Run {
  la.arena.record(ROOM);
  const before = la.arena.stats().blocks;
  const right = program(la);
  const history = la.arena.history();
  const whole = history.length < ROOM && la.arena.stats().blocks === before;
  const wrong = !(right && whole && la.arena.check().problems.length === 0);
  return { trace: history.filter(isStep), wrong };
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

/** Of some runs of one program. */
function rowsOf(label: string, runs: readonly Run[]): Row[] {
  const wrong = runs.some((run) => run.wrong);
  const traces = wrong ? [] : runs.map(({ trace }) => trace);
  return [
    { who: "arena", steps: traces },
    { who: "AssemblyScript TLSF", steps: traces.map(replay) },
  ].flatMap(({ who, steps }) => {
    const peaks = steps.map(peakOf);
    const row = (what: string, unit: Unit, values: readonly number[]): Row => ({
      section: "traces",
      label,
      who,
      what,
      unit,
      values,
      wrong,
    });
    return [
      row("allocations", "blocks", traces.map(allocations)),
      row(
        "blocks at peak",
        "blocks",
        peaks.map(({ blocks }) => blocks),
      ),
      row(
        "used at peak",
        "MiB",
        peaks.map(({ used }) => used / 2 ** 20),
      ),
      { ...row(FRAGMENTATION, "share", peaks.map(external)), better: "lower" },
    ];
  });
}

const allocations = (trace: Trace): number => trace.filter(({ event }) => event === "alloc").length;

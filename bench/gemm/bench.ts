import type { Build, Context, DType, init, MicroKernel } from "../../src/index.ts";
import { sampled } from "../common/rows.ts";
import { interleave, type SampleSettings, type Subject } from "../common/sample.ts";
import type { BenchHost, NativeBlas } from "../host/host.ts";
import type { Section, Selection } from "./cases.ts";
import type { MicroKernels } from "./micro.ts";
import { inUnit, type Row, type Unit, type Who } from "./rows.ts";

/** A build that can be had here, with a context and micro-kernels of its own. */
export interface Contestant {
  readonly build: Build;
  readonly la: Context;
  readonly micro: MicroKernels;
}

/** What the sections of the bench work with. */
export interface Bench {
  readonly selection: Selection;
  readonly settings: SampleSettings;
  readonly contestants: readonly Contestant[];
  readonly native: NativeBlas | undefined;
  /** Native BLAS on so many threads, if there is one. */
  readonly startNative: (threads: number) => Promise<NativeBlas | undefined>;
  readonly init: typeof init;
  readonly host: BenchHost;
  /** Says what is being measured. */
  readonly say: (text: string) => void;
  readonly rows: Row[];
  /** Of the whole run. */
  readonly notes: string[];
}

/** A subject with its name, and the work of one call in floating-point operations, bytes or calls. */
export interface Entry {
  readonly who: Who;
  readonly what: string;
  readonly unit: Unit;
  readonly work: number;
  readonly subject: Subject;
  readonly n?: number;
  readonly threads?: number;
  /** Of the result, computed before anything is timed. */
  readonly residual?: number;
  /** Gives its arrays back. */
  readonly release?: () => void;
}

/** Times entries in turns, adds their rows, and releases their arrays. */
export async function contest(
  bench: Bench,
  section: Section,
  dtype: DType | undefined,
  label: string,
  entries: readonly Entry[],
): Promise<void> {
  bench.say([section, dtype, label].filter(Boolean).join(" "));
  const timed = await timeInTurns(entries, bench.settings);
  bench.rows.push(...timed.map((row) => ({ section, dtype, label, ...row })));
}

/** Times entries in turns and releases their arrays; the rows of each. Wrong results are not timed. */
export async function timeInTurns(
  entries: readonly Entry[],
  settings: SampleSettings,
): Promise<Omit<Row, "section" | "dtype" | "label">[]> {
  const right = entries.filter(({ residual = 0 }) => residual < 1);
  const samples = await interleave(
    right.map(({ subject }) => subject),
    settings,
  );
  for (const { release } of entries) release?.();
  return entries.map((entry) => {
    const at = right.indexOf(entry);
    const wrong = at < 0;
    const { who, what, unit, work, residual, n, threads = 1 } = entry;
    const measured = sampled(wrong ? NOTHING : samples[at]!, (seconds) => inUnit(unit, seconds, work));
    const notes = wrong ? [`WRONG: ${residual?.toPrecision(3)} times the rounding bound`] : measured.notes;
    return { who, what, threads, unit, residual, wrong, ...(n && { n }), ...measured, notes };
  });
}

const NOTHING = { seconds: [], disturbed: 0 };

/** The micro-kernel that a context has chosen. */
export function chosenMicroKernel({ la }: Contestant, dtype: DType): MicroKernel {
  return la.config().microKernels[dtype].chosen;
}

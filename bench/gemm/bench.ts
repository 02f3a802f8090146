import type { Build, Context, DType, init, MicroKernel } from "../../src/index.ts";
import { interleave, type SampleSettings, type Samples, type Subject } from "../common/sample.ts";
import type { Section, Selection } from "./cases.ts";
import type { MicroKernels } from "./micro.ts";
import type { Native } from "./native.ts";
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
  readonly native: Native | undefined;
  /** Native BLAS on so many threads, if there is one. */
  readonly startNative: (threads: number) => Promise<Native | undefined>;
  readonly init: typeof init;
  /** The built command line and the package's entry, to be run in fresh processes; undefined when run from source. */
  readonly built: { readonly cli: string; readonly entry: string } | undefined;
  /** Says what is being measured. */
  readonly say: (text: string) => void;
  readonly rows: Row[];
}

/** A subject with its name, and the work of one call in floating-point operations, bytes or calls. */
export interface Entry {
  readonly who: Who;
  readonly what: string;
  readonly unit: Unit;
  readonly work: number;
  readonly subject: Subject;
  /** Of the result, computed before anything is timed. */
  readonly residual?: number;
  /** Gives its arrays back. */
  readonly release?: () => void;
}

/** Times entries in turns, adds their rows, and releases their arrays. Wrong results are not timed. */
export async function contest(
  bench: Bench,
  section: Section,
  dtype: DType | undefined,
  label: string,
  entries: readonly Entry[],
): Promise<void> {
  bench.say([section, dtype, label].filter(Boolean).join(" "));
  const right = entries.filter(({ residual = 0 }) => residual < 1);
  const samples = await interleave(
    right.map(({ subject }) => subject),
    bench.settings,
  );
  for (const { release } of entries) release?.();
  for (const entry of entries) {
    const at = right.indexOf(entry);
    const wrong = at < 0;
    const { who, what, unit, work, residual } = entry;
    const { seconds, disturbed }: Samples = wrong ? { seconds: [], disturbed: 0 } : samples[at]!;
    const notes: string[] = [];
    if (wrong) notes.push(`WRONG: ${residual?.toPrecision(3)} times the rounding bound`);
    const values = seconds.map((second) => inUnit(unit, second, work));
    bench.rows.push({ section, dtype, label, who, what, unit, values, residual, wrong, disturbed, notes });
  }
}

/** The micro-kernel that a context has chosen. */
export function chosenMicroKernel({ la }: Contestant, dtype: DType): MicroKernel {
  return la.config().microKernels[dtype].chosen;
}

/** Multiplies until a context has made its choice of micro-kernel by measurement. */
export function settle(la: Context, dtype: DType): void {
  la.scope(() => {
    const a = la.ones([64, 64], { dtype });
    const c = la.zeros([64, 64], { dtype });
    for (let i = 0; i < 100 && la.config().microKernels[dtype].reason !== "measured"; ++i) {
      la.gemm({ a, b: a, c });
    }
  });
}

import type { Context, init } from "../../src/index.ts";
import { type Header as CommonHeader, describeRun, loadAverage } from "./header.ts";
import { type SampleSettings, shortestSample, timerResolution } from "./sample.ts";

/** What every bench in sections is told to measure. */
export interface Sections<Section extends string> {
  readonly sections: readonly Section[];
  readonly rounds: number;
  readonly warmUpMs: number;
}

/** What a run is given. */
export interface RunOptions<Selection> {
  readonly selection: Selection;
  readonly init: typeof init;
  readonly threadModule: URL;
  /** A file of the checkout, to find its commit. */
  readonly file: string;
  readonly say: (text: string) => void;
  /** Whether to stop now, with what there is. */
  readonly stopped: () => boolean;
}

export interface Header<Selection> extends CommonHeader {
  readonly selection: Selection;
  readonly sampleMs: number;
}

/** All that was measured. */
export interface Result<Selection, Row> {
  readonly header: Header<Selection>;
  readonly rows: readonly Row[];
}

/** What the sections of a bench work with. */
export interface Bench<Selection, Row> {
  /** A context on one thread. */
  readonly la: Context;
  /** For others. */
  readonly init: typeof init;
  readonly selection: Selection;
  readonly settings: SampleSettings;
  /** The module whose threads run the bench's tasks. */
  readonly threadModule: URL;
  /** Says what is being measured. */
  readonly say: (text: string) => void;
  readonly rows: Row[];
}

/** Runs the sections in order. */
export async function runSections<Section extends string, Selection extends Sections<Section>, Row>(
  run: Readonly<Record<Section, (bench: Bench<Selection, Row>) => Promise<void>>>,
  { init, selection, threadModule, file, say, stopped }: RunOptions<Selection>,
): Promise<Result<Selection, Row>> {
  const loadBefore = loadAverage();
  const timerMs = timerResolution();
  const sampleMs = shortestSample(timerMs);
  const { rounds, warmUpMs, sections } = selection;
  const la = await init({ threads: 1 });
  const settings = { rounds, sampleMs, warmUpMs, stopped };
  const bench: Bench<Selection, Row> = { la, init, selection, settings, threadModule, say, rows: [] };
  const header: Header<Selection> = {
    ...describeRun(la.config(), file, { loadBefore, timerMs }),
    selection,
    sampleMs,
  };
  try {
    for (const section of sections) if (!stopped()) await run[section](bench);
  } finally {
    la.close();
  }
  header.loadAfter = loadAverage();
  header.interrupted = stopped();
  return { header, rows: bench.rows };
}

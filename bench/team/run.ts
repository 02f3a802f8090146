import type { init } from "../../src/index.ts";
import { type Header as CommonHeader, describeRun, loadAverage } from "../common/header.ts";
import { shortestSample, timerResolution } from "../common/sample.ts";
import type { Bench } from "./bench.ts";
import type { Section, Selection } from "./cases.ts";
import { dispatch } from "./dispatch.ts";
import { memory } from "./memory.ts";
import { partition } from "./partition.ts";
import type { Row } from "./rows.ts";
import { taken } from "./taken.ts";

/** What a run is given. */
export interface RunOptions {
  readonly selection: Selection;
  readonly init: typeof init;
  readonly threadModule: URL;
  /** A file of the checkout, to find its commit. */
  readonly file: string;
  readonly say: (text: string) => void;
  /** Whether to stop now, with what there is. */
  readonly stopped: () => boolean;
}

export interface Header extends CommonHeader {
  readonly selection: Selection;
  readonly sampleMs: number;
}

/** All that was measured. */
export interface Result {
  readonly header: Header;
  readonly rows: readonly Row[];
}

const RUN: Record<Section, (bench: Bench) => Promise<void>> = { dispatch, partition, taken, memory };

/** Runs the sections in order. */
export async function run(options: RunOptions): Promise<Result> {
  const { init, selection, threadModule, file, say, stopped } = options;
  const loadBefore = loadAverage();
  const timerMs = timerResolution();
  const sampleMs = shortestSample(timerMs);
  const { rounds, warmUpMs, sections } = selection;
  const la = await init({ threads: 1 });
  const settings = { rounds, sampleMs, warmUpMs, stopped };
  const bench: Bench = { la, init, selection, settings, threadModule, say, rows: [] };
  const header: Header = {
    ...describeRun(la.config(), file, { loadBefore, timerMs }),
    selection,
    sampleMs,
  };
  try {
    for (const section of sections) if (!stopped()) await RUN[section](bench);
  } finally {
    la.close();
  }
  header.loadAfter = loadAverage();
  header.interrupted = stopped();
  return { header, rows: bench.rows };
}

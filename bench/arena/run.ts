import type { init } from "../../src/index.ts";
import { type Header as CommonHeader, describeRun, loadAverage } from "../common/header.ts";
import { shortestSample, timerResolution } from "../common/sample.ts";
import type { Bench } from "./bench.ts";
import { blocks } from "./blocks.ts";
import type { Section, Selection } from "./cases.ts";
import type { Row } from "./rows.ts";
import { threads } from "./threads.ts";
import { traces } from "./traces.ts";
import { views } from "./views.ts";

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

const RUN: Record<Section, (bench: Bench) => Promise<void>> = { blocks, views, threads, traces };

/** Runs the sections in order. */
export async function run(options: RunOptions): Promise<Result> {
  const { init, selection, threadModule, file, say, stopped } = options;
  const loadBefore = loadAverage();
  const timerMs = timerResolution();
  const sampleMs = shortestSample(timerMs);
  const { rounds, warmUpMs, sections } = selection;
  const la = await init({ threads: 1 });
  const header: Header = {
    ...describeRun(la.config(), file, { loadBefore, timerMs }),
    selection,
    sampleMs,
  };
  la.close();
  const settings = { rounds, sampleMs, warmUpMs, stopped };
  const bench: Bench = { init, selection, settings, threadModule, say, rows: [] };
  for (const section of sections) if (!stopped()) await RUN[section](bench);
  header.loadAfter = loadAverage();
  header.interrupted = stopped();
  return { header, rows: bench.rows };
}

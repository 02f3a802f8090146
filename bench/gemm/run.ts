import type { Build, init } from "../../src/index.ts";
import { describeRun, loadAverage } from "../common/header.ts";
import { shortestSample, timerResolution } from "../common/sample.ts";
import { type Bench, type Contestant, chosenMicroKernel, settle } from "./bench.ts";
import type { Section, Selection } from "./cases.ts";
import type { Header } from "./header.ts";
import { memory } from "./memory.ts";
import { MicroKernels } from "./micro.ts";
import type { Native } from "./native.ts";
import { shapes, squares, transposes } from "./products.ts";
import type { Row } from "./rows.ts";
import { small } from "./small.ts";
import { gzippedSize, startup } from "./startup.ts";
import { withSuspicions } from "./suspicions.ts";
import { threads } from "./threads.ts";

/** What a run is given. */
export interface RunOptions {
  readonly selection: Selection;
  readonly init: typeof init;
  /** The Python to look for NumPy in; undefined for no native row. */
  readonly python: string | undefined;
  readonly built: Bench["built"];
  /** A file of the checkout, to find its commit. */
  readonly file: string;
  readonly say: (text: string) => void;
  /** Whether to stop now, with what there is. */
  readonly stopped: () => boolean;
}

/** All that was measured. */
export interface Result {
  readonly header: Header;
  readonly rows: readonly Row[];
}

const SECTIONS: Record<Section, (bench: Bench) => Promise<void>> = {
  startup,
  small,
  squares,
  shapes,
  transposes,
  memory,
  threads,
};

/** Sections that native BLAS has a row in. */
const WITH_NATIVE: readonly Section[] = ["squares", "threads"];

/** Runs the sections in order. */
export async function run(options: RunOptions): Promise<Result> {
  const { selection, stopped, say } = options;
  const loadBefore = loadAverage();
  const timerMs = timerResolution();
  const sampleMs = shortestSample(timerMs);
  const { contestants, builds } = await enter(options);
  const native = await startNative(options);
  const bench: Bench = {
    selection,
    settings: { rounds: selection.rounds, sampleMs, warmUpMs: selection.warmUpMs, stopped },
    contestants,
    native: typeof native === "string" ? undefined : native,
    startNative: async (count) => {
      const started = typeof native === "string" ? native : await startNative(options, count);
      return typeof started === "string" ? undefined : started;
    },
    init: options.init,
    built: options.built,
    say,
    rows: [],
  };
  const header: Header = {
    ...describeRun(contestants[0]!.la.config(), options.file, { loadBefore, timerMs }),
    rounds: selection.rounds,
    sampleMs,
    native: typeof native === "string" ? native : native.name,
    builds,
    packageBytes: options.built && (await gzippedSize(options.built.entry)),
  };
  try {
    for (const section of selection.sections) if (!stopped()) await SECTIONS[section](bench);
  } finally {
    bench.native?.close();
    for (const { la } of contestants) la.close();
  }
  header.loadAfter = loadAverage();
  header.interrupted = stopped();
  return { header, rows: withSuspicions(bench.rows) };
}

/** A context for each build that can be had; a line about each that was asked for. */
async function enter({
  selection,
  init,
  say,
}: RunOptions): Promise<{ contestants: Contestant[]; builds: string[] }> {
  const contestants: Contestant[] = [];
  const builds: string[] = [];
  for (const build of selection.builds) {
    say(`starting the ${build} build`);
    const contestant = await contestantOf(build, init);
    if (typeof contestant === "string") {
      builds.push(`${build}: not measured, ${contestant}`);
      continue;
    }
    contestants.push(contestant);
    const chosen = selection.dtypes.map((dtype) => {
      settle(contestant.la, dtype);
      return `${dtype} ${chosenMicroKernel(contestant, dtype)}`;
    });
    builds.push(`${build} (${contestant.la.config().build.reason}), micro-kernels ${chosen.join(", ")}`);
  }
  if (contestants.length === 0) throw new Error(`nothing to measure: ${builds.join("; ")}`);
  return { contestants, builds };
}

async function contestantOf(build: Build, start: typeof init): Promise<Contestant | string> {
  const la = await start({ build, threads: 1 });
  const { chosen, reason } = la.config().build;
  const micro = chosen === build ? await MicroKernels.of(build) : undefined;
  if (micro) return { build, la, micro };
  la.close();
  return reason;
}

/** Native BLAS, or why there is none. */
async function startNative({ python, selection }: RunOptions, count = 1): Promise<Native | string> {
  if (python === undefined) return "not asked for";
  if (!selection.sections.some((section) => WITH_NATIVE.includes(section))) return "not needed";
  // Loaded here, because a bundler must be told how to load the Python program.
  const { Native } = await import("./native.ts");
  return Native.start(python, count);
}

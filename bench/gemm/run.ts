import type { Build, init } from "../../src/index.ts";
import { type BuildFacts, buildOf, environmentOf, lookAround } from "../common/environment.ts";
import { paceNotes, ReferenceKernel, withPace } from "../common/reference.ts";
import {
  type Result as AnyResult,
  type RunOptions as AnyRunOptions,
  closedIfFailing,
  inOrder,
  Stop,
  telling,
} from "../common/run.ts";
import { shortestSample, timerResolution } from "../common/sample.ts";
import { settle } from "../common/settle.ts";
import type { NativeBlas } from "../host/host.ts";
import type { Bench, Contestant } from "./bench.ts";
import type { Section, Selection } from "./cases.ts";
import type { Header } from "./header.ts";
import { memory } from "./memory.ts";
import { MicroKernels } from "./micro.ts";
import { shapes, squares, transposes } from "./products.ts";
import type { Row } from "./rows.ts";
import { small } from "./small.ts";
import { startup } from "./startup.ts";
import { withSuspicions } from "./suspicions.ts";
import { threads } from "./threads.ts";

export type RunOptions = Omit<AnyRunOptions<Selection>, "threadModule">;

/** All that was measured. */
export interface Result extends AnyResult<Selection, Row> {
  readonly header: Header;
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
  const { selection, host, failed } = options;
  const stop = new Stop(options.stopped);
  const stopped = (): boolean => stop.asked();
  const timerMs = timerResolution();
  const surroundings = await lookAround(host, timerMs);
  const sampleMs = shortestSample(timerMs);
  const { rounds, warmUpMs } = selection;
  const { contestants, builds, missing } = await enter(options);
  const { la } = contestants[0]!;
  const config = la.config();
  const [reference, packageBytes, native] = await closedIfFailing(
    contestants.map(({ la }) => la),
    async () => [
      await ReferenceKernel.of(la, timerMs, stopped),
      await host.fresh?.packageBytes(),
      // The last one: it would have to be closed, too.
      await startNative(options),
    ],
  );
  const notes = missing;
  const rows: Row[] = [];
  let done = 0;
  const soFar = (interrupted: boolean): Result => {
    const { paces } = reference;
    const header: Header = {
      environment: environmentOf(surroundings, host, config, builds),
      ...{ selection, sampleMs, interrupted, packageBytes },
      notes: [...notes, ...paceNotes(paces)],
      native: typeof native === "string" ? native : native.name,
    };
    return { header, rows: withSuspicions(withPace(rows, paces)) };
  };
  const bench: Bench = {
    selection,
    settings: { rounds, sampleMs, warmUpMs, stopped, cpuMs: host.cpuMs, reference },
    contestants,
    native: typeof native === "string" ? undefined : native,
    startNative: async (count) => {
      const started = typeof native === "string" ? native : await startNative(options, count);
      return typeof started === "string" ? undefined : started;
    },
    init: options.init,
    host,
    say: telling(
      options,
      () => soFar(true),
      () => done / selection.sections.length,
    ),
    rows,
    notes,
  };
  try {
    const perform = async (section: Section): Promise<void> => {
      await SECTIONS[section](bench);
      done += 1;
    };
    await inOrder(selection.sections, perform, { stopped, failed, rows, notes });
  } finally {
    bench.native?.close();
    reference.release();
    for (const { la } of contestants) la.close();
  }
  return soFar(stop.told);
}

/** A context for each build that can be had; a line about each that cannot. */
async function enter({
  selection,
  init,
  say,
}: RunOptions): Promise<{ contestants: Contestant[]; builds: BuildFacts[]; missing: string[] }> {
  const contestants: Contestant[] = [];
  const builds: BuildFacts[] = [];
  const missing: string[] = [];
  for (const build of selection.builds) {
    say(`starting the ${build} build`);
    const contestant = await contestantOf(build, init);
    if (typeof contestant === "string") {
      missing.push(`${build}: not measured, ${contestant}`);
      continue;
    }
    contestants.push(contestant);
    for (const dtype of selection.dtypes) settle(contestant.la, dtype);
    builds.push(buildOf(contestant.la.config()));
  }
  if (contestants.length === 0) throw new Error(`nothing to measure: ${missing.join("; ")}`);
  return { contestants, builds, missing };
}

async function contestantOf(build: Build, start: typeof init): Promise<Contestant | string> {
  const la = await start({ build, threads: 1 });
  const { build: got, memory } = la.config();
  const micro = got.chosen === build ? await MicroKernels.of(build, memory.shared) : undefined;
  if (micro) return { build, la, micro };
  la.close();
  return got.reason;
}

/** Native BLAS, or why there is none. */
async function startNative({ host, selection }: RunOptions, count = 1): Promise<NativeBlas | string> {
  if (host.native === undefined) return "not asked for";
  if (!selection.sections.some((section) => WITH_NATIVE.includes(section))) return "not needed";
  return host.native(count);
}

import type { Context, init } from "../../src/index.ts";
import type { BenchHost } from "../host/host.ts";
import type { Environment } from "../results-file/format.ts";
import { type BuildFacts, buildOf, environmentOf, lookAround } from "./environment.ts";
import { paceNotes, ReferenceKernel, withPace } from "./reference.ts";
import type { SectionRow } from "./rows.ts";
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
  readonly host: BenchHost;
  /** Told what is being measured, and what share of the bench is done. */
  readonly say: (text: string, share?: number) => void;
  /** Whether to stop now, with what there is. */
  readonly stopped: () => boolean;
  /** Calls what keeps the event loop from turning for many seconds, where Ctrl-C is then to end the process at once. */
  readonly blocking?: <T>(work: () => T) => T;
  /** Called where a section failed after something was measured: the result has that, and a note. */
  readonly failed: (section: string, error: unknown) => void;
  /** Gets what there is, each time that something else begins: for who shows results as they come. */
  readonly measured?: (result: Result<object, SectionRow<string, string>>) => void;
}

/** What is said of all that was measured. */
export interface Header<Selection> {
  readonly environment: Environment;
  readonly selection: Selection;
  readonly sampleMs: number;
  /** Whether this is what had been measured before Ctrl-C. */
  readonly interrupted: boolean;
  /** What a reader should know: drift, and what cannot be measured here. */
  readonly notes: readonly string[];
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
  readonly host: BenchHost;
  readonly selection: Selection;
  readonly settings: SampleSettings;
  /** The module whose threads run the bench's tasks. */
  readonly threadModule: URL;
  /** Calls what keeps the event loop from turning for many seconds. */
  readonly blocking: <T>(work: () => T) => T;
  /** Says what is being measured. */
  readonly say: (text: string) => void;
  readonly rows: Row[];
  /** Of the whole run. */
  readonly notes: string[];
  /** Of the contexts that rows are of, beside `la`: see buildOf(). */
  readonly builds: BuildFacts[];
}

/** Runs the sections in order. */
export async function runSections<
  Section extends string,
  Selection extends Sections<Section>,
  Row extends SectionRow<string, string>,
>(
  run: Readonly<Record<Section, (bench: Bench<Selection, Row>) => Promise<void>>>,
  options: RunOptions<Selection>,
): Promise<Result<Selection, Row>> {
  const { init, selection, threadModule, host, failed, blocking = call } = options;
  const stop = new Stop(options.stopped);
  const stopped = (): boolean => stop.asked();
  const timerMs = timerResolution();
  const surroundings = await lookAround(host, timerMs);
  const sampleMs = shortestSample(timerMs);
  const { rounds, warmUpMs, sections } = selection;
  const la = await init({ threads: 1 });
  const reference = await closedIfFailing([la], () => ReferenceKernel.of(la, timerMs, stopped));
  const settings = { rounds, sampleMs, warmUpMs, stopped, cpuMs: host.cpuMs, reference };
  const rows: Row[] = [];
  const notes: string[] = [];
  const config = la.config();
  const builds = [buildOf(config)];
  let done = 0;
  const soFar = (interrupted: boolean): Result<Selection, Row> => {
    const environment = environmentOf(surroundings, host, config, builds);
    const { paces } = reference;
    const header = { environment, selection, sampleMs, interrupted, notes: [...notes, ...paceNotes(paces)] };
    return { header, rows: withPace(rows, paces) };
  };
  const bench: Bench<Selection, Row> = {
    la,
    init,
    host,
    selection,
    settings,
    threadModule,
    blocking,
    say: telling(
      options,
      () => soFar(true),
      () => done / sections.length,
    ),
    rows,
    notes,
    builds,
  };
  try {
    const perform = async (section: Section): Promise<void> => {
      await run[section](bench);
      done += 1;
    };
    await inOrder(sections, perform, { stopped, failed, rows, notes });
  } finally {
    reference.release();
    la.close();
  }
  return soFar(stop.told);
}

const call = <T>(work: () => T): T => work();

/** Remembers whether somebody was told to stop: only then something was left out. */
export class Stop {
  told = false;
  readonly #wanted: () => boolean;

  constructor(wanted: () => boolean) {
    this.#wanted = wanted;
  }

  asked(): boolean {
    this.told ||= this.#wanted();
    return this.told;
  }
}

/** Gives what `make` gives; the contexts are closed if that fails. */
export async function closedIfFailing<T>(
  contexts: readonly { close(): void }[],
  make: () => Promise<T>,
): Promise<T> {
  try {
    return await make();
  } catch (error) {
    for (const la of contexts) la.close();
    throw error;
  }
}

/** What sections that are run in order have in common. */
interface Course extends Pick<RunOptions<unknown>, "stopped" | "failed"> {
  readonly rows: readonly unknown[];
  readonly notes: string[];
}

/** Performs sections in order, up to one that fails: what was measured until then is kept. @throws its error if there is nothing. */
export async function inOrder<Section extends string>(
  sections: readonly Section[],
  perform: (section: Section) => Promise<void>,
  { stopped, failed, rows, notes }: Course,
): Promise<void> {
  for (const section of sections) {
    if (stopped()) return;
    try {
      await perform(section);
    } catch (error) {
      if (rows.length === 0) throw error;
      const message = error instanceof Error ? error.message : String(error);
      notes.push(`${section} failed, nothing was measured after it: ${message}`);
      failed(section, error);
      return;
    }
  }
}

/** Says what begins, and what share is done, after having shown what there is until then. */
export function telling(
  { say, measured }: Pick<RunOptions<unknown>, "say" | "measured">,
  soFar: () => Result<object, SectionRow<string, string>>,
  share: () => number,
): (text: string) => void {
  return (text) => {
    if (measured !== undefined) {
      const result = soFar();
      if (result.rows.length > 0) measured(result);
    }
    say(text, share());
  };
}

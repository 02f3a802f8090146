import { UnsupportedError } from "../../src/errors.ts";
import type { DType } from "../../src/index.ts";
import { compileKernels, kernelMemory } from "../common/kernels.ts";
import { sampled } from "../common/rows.ts";
import { breathe, type Samples } from "../common/sample.ts";
import type { Bench } from "./bench.ts";
import { arrayBytes, type Section, suspicionOf } from "./cases.ts";
import type { Row } from "./rows.ts";
import { bytesFor, KERNELS } from "./sweep.ts";
import { alone, type Sweep, type Sweeper, together } from "./sweepers.ts";

/** STREAM on one thread. */
export const one = (bench: Bench): Promise<void> => stream(bench, "one", 1);

/** STREAM on all cores. */
export async function all(bench: Bench): Promise<void> {
  const { cores } = bench.la.config().host;
  if (cores > 1) await stream(bench, "all", cores);
}

async function stream(bench: Bench, section: Section, threads: number): Promise<void> {
  const { la, host, settings, selection, say, notes } = bench;
  const bytes = arrayBytes(host.cacheBytes);
  const { shared } = la.config().memory;
  const kernelModule = (await compileKernels(la.config().build.chosen, shared))!;
  const memory = memoryFor(bytes, shared);
  say("compiling STREAM in C");
  const c = (await host.compileStream?.()) ?? "this host compiles nothing";
  const suspicion = suspicionOf(bytes, host.cacheBytes);
  for (const note of [typeof c === "string" ? `C: ${c}` : `C: ${c.name}`, suspicion ?? ""])
    if (note !== "" && !notes.includes(note)) notes.push(note);
  try {
    for (const dtype of selection.dtypes) {
      if (settings.stopped()) return;
      say(`${section} ${dtype}`);
      const ground = { kernelModule, memory, dtype, bytes };
      const ours = threads === 1 ? alone(ground, settings.sampleMs) : together(bench, ground, threads);
      const theirs = typeof c === "string" ? undefined : c.start(dtype, bytes, threads);
      const sweepers = theirs === undefined ? [ours] : [ours, theirs];
      try {
        for (const row of await contest(bench, sweepers, { section, dtype, bytes, threads }))
          bench.rows.push(row);
      } finally {
        for (const sweeper of sweepers) sweeper.close();
      }
    }
  } finally {
    if (typeof c !== "string") await c.remove();
  }
}

/** @throws UnsupportedError where the system does not give so much. */
function memoryFor(bytes: number, shared: boolean): WebAssembly.Memory {
  try {
    return kernelMemory(bytesFor(bytes), shared);
  } catch (error) {
    throw new UnsupportedError(
      `stream: there is no room for three arrays of ${bytes / 2 ** 20} MiB, four times the caches; end what else takes memory or address space (ulimit -v), or leave stream out.`,
      "UNSUPPORTED",
      { cause: error },
    );
  }
}

/** What the sweepers of a contest have in common. */
export interface Case {
  readonly section: Section;
  readonly dtype: DType;
  readonly bytes: number;
  readonly threads: number;
}

/** Sweeps in turns, round by round; a first round checks the arrays and does not count. */
async function contest(
  { settings, selection }: Bench,
  sweepers: readonly Sweeper[],
  one: Case,
): Promise<Row[]> {
  const rounds: (readonly Sweep[])[] = [];
  const machine: number[] = [];
  for (let round = 0; round <= selection.rounds; ++round) {
    const sweeps: Sweep[] = [];
    for (const sweeper of sweepers) {
      await breathe();
      const sweep = settings.stopped() ? undefined : await sweeper.sweep(selection.sweeps);
      if (sweep !== undefined) sweeps.push(sweep);
    }
    if (sweeps.length < sweepers.length) break;
    rounds.push(sweeps);
    const pace = settings.reference?.pace();
    if (round > 0 && pace !== undefined) machine.push(pace);
  }
  return sweepers.flatMap(({ who }, i) =>
    rowsOf(
      who,
      one,
      rounds.map((sweeps) => sweeps[i]!),
      machine,
    ),
  );
}

/** The rows of one sweeper, from all of its rounds, the uncounted first one among them; none without any. */
export function rowsOf(
  who: string,
  { section, dtype, bytes, threads }: Case,
  rounds: readonly Sweep[],
  machine: number[],
): Row[] {
  if (rounds.length === 0) return [];
  const residual = Math.max(...rounds.map((sweep) => sweep.residual));
  const wrong = !(residual < 1);
  return KERNELS.map(({ name, arrays }, kernel): Row => {
    const seconds = wrong ? [] : rounds.slice(1).map((sweep) => sweep.seconds[kernel]!);
    const samples: Samples = { seconds, disturbed: 0, machine: wrong ? [] : machine };
    return {
      ...{ section, dtype, threads, who, residual, wrong },
      label: `${bytes / 2 ** 20} MiB`,
      what: name,
      unit: "GB/s",
      n: bytes / (dtype === "float32" ? 4 : 8),
      ...sampled(samples, (second) => (arrays * bytes) / second / 1e9),
    };
  });
}

import { compileKernels, type KernelModule } from "../common/kernels.ts";
import { sampled } from "../common/rows.ts";
import { interleave, median, type Samples } from "../common/sample.ts";
import type { Bench } from "./bench.ts";
import { type ChainSubject, chainsOf, clockOf } from "./chains.ts";
import { limitOf } from "./limit.ts";
import type { Row } from "./rows.ts";

export const CORE = "this core";
export const threadsName = (threads: number): string => `${threads} ${threads === 1 ? "thread" : "threads"}`;

/** Every build that can be had here. */
export async function modulesOf({ la, selection }: Bench): Promise<KernelModule[]> {
  const { shared } = la.config().memory;
  const modules = await Promise.all(selection.builds.map((build) => compileKernels(build, shared)));
  return modules.filter((module) => module !== undefined);
}

/** The attainable peak of one thread, beside the core's clock. */
export async function one(bench: Bench): Promise<void> {
  const { la, selection, settings, say, rows } = bench;
  const { host, memory } = la.config();
  const modules = await modulesOf(bench);
  if (modules.length === 0) return;
  const clock = clockOf(modules[0]!, memory.shared);
  for (const dtype of selection.dtypes) {
    if (settings.stopped()) return;
    say(`${dtype}, one thread`);
    const contestants = modules.map((module) => ({
      module,
      subjects: chainsOf(module, dtype, memory.shared),
    }));
    const all = contestants.flatMap(({ subjects }) => subjects);
    const [ofClock, ...samples] = await interleave([clock, ...all], settings);
    rows.push(clockRow(dtype, ofClock!, clock.cycles));
    for (const { module, subjects } of contestants) {
      const { build, gain } = module;
      const own = subjects.map((subject) => ({ subject, samples: samples[all.indexOf(subject)]! }));
      rows.push(...peakRows(build, dtype, own));
      const limit = limitOf(host, build, dtype, gain);
      if (limit !== undefined) rows.push(limitRow(build, dtype, limit));
    }
  }
}

const common = (dtype: Row["dtype"]): Pick<Row, "section" | "label" | "dtype" | "threads"> => ({
  section: "one",
  label: threadsName(1),
  threads: 1,
  dtype,
});

const clockRow = (dtype: Row["dtype"], samples: Samples, cycles: number): Row => ({
  ...common(dtype),
  who: CORE,
  what: "clock",
  unit: "GHz",
  ...sampled(samples, (seconds) => cycles / seconds / 1e9),
});

const limitRow = (who: string, dtype: Row["dtype"], limit: number): Row => ({
  ...common(dtype),
  who,
  what: "limit",
  unit: "flop/cycle",
  values: [limit],
});

/** Chains with what was measured of them. */
export interface Measured {
  readonly subject: Pick<ChainSubject, "chains" | "flops" | "right">;
  readonly samples: Samples;
}

/** The rows of a build: its fastest chains, and how many they are. None where nothing was measured. */
export function peakRows(who: string, dtype: Row["dtype"], all: readonly Measured[]): Row[] {
  const key = { ...common(dtype), who, what: "peak", unit: "GFLOP/s" } as const;
  if (all.some(({ subject }) => !subject.right)) return [{ ...key, values: [], wrong: true }];
  const [best] = all
    .map(({ subject, samples }) => ({
      chains: subject.chains,
      row: { ...key, ...sampled(samples, (seconds) => subject.flops / seconds / 1e9) },
    }))
    .filter(({ row }) => row.values.length > 0)
    .sort((x, y) => median(y.row.values) - median(x.row.values));
  if (best === undefined) return [];
  return [best.row, { ...key, what: "chains", unit: "count", values: [best.chains] }];
}

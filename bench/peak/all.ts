import type { Context, DType } from "../../src/index.ts";
import { inRounds, inThreads, type Place } from "../common/crew.ts";
import type { KernelModule } from "../common/kernels.ts";
import { distinct } from "../common/rows.ts";
import { warmUp } from "../common/sample.ts";
import type { Bench } from "./bench.ts";
import { chainsOf } from "./chains.ts";
import { modulesOf, threadsName } from "./one.ts";
import type { Row } from "./rows.ts";

/** What the threads get. */
interface Plan extends Place {
  readonly modules: readonly KernelModule[];
  readonly dtypes: readonly DType[];
  readonly warmUpMs: number;
  readonly togetherMs: number;
}

/** GFLOP/s of one kernel in one round. */
interface Rate {
  readonly build: string;
  readonly dtype: DType;
  readonly chains: number;
  readonly gflops: number;
  readonly right: boolean;
}

/** The attainable peak of all cores at once. */
export async function all(bench: Bench): Promise<void> {
  const { la, selection, settings, say, rows } = bench;
  const { host } = la.config();
  if (host.cores === 1) return;
  say(threadsName(host.cores));
  const modules = await modulesOf(bench);
  const { dtypes, rounds, warmUpMs, togetherMs } = selection;
  const plan = { modules, dtypes, warmUpMs, togetherMs };
  const results = await inThreads<Rate[][]>({ ...bench, settings }, "peakTogether", host.cores, rounds, plan);
  rows.push(...rowsOf(results));
}

/** A task: each kernel in each round, all threads at one time. */
export async function peakTogether(_la: Context, plan: Plan): Promise<Rate[][]> {
  const { modules, dtypes, togetherMs, barrier } = plan;
  const kernels = modules.flatMap((module) =>
    dtypes.flatMap((dtype) =>
      chainsOf(module, dtype, true).map((subject) => ({ build: module.build, dtype, subject })),
    ),
  );
  const settings = { rounds: 1, sampleMs: 1, warmUpMs: plan.warmUpMs, stopped: () => false };
  const calls: number[] = [];
  for (const { subject } of kernels) {
    calls.push(Math.ceil(togetherMs / (await warmUp(subject, settings)).ms));
  }
  const rounds: Rate[][] = [];
  await inRounds(plan, async () => {
    const rates: Rate[] = [];
    for (const [i, { build, dtype, subject }] of kernels.entries()) {
      barrier.wait();
      const { ms } = await subject.sample(calls[i]!);
      const { chains, right, flops } = subject;
      rates.push({ build, dtype, chains, right, gflops: (calls[i]! * flops) / ms / 1e6 });
    }
    rounds.push(rates);
  });
  return rounds;
}

/** The rows, from what each thread has had in each round: all together, of each build's fastest chains. */
export function rowsOf(results: readonly (readonly (readonly Rate[])[])[]): Row[] {
  const threads = results.length;
  const rounds = Math.min(...results.map(({ length }) => length));
  const kernels = results[0]?.[0] ?? [];
  const sums = kernels.map(({ build, dtype, chains }, i) => {
    const rates = results.map((ofThread) => ofThread.slice(0, rounds).map((round) => round[i]!));
    const values = Array.from({ length: rounds }, (_, round) =>
      rates.reduce((sum, ofThread) => sum + ofThread[round]!.gflops, 0),
    );
    return { build, dtype, chains, values, right: rates.flat().every(({ right }) => right) };
  });
  const best = (values: readonly number[]): number => Math.max(...values);
  return distinct(sums.map(({ build }) => build)).flatMap((who) =>
    distinct(sums.map(({ dtype }) => dtype)).map((dtype): Row => {
      const own = sums.filter((sum) => sum.build === who && sum.dtype === dtype);
      const wrong = own.some(({ right }) => !right);
      const [first] = own.sort((x, y) => best(y.values) - best(x.values));
      return {
        ...{ section: "all", label: threadsName(threads), threads, dtype, who, what: "peak" },
        unit: "GFLOP/s",
        values: wrong ? [] : first!.values,
        wrong,
      };
    }),
  );
}

import * as arena from "../arena/cases.ts";
import { run as runArena } from "../arena/run.ts";
import * as gemm from "../gemm/cases.ts";
import { run as runGemm } from "../gemm/run.ts";
import * as latency from "../latency/cases.ts";
import { run as runLatency } from "../latency/run.ts";
import * as linpack from "../linpack/cases.ts";
import { run as runLinpack } from "../linpack/run.ts";
import * as lock from "../lock/cases.ts";
import { run as runLock } from "../lock/run.ts";
import * as peak from "../peak/cases.ts";
import { run as runPeak } from "../peak/run.ts";
import * as start from "../start/cases.ts";
import { run as runStart } from "../start/run.ts";
import * as stream from "../stream/cases.ts";
import { run as runStream } from "../stream/run.ts";
import * as team from "../team/cases.ts";
import { run as runTeam } from "../team/run.ts";
import * as threads from "../threads/cases.ts";
import { run as runThreads } from "../threads/run.ts";
import { type Part, part } from "./run.ts";

const FULL = { rounds: 7, warmUpMs: 60 };
/** As few rounds as statistics can do with. */
const QUICK = { rounds: 3, warmUpMs: 20 };

/**
 * The benches of `blasm bench all`, in the order in which they are run: 180 seconds together, or 20. Another one is one more here;
 * what people share of it is a line in results-file/headlines.ts.
 */
export const PARTS: readonly Part[] = [
  part(
    "gemm",
    runGemm,
    { full: 45, quick: 3 },
    {
      full: { ...gemm.FULL, ...FULL, sections: ["squares"], sizes: [16, 64, 256, 1024] },
      quick: { ...gemm.QUICK, ...QUICK, sections: ["squares"], sizes: [32, 256] },
    },
  ),
  part(
    "linpack",
    runLinpack,
    { full: 20, quick: 2 },
    {
      full: { ...linpack.FULL, rounds: 3, sections: ["hpl"], budgetMs: 4000 },
      quick: { ...linpack.QUICK, rounds: 3, sections: ["hpl"], budgetMs: 400 },
    },
  ),
  part(
    "stream",
    runStream,
    { full: 15, quick: 3 },
    {
      full: { ...stream.FULL, dtypes: ["float64"] },
      quick: { ...stream.QUICK, dtypes: ["float64"], sweeps: 1 },
    },
  ),
  part(
    "peak",
    runPeak,
    { full: 10, quick: 1.5 },
    {
      full: { ...peak.FULL, ...FULL },
      quick: { ...peak.QUICK, ...QUICK, sections: ["one"] },
    },
  ),
  part(
    "threads",
    runThreads,
    { full: 30, quick: 2.5 },
    {
      full: { ...threads.FULL, ...FULL, sizes: [256, 1024], weakSizes: [512] },
      quick: { ...threads.QUICK, ...QUICK, sections: ["strong"], sizes: [512] },
    },
  ),
  part(
    "latency",
    runLatency,
    { full: 20, quick: 1.5 },
    {
      full: { ...latency.FULL, ...FULL, sizes: [2, 4, 8, 16, 32, 64] },
      quick: {
        ...latency.QUICK,
        ...QUICK,
        dtypes: ["float64"],
        sizes: [4],
        awakeCalls: 500,
        asleepCalls: 30,
      },
    },
  ),
  part(
    "start",
    runStart,
    { full: 8, quick: 1 },
    {
      full: { ...start.FULL, rounds: 3, sizes: [1024] },
      quick: { ...start.QUICK, sections: ["start"], builds: ["strict", "tuned"] },
    },
  ),
  part(
    "arena",
    runArena,
    { full: 12, quick: 1.2 },
    {
      full: { ...arena.FULL, ...FULL, live: [10, 1000, 100_000] },
      quick: { ...arena.QUICK, ...QUICK, sections: ["blocks"], live: [1000] },
    },
  ),
  part(
    "lock",
    runLock,
    { full: 15, quick: 2.5 },
    {
      full: { ...lock.FULL, rounds: 5, sections: ["uncontended", "contended", "wake-up"] },
      quick: { ...lock.QUICK, ...QUICK, sections: ["uncontended"] },
    },
  ),
  part(
    "team",
    runTeam,
    { full: 5, quick: 0.3 },
    {
      full: { ...team.FULL, sections: ["partition", "memory"] },
      quick: { ...team.QUICK, sections: ["partition"] },
    },
  ),
];

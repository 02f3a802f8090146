import { type Part, part } from "../all/run.ts";
import * as gemm from "../gemm/cases.ts";
import { run as runGemm } from "../gemm/run.ts";
import * as peak from "../peak/cases.ts";
import { run as runPeak } from "../peak/run.ts";
import * as stream from "../stream/cases.ts";
import { run as runStream } from "../stream/run.ts";

/** A product large enough for its peak, and products with a vector, which memory brings. */
const KERNELS = { sections: ["squares", "memory"], sizes: [1024], rounds: 5 } as const;

/** What a roofline is made of: its slope, its top, and some kernels below it. */
export const PARTS: readonly Part[] = [
  part("peak", runPeak, { full: 15, quick: 4 }, { full: peak.FULL, quick: peak.QUICK }),
  part(
    "stream",
    runStream,
    { full: 40, quick: 8 },
    { full: stream.FULL, quick: { ...stream.QUICK, dtypes: ["float64"] } },
  ),
  part(
    "gemm",
    runGemm,
    { full: 45, quick: 8 },
    {
      full: { ...gemm.FULL, ...KERNELS },
      quick: { ...gemm.QUICK, ...KERNELS, rounds: 3, builds: ["tuned"], dtypes: ["float64"] },
    },
  ),
];

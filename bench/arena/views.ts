import type { Bench } from "./bench.ts";
import { type Call, time } from "./time.ts";

export const TRANSPOSE = "a.T + release";

/** What a view costs: no bytes move. */
export async function views(bench: Bench): Promise<void> {
  bench.say("views");
  const la = await bench.init({ threads: 1 });
  const a = la.zeros([4, 4]);
  const ours = (what: string, loop: Call["loop"]): Call => ({ who: "blasm", what, loop });
  const typed = new Float64Array(16);
  // Kept, so that no compiler may leave it out.
  const made = { last: typed };
  try {
    await time(bench, "views", "4 × 4", [
      ours(TRANSPOSE, (calls) => {
        for (let i = 0; i < calls; ++i) a.T.release();
      }),
      ours("a.row(1) + release", (calls) => {
        for (let i = 0; i < calls; ++i) a.row(1).release();
      }),
      ours("a.slice([1, 3]) + release", (calls) => {
        for (let i = 0; i < calls; ++i) a.slice([1, 3]).release();
      }),
      ours("a.reshape([16]) + release", (calls) => {
        for (let i = 0; i < calls; ++i) a.reshape([16]).release();
      }),
      {
        who: "Float64Array + GC",
        what: "subarray",
        loop: (calls) => {
          for (let i = 0; i < calls; ++i) made.last = typed.subarray(4, 8);
        },
      },
    ]);
  } finally {
    la.close();
  }
}

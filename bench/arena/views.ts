import { interleave, timedLoop } from "../common/sample.ts";
import type { Bench } from "./bench.ts";

export const TRANSPOSE = "a.T + release";

/** What a view costs: no bytes move. */
export async function views({ init, settings, say, rows }: Bench): Promise<void> {
  say("views");
  const la = await init({ threads: 1 });
  const a = la.zeros([4, 4]);
  const typed = new Float64Array(16);
  let last = typed;
  const calls: { who: string; what: string; loop: (count: number) => void }[] = [
    {
      who: "blasm",
      what: TRANSPOSE,
      loop: (count) => {
        for (let i = 0; i < count; ++i) a.T.release();
      },
    },
    {
      who: "blasm",
      what: "a.row(1) + release",
      loop: (count) => {
        for (let i = 0; i < count; ++i) a.row(1).release();
      },
    },
    {
      who: "blasm",
      what: "a.slice([1, 3]) + release",
      loop: (count) => {
        for (let i = 0; i < count; ++i) a.slice([1, 3]).release();
      },
    },
    {
      who: "blasm",
      what: "a.reshape([16]) + release",
      loop: (count) => {
        for (let i = 0; i < count; ++i) a.reshape([16]).release();
      },
    },
    {
      who: "Float64Array + GC",
      what: "subarray",
      loop: (count) => {
        for (let i = 0; i < count; ++i) last = typed.subarray(4, 8);
      },
    },
  ];
  const samples = await interleave(
    calls.map(({ loop }) => timedLoop(loop)),
    settings,
  );
  for (const [i, { seconds, disturbed }] of samples.entries()) {
    const { who, what } = calls[i]!;
    const values = seconds.map((second) => second * 1e9);
    rows.push({ section: "views", label: "4 × 4", who, what, unit: "ns", values, disturbed });
  }
  // (Read, so that no compiler may leave it out.)
  if (last.length === 0) throw new Error("a view without elements");
  la.close();
}

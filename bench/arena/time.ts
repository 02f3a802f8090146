import { sampled } from "../common/rows.ts";
import { interleave, timedLoop } from "../common/sample.ts";
import type { Bench } from "./bench.ts";
import type { Section } from "./cases.ts";

/** Something that is done again and again. The loop is its own: see timedLoop(). */
export interface Call {
  readonly who: string;
  readonly what: string;
  readonly loop: (calls: number) => void;
}

/** Times calls in turns: a row each, of nanoseconds. */
export async function time(
  { settings, rows }: Bench,
  section: Section,
  label: string,
  calls: readonly Call[],
): Promise<void> {
  const subjects = calls.map(({ loop }) => timedLoop(loop));
  const samples = await interleave(subjects, settings);
  for (const [i, sample] of samples.entries()) {
    const { who, what } = calls[i]!;
    rows.push({ section, label, who, what, unit: "ns", ...sampled(sample, (seconds) => seconds * 1e9) });
  }
}

import type { Build } from "../../src/index.ts";
import { breathe, median } from "../common/sample.ts";
import type { ColdStart } from "../host/host.ts";
import type { Bench } from "./bench.ts";
import { SMALL } from "./cases.ts";
import type { Row } from "./rows.ts";

/** From nothing to a product of 64 × 64, step by step. */
export async function start(bench: Bench): Promise<void> {
  const starts = await inTurns(bench, "start", SMALL);
  for (const [who, own] of starts) bench.rows.push(...startRows(who, own));
}

/** The first large product of a process, beside those that follow. */
export async function first(bench: Bench): Promise<void> {
  for (const n of bench.selection.sizes) {
    const starts = await inTurns(bench, "first", n);
    for (const [who, own] of starts) bench.rows.push(...firstRows(who, n, own));
  }
}

/** Fresh starts of each build in turns. */
async function inTurns(bench: Bench, section: string, n: number): Promise<Map<Build, ColdStart[]>> {
  const { host, selection, settings, say, notes } = bench;
  const starts = new Map<Build, ColdStart[]>(selection.builds.map((build) => [build, []]));
  if (host.coldStart === undefined) {
    notes.push(`${section}: nothing can be started anew here`);
    return new Map();
  }
  for (let round = 0; round < selection.rounds; ++round) {
    for (const [build, own] of starts) {
      say(`${section}: ${build}, n = ${n}, ${round + 1} of ${selection.rounds}`);
      await breathe();
      if (settings.stopped()) return starts;
      const one = await host.coldStart(build, n);
      if (one.build === build) own.push(one);
      else starts.delete(build);
    }
  }
  return starts;
}

/** What the steps of a start are called, in order. */
export const STEPS = [
  ["boot", "until the first line runs"],
  ["load", "import"],
  ["init", "init()"],
  ["product", "first product"],
  ["exit", "until it is gone"],
] as const satisfies readonly (readonly [keyof ColdStart["ms"], string])[];

export const INIT_TO_PRODUCT = "init() to product";
export const IN_ALL = "in all";

/** The rows of one build; none without a start. */
export function startRows(who: string, starts: readonly ColdStart[]): Row[] {
  if (starts.length === 0) return [];
  const row = (what: string, value: (one: ColdStart) => number): Row => {
    const wrong = starts.some(({ right }) => !right);
    const values = wrong ? [] : starts.map(value);
    return { ...{ section: "start", label: String(SMALL), n: SMALL, who, what, unit: "ms" }, values, wrong };
  };
  return [
    ...STEPS.map(([step, what]) => row(what, ({ ms }) => ms[step])),
    row(INIT_TO_PRODUCT, ({ ms }) => ms.init + ms.product),
    row(IN_ALL, ({ ms }) => STEPS.reduce((sum, [step]) => sum + ms[step], 0)),
  ];
}

/** The rows of one build's first large products; none without a start. */
export function firstRows(who: string, n: number, starts: readonly ColdStart[]): Row[] {
  if (starts.length === 0) return [];
  const wrong = starts.some(({ right }) => !right);
  const row = (what: string, ms: (one: ColdStart) => number): Row => ({
    ...{ section: "first", label: String(n), n, who, what, dtype: "float64", unit: "GFLOP/s", wrong },
    values: wrong ? [] : starts.map((one) => (2 * n ** 3) / ms(one) / 1e6),
  });
  return [
    row("first", (one) => one.ms.product),
    row("later", ({ laterMs }) => median(laterMs.slice(laterMs.length / 2))),
  ];
}

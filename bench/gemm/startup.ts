import type { Bench } from "./bench.ts";

const PROCESSES = 5;

/** Milliseconds of init() in fresh processes. */
export async function startup({ host, contestants, settings, rows, say, notes }: Bench): Promise<void> {
  const { fresh } = host;
  if (fresh === undefined) {
    notes.push("init() in fresh processes: only the built package, in a host that starts them, is measured");
    return;
  }
  say("init() in fresh processes");
  const values = contestants.map((): number[] => []);
  for (let round = 0; round < PROCESSES; ++round) {
    for (const [i, { build }] of contestants.entries()) {
      if (!settings.stopped()) values[i]!.push(await fresh.initMs(build));
    }
  }
  for (const [i, { build: who }] of contestants.entries())
    rows.push({ section: "startup", label: "", who, what: "init()", unit: "ms", values: values[i]! });
}

import { dispatch as ofTeam } from "../team/dispatch.ts";
import type { Row as TeamRow } from "../team/rows.ts";
import type { Bench } from "./bench.ts";

/** Calling members of a team that are awake, and that sleep: as the team bench measures it. */
export async function dispatch(bench: Bench): Promise<void> {
  const taken: TeamRow[] = [];
  await ofTeam({ ...bench, rows: taken });
  for (const row of taken) bench.rows.push({ ...row, section: "dispatch", unit: "µs" });
}

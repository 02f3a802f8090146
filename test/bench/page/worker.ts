import { part, runAll } from "../../../bench/all/run.ts";
import * as arena from "../../../bench/arena/cases.ts";
import { run as runArena } from "../../../bench/arena/run.ts";
import * as gemm from "../../../bench/gemm/cases.ts";
import { run as runGemm } from "../../../bench/gemm/run.ts";
import { browserHost } from "../../../bench/host/browser.ts";
import * as lock from "../../../bench/lock/cases.ts";
import { run as runLock } from "../../../bench/lock/run.ts";
import * as team from "../../../bench/team/cases.ts";
import { run as runTeam } from "../../../bench/team/run.ts";
import { init } from "../../../src/index.ts";

// A page's worker: some of each bench, as the page of this package runs them. It posts the results.

const QUICK = { rounds: 2, warmUpMs: 5 };
const seconds = { full: 60, quick: 60 };
const both = <Selection>(selection: Selection) => ({ full: selection, quick: selection });

const PARTS = [
  part(
    "gemm",
    runGemm,
    seconds,
    both({
      ...gemm.QUICK,
      ...QUICK,
      dtypes: ["float64"],
      sections: ["startup", "small", "squares", "shapes"],
      sizes: [64],
      callSizes: [4],
      shapes: [[9, 5, 7]],
    } satisfies gemm.Selection),
  ),
  part(
    "arena",
    runArena,
    seconds,
    both({ ...arena.QUICK, ...QUICK, sections: ["blocks", "views"], live: [10] } satisfies arena.Selection),
  ),
  part(
    "lock",
    runLock,
    seconds,
    both({ ...lock.QUICK, ...QUICK, sections: ["uncontended"] } satisfies lock.Selection),
  ),
  part(
    "team",
    runTeam,
    seconds,
    both({ ...team.QUICK, ...QUICK, sections: ["partition", "taken", "memory"] } satisfies team.Selection),
  ),
];

const failures: string[] = [];
const results = await runAll(PARTS, {
  length: "quick",
  init,
  host: browserHost({ commit: "abc", visibility: () => "visible" }),
  threadModule: new URL("/none.js", location.href),
  say() {},
  stopped: () => false,
  failed: (name, error) => void failures.push(`${name}: ${(error as Error).stack}`),
});
postMessage({ results, failures });

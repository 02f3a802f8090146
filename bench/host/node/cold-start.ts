import { spawn } from "node:child_process";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import type { Build } from "../../../src/index.ts";
import type { ColdStart } from "../host.ts";

/** A process that is silent for so long is given up. */
const PATIENCE_MS = 60_000;

/** Milliseconds of products after the first one, at least. */
const LATER_MS = 400;

/** What a start reports; times in milliseconds since 1970. */
interface Report extends Pick<ColdStart, "build" | "laterMs" | "right"> {
  readonly begun: number;
  readonly loaded: number;
  readonly ready: number;
  readonly multiplied: number;
  readonly ending: number;
}

/** Multiplies ones by twos: every element is 2 n. Small and large, it is called once; large ones again and again. */
const program = (entry: string, build: Build, n: number): string => `
  const now = () => performance.timeOrigin + performance.now();
  const begun = now();
  const { init } = await import(${JSON.stringify(pathToFileURL(entry).href)});
  const loaded = now();
  const la = await init({ build: ${JSON.stringify(build)} });
  const ready = now();
  const a = la.full([${n}, ${n}], 1);
  const b = la.full([${n}, ${n}], 2);
  const c = la.zeros([${n}, ${n}]);
  const start = now();
  la.gemm({ a, b, c });
  const multiplied = now();
  const right = c.data.every((value) => value === ${2 * n});
  const laterMs = [];
  const until = performance.now() + (${n} >= 256 ? ${LATER_MS} : 0);
  do {
    const start = performance.now();
    la.gemm({ a, b, c });
    laterMs.push(performance.now() - start);
  } while (performance.now() < until);
  const made = start - ready;
  const report = { build: la.config().build.chosen, begun, loaded, ready, multiplied: multiplied - made, laterMs, right };
  la.close();
  console.log(JSON.stringify({ ...report, ending: now() }));`;

/** Starts processes of the built package; as this one was started. */
export const coldStarter =
  (entry: string) =>
  async (build: Build, n: number): Promise<ColdStart> => {
    const started = performance.timeOrigin + performance.now();
    const child = spawn(
      process.execPath,
      [...process.execArgv, "--input-type=module", "--eval", program(entry, build, n)],
      { stdio: ["ignore", "pipe", "ignore"], timeout: PATIENCE_MS },
    );
    let output = "";
    child.stdout.on("data", (piece) => {
      output += piece;
    });
    await once(child, "close");
    const ended = performance.timeOrigin + performance.now();
    if (output === "") throw new Error(`a fresh process printed nothing and ended with ${child.exitCode}`);
    const { begun, loaded, ready, multiplied, ending, ...rest } = JSON.parse(output) as Report;
    const ms = {
      boot: begun - started,
      load: loaded - begun,
      init: ready - loaded,
      product: multiplied - ready,
      exit: ended - ending,
    };
    return { ...rest, ms };
  };

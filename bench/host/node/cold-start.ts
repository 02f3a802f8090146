import { spawn } from "node:child_process";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import type { Build } from "../../../src/index.ts";
import type { ColdStart } from "../host.ts";

/** A process that is silent for so long is given up. */
const PATIENCE_MS = 60_000;

/** Milliseconds of products after the first one, at least. */
const LATER_MS = 400;

/** Sides above it are of large products. */
const LARGE = 64;

/** What a start reports: times in milliseconds since 1970, and how long the first product took. */
interface Report extends Pick<ColdStart, "build" | "laterMs" | "right"> {
  readonly begun: number;
  readonly loaded: number;
  readonly ready: number;
  readonly product: number;
  readonly ending: number;
}

/**
 * Multiplies ones by twos: every element is 2 n. A large product is a matter of one thread, whose code is as good as it will be or is not;
 * a team is there later.
 */
const program = (entry: string, build: Build, n: number): string => `
  const now = () => performance.timeOrigin + performance.now();
  const begun = now();
  const { init } = await import(${JSON.stringify(pathToFileURL(entry).href)});
  const loaded = now();
  const la = await init(${JSON.stringify(n > LARGE ? { build, threads: 1 } : { build })});
  const ready = now();
  const a = la.full([${n}, ${n}], 1);
  const b = la.full([${n}, ${n}], 2);
  const c = la.zeros([${n}, ${n}]);
  const multiply = () => {
    const start = performance.now();
    la.gemm({ a, b, c });
    return performance.now() - start;
  };
  const product = multiply();
  const right = c.data.every((value) => value === ${2 * n});
  const laterMs = [];
  const until = performance.now() + ${n > LARGE ? LATER_MS : 0};
  do laterMs.push(multiply()); while (performance.now() < until);
  const build = la.config().build.chosen;
  la.close();
  console.log(JSON.stringify({ build, begun, loaded, ready, product, laterMs, right, ending: now() }));`;

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
    const { begun, loaded, ready, product, ending, ...rest } = JSON.parse(output) as Report;
    const ms = {
      boot: begun - started,
      load: loaded - begun,
      init: ready - loaded,
      product,
      exit: ended - ending,
    };
    return { ...rest, ms };
  };

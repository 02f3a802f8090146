import type { Build, init } from "../../src/index.ts";
import type { ColdStart } from "./host.ts";

/** What a fresh start reports: times in milliseconds since 1970, and how long the first product took. */
export interface ColdReport extends Pick<ColdStart, "build" | "laterMs" | "right"> {
  readonly begun: number;
  readonly loaded: number;
  readonly ready: number;
  readonly product: number;
  readonly ending: number;
}

export const now = (): number => performance.timeOrigin + performance.now();

/**
 * What is run by whoever is started anew. Multiplies ones by twos: every element is 2 n. A large product is a matter of one thread,
 * whose code is as good as it will be or is not; a team is there later. Its text is a program in node/: it refers to nothing outside.
 */
export async function reportStart(
  load: () => Promise<{ init: typeof init }>,
  build: Build,
  n: number,
): Promise<ColdReport> {
  const time = (): number => performance.timeOrigin + performance.now();
  const large = n > 64;
  const begun = time();
  const library = await load();
  const loaded = time();
  const la = await library.init(large ? { build, threads: 1 } : { build });
  const ready = time();
  const a = la.full([n, n], 1);
  const b = la.full([n, n], 2);
  const c = la.zeros([n, n]);
  const multiply = (): number => {
    const start = performance.now();
    la.gemm({ a, b, c });
    return performance.now() - start;
  };
  const product = multiply();
  const right = c.data.every((value) => value === 2 * n);
  const laterMs: number[] = [];
  const until = performance.now() + (large ? 400 : 0);
  do laterMs.push(multiply());
  while (performance.now() < until);
  const { chosen } = la.config().build;
  la.close();
  return { build: chosen, begun, loaded, ready, product, laterMs, right, ending: time() };
}

/** A report with what was seen from outside: when it was started, and had ended. */
export function coldStartOf(
  { begun, loaded, ready, product, ending, ...rest }: ColdReport,
  started: number,
  ended: number,
): ColdStart {
  const ms = {
    boot: begun - started,
    load: loaded - begun,
    init: ready - loaded,
    product,
    exit: ended - ending,
  };
  return { ...rest, ms };
}

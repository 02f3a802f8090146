// .ci/run checks this where only the packed package is installed.
import {
  BlasmError,
  type Config,
  type Context,
  type InitOptions,
  init,
  type NDArray,
  ShapeError,
} from "blasm";
import { attach, type Held, Lock, type LockError } from "blasm/sync";

const options: InitOptions = {
  build: "strict",
  memory: { initial: "16 MiB" },
  microKernel: { float32: "4x2" },
};
const la: Context = await init(options);
const a: NDArray = la.random([3, 4], { seed: 1, dtype: "float32" });
using b = la.array([
  [1, 2],
  [3, 4],
  [5, 6],
]);
const c: NDArray = la.matmul(a.T, b);
const shape: readonly number[] = c.shape;
const data: Float32Array | Float64Array = c.data;
la.gemm({ transA: "T", alpha: 2, a, b, beta: 0, c });
const kept: NDArray = la.scope(() => la.zeros([2, 2]));
kept.release();
const config: Config = la.config();
const first: number | undefined = shape[0];
export const chosen: string = `${config.build.chosen} ${first} ${data.length}`;

const lock: Lock = new Lock(new Int32Array(new SharedArrayBuffer(Lock.BYTES)));
const same: Lock = attach(lock.share());
{
  using held: Held = same.hold();
  held.release();
}
const sum: Promise<number> = lock.withLockAsync(async () => 1 + 2);
const thread = la.spawn<number>(new URL("./worker.js", "file:///"), [la.lock(), a, 5]);
const joined: number = thread.join({ timeoutMs: 1000 }) + (await thread.joinAsync()) + (await sum);
const code: LockError["code"] = "ABANDONED";
export const threads: string = `${joined} ${code}`;

// @ts-expect-error: no such build
await init({ build: "fast" });
// @ts-expect-error: shapes are read-only
c.shape[0] = 3;

try {
  la.matmul(a, a);
} catch (error) {
  if (error instanceof ShapeError) console.log(error.code satisfies string);
  else if (error instanceof BlasmError) throw error;
}
la.close();

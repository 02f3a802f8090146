/// <reference lib="esnext.disposable" preserve="true" />
// The public names, but for init(), which differs from entry to entry.

export { type ArenaSnapshot, ArenaView, type Leak } from "./arena-view.ts";
export type { ArrayLike, CreateOptions, NumberArray, RandomOptions } from "./array/create.ts";
export type { DTypeName } from "./array/dtype.ts";
export { NDArray, type NestedArray, type SharedArray } from "./array/ndarray.ts";
export type { HeatmapOptions } from "./array/pictures.ts";
export type { SliceRange } from "./array/shape.ts";
export { Picture } from "./base/picture.ts";
export {
  Context,
  type ContextShare,
  type GilOptions,
  type InitOptions,
  type LoadNpyOptions,
  type SaveNpyOptions,
  type ThreadMain,
} from "./context.ts";
export type { Config } from "./describe.ts";
export {
  ArenaFullError,
  BlasmError,
  ClosedError,
  CorruptError,
  DTypeError,
  FormatError,
  LockError,
  type LockErrorCode,
  ReleasedError,
  ShapeError,
  SingularError,
  TeamError,
  UnsupportedError,
} from "./errors.ts";
// For the threads that this package starts, and for its build.
export { forUnsharedMemory } from "./kernels/binaries.ts";
export type { Build } from "./kernels/builds.ts";
export type { DType, MicroKernel } from "./kernels/exports.ts";
export type { WasmOptions, WasmSource } from "./kernels/source.ts";
export type { ArenaCheck } from "./memory/arena.ts";
export type { HistoryEvent } from "./memory/history.ts";
export type { MemoryOptions } from "./memory/linear.ts";
export type { MapOptions } from "./memory/map-axis.ts";
export type { ArenaStats, BlockInfo } from "./memory/snapshot.ts";
export type { TimelineOptions } from "./memory/timeline.ts";
export type { GemmAsyncOptions, GemmOptions, Transpose } from "./ops/gemm.ts";
export type { LaterOptions } from "./ops/later.ts";
export {
  Linalg,
  type LuFactorAsyncOptions,
  type LuFactorOptions,
  type LuFactors,
  type LuOptions,
  type LuResult,
  type LuSolveOptions,
  type SolveTriangularOptions,
} from "./ops/linalg.ts";
export type { MatmulAsyncOptions, MatmulOptions } from "./ops/matmul.ts";
export type { TrsmOptions } from "./ops/trsm.ts";
export type { Blocking } from "./plan/blocking.ts";
export { attach } from "./start.ts";
export { Barrier, type BarrierOptions } from "./sync/barrier.ts";
export { Condition } from "./sync/condition.ts";
export { Event } from "./sync/event.ts";
export { Gil } from "./sync/gil.ts";
export type { PictureOptions } from "./sync/lanes.ts";
export { Lock } from "./sync/lock.ts";
export type { AcquireOptions, Held } from "./sync/lockable.ts";
export { Trace } from "./sync/picture.ts";
export { RLock } from "./sync/rlock.ts";
export { BoundedSemaphore, Semaphore } from "./sync/semaphore.ts";
export type { Activity, Span } from "./sync/trace.ts";
export type { TimeLimit } from "./sync/wait.ts";
export type { Agent, Primitive, Shared } from "./sync/words.ts";
export { workerProgram } from "./team/host.ts";
export { Thread } from "./team/threads.ts";
export { enterWorker } from "./worker.ts";

/// <reference lib="esnext.disposable" preserve="true" />
export type { ArrayLike, CreateOptions, NumberArray, RandomOptions } from "./array/create.ts";
export type { DTypeName } from "./array/dtype.ts";
export { NDArray, type NestedArray } from "./array/ndarray.ts";
export type { SliceRange } from "./array/shape.ts";
export {
  type ArenaView,
  Context,
  type InitOptions,
  init,
  type LoadNpyOptions,
  type SaveNpyOptions,
} from "./context.ts";
export type { Config } from "./describe.ts";
export {
  ArenaFullError,
  BlasmError,
  ClosedError,
  DTypeError,
  FormatError,
  ReleasedError,
  ShapeError,
  UnsupportedError,
} from "./errors.ts";
export type { Build } from "./kernels/builds.ts";
export type { DType, MicroKernel } from "./kernels/exports.ts";
export type { MemoryOptions } from "./memory/linear.ts";
export type { ArenaStats, BlockInfo } from "./memory/snapshot.ts";
export type { GemmOptions, Transpose } from "./ops/gemm.ts";
export type { MatmulOptions } from "./ops/matmul.ts";
export type { Blocking } from "./plan/blocking.ts";

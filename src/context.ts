import { version } from "../package.json";
import * as create from "./array/create.ts";
import { NDArray } from "./array/ndarray.ts";
import { checkOptions, isContiguous } from "./array/shape.ts";
import { ArrayStore } from "./array/store.ts";
import { type Config, describe } from "./describe.ts";
import { UnsupportedError } from "./errors.ts";
import { blobReader, bytesReader } from "./io/bytes.ts";
import { readNpy, writeNpy } from "./io/npy.ts";
import { agree } from "./kernels/accept.ts";
import { type Binaries, forUnsharedMemory, loadBinaries } from "./kernels/binaries.ts";
import { BUILDS, type Build } from "./kernels/builds.ts";
import type { DType, MicroKernel } from "./kernels/exports.ts";
import { detectFeatures, type Features, isFused } from "./kernels/features.ts";
import { itemSize } from "./kernels/job.ts";
import { instantiateKernels } from "./kernels/load.ts";
import { checkOverride, type Selection, selectionFor } from "./kernels/select.ts";
import type { KernelTable } from "./kernels/table.ts";
import { compileTuned } from "./kernels/window.ts";
import { Arena } from "./memory/arena.ts";
import { JOBS, SCRATCH, SCRATCH_BYTES } from "./memory/layout.ts";
import { createLinearMemory, type LinearMemory, type MemoryOptions } from "./memory/linear.ts";
import type { ArenaStats, BlockInfo } from "./memory/snapshot.ts";
import { type GemmOptions, gemm } from "./ops/gemm.ts";
import { type MatmulOptions, matmul } from "./ops/matmul.ts";
import { type Engine, workbench } from "./ops/multiply.ts";
import { ours } from "./ops/operands.ts";
import { BLOCKING } from "./plan/blocking.ts";
import { detectHost, type Host } from "./team/host.ts";

/** Options of init(). */
export interface InitOptions {
  /**
   * "strict": the same bits on every engine and CPU. "relaxed": fused multiply-add where the CPU has it. "tuned": relaxed,
   * compiled by V8 for 256-bit registers where that can be had (Node 24 and newer on x86-64). Default: relaxed where the
   * engine has relaxed SIMD, else strict. What cannot be had falls back; `config().build.reason` says why.
   */
  build?: Build;
  /** Threads asked for, the caller included, 1 to 1024. One is used so far. */
  threads?: number;
  /** Initial and maximum size, shared or not. */
  memory?: MemoryOptions;
  /** Micro-kernels to use instead of measuring; rows × vectors, as "6x2". The results' bits do not depend on it. */
  microKernel?: { float32?: MicroKernel; float64?: MicroKernel };
}

/** Options of loadNpy(). */
export interface LoadNpyOptions {
  /** Integers and booleans become float64; without it they are an error. */
  convert?: boolean;
  /** Called after each piece of at most 4 MiB. */
  onProgress?: (doneBytes: number, totalBytes: number) => void;
  /** Looked at before each piece; the promise is then rejected with its reason. */
  signal?: AbortSignal;
}

/** Options of saveNpy(). */
export interface SaveNpyOptions {
  /** Called after each piece of at most 4 MiB. */
  onProgress?: (doneBytes: number, totalBytes: number) => void;
  /** Looked at before each piece; the promise is then rejected with its reason. */
  signal?: AbortSignal;
}

/** The arena as its users see it. */
export interface ArenaView {
  /** Sizes and counts now. */
  stats(): ArenaStats;
  /** Every block and hole in address order. */
  blocks(): BlockInfo[];
}

/** What init() has found out, and config() tells. */
interface Setup {
  readonly host: Host;
  readonly features: Features;
  readonly asked: InitOptions;
  readonly build: Build;
  readonly buildReason: string;
  readonly available: readonly Build[];
  readonly fused: boolean;
}

/**
 * A memory, its arena, and the kernels over it: what init() returns. Arrays belong to the context that made them.
 */
export class Context {
  /** The memory behind the arrays, to look at. */
  readonly arena: ArenaView;
  readonly #store: ArrayStore;
  readonly #engine: Engine;
  readonly #setup: Setup;

  /** @internal */
  constructor(store: ArrayStore, engine: Engine, setup: Setup) {
    this.#store = store;
    this.#engine = engine;
    this.#setup = setup;
    this.arena = { stats: () => store.arena.stats(), blocks: () => store.arena.list() };
  }

  /**
   * An array from nested arrays, typed arrays, or another array (copied, also from another context or to another dtype).
   * @throws ShapeError where nested arrays are ragged, DTypeError for what is no number, ArenaFullError.
   */
  array(value: create.ArrayLike, options?: create.CreateOptions): NDArray {
    return create.array(this.#store, value, options);
  }

  /**
   * An array from the elements of a typed array in C order. Float32Array gives float32, all others float64, unless asked
   * otherwise. Without a shape it is 1-D.
   * @throws ShapeError if the number of elements differs, DTypeError, ArenaFullError.
   */
  fromTyped(
    typed: create.NumberArray,
    shape?: number | readonly number[],
    options?: create.CreateOptions,
  ): NDArray {
    return create.fromTyped(this.#store, typed, shape, options);
  }

  /** All elements 0. @throws ShapeError, ArenaFullError. */
  zeros(shape: number | readonly number[], options?: create.CreateOptions): NDArray {
    return create.full(this.#store, shape, 0, options, "zeros");
  }

  /** All elements 1. @throws ShapeError, ArenaFullError. */
  ones(shape: number | readonly number[], options?: create.CreateOptions): NDArray {
    return create.full(this.#store, shape, 1, options, "ones");
  }

  /** All elements `value`. @throws ShapeError, ArenaFullError. */
  full(shape: number | readonly number[], value: number, options?: create.CreateOptions): NDArray {
    return create.full(this.#store, shape, value, options, "full");
  }

  /** A matrix with ones on diagonal `k` (0 the main one, positive above it). @throws ShapeError, ArenaFullError. */
  eye(rows: number, columns?: number, options?: create.CreateOptions & { k?: number }): NDArray {
    return create.eye(this.#store, rows, columns, options);
  }

  /** start, start + step, … below stop. @throws ShapeError for an endless range, ArenaFullError. */
  arange(start: number, stop?: number, step = 1, options?: create.CreateOptions): NDArray {
    return stop === undefined
      ? create.arange(this.#store, 0, start, step, options)
      : create.arange(this.#store, start, stop, step, options);
  }

  /**
   * Uniform in [0, 1): bit for bit the stream of NumPy's `default_rng(seed).random(shape, dtype=…)`.
   * @throws UnsupportedError (`OPTION`) for a seed that is no whole number ≥ 0, ShapeError, ArenaFullError.
   */
  random(shape: number | readonly number[], options?: create.RandomOptions): NDArray {
    return create.random(this.#store, shape, options);
  }

  /**
   * Normal with mean 0 and variance 1: the stream of NumPy's `default_rng(seed).standard_normal(shape, dtype=…)`. (Of 10⁸
   * float64 draws about one differs by an ulp: in the tail, where NumPy itself depends on the C library's log1p.)
   * @throws UnsupportedError (`OPTION`) for a seed that is no whole number ≥ 0, ShapeError, ArenaFullError.
   */
  standardNormal(shape: number | readonly number[], options?: create.RandomOptions): NDArray {
    return create.standardNormal(this.#store, shape, options);
  }

  /**
   * The product of NumPy's `np.matmul`: of 1-D and 2-D arrays, and of stacks of matrices whose leading axes broadcast.
   * Any strides; transposes cost nothing. Every element is summed over k in one fixed order (see the README, "Numerics").
   *
   * @throws ShapeError where shapes do not match or `out` overlaps an operand (`OVERLAP`), DTypeError for mixed dtypes,
   * ArenaFullError, ReleasedError, UnsupportedError (`FOREIGN`) for arrays of another context.
   */
  matmul(a: create.ArrayLike, b: create.ArrayLike, options?: MatmulOptions): NDArray {
    return matmul(this.#engine, this.#store, a, b, options);
  }

  /**
   * BLAS's gemm: C <- alpha op(A) op(B) + beta C, into an existing matrix, which it returns. With beta = 0 C is not read;
   * with alpha = 0 or k = 0, A and B are not.
   *
   * @throws as matmul(), and UnsupportedError (`OPTION`) for anything but "N" and "T".
   */
  gemm(options: GemmOptions): NDArray {
    return gemm(this.#engine, this.#store, options);
  }

  /**
   * Runs `fn` and releases every array made inside, but those it returns (alone, in arrays, or in plain objects) and
   * those it holds more often than once (retain()). Also if it throws.
   *
   * @throws UnsupportedError if `fn` returns a promise: arrays that others make meanwhile would be released, too.
   */
  scope<R>(fn: () => R): R {
    const made: NDArray[] = [];
    this.#store.checkOpen();
    this.#store.scopes.push(made);
    const kept = new Set<NDArray>();
    try {
      const result = fn();
      if (typeof (result as { then?: unknown } | null)?.then === "function") {
        throw new UnsupportedError(
          "scope: fn is asynchronous. Use `using`, or release() in a finally block.",
        );
      }
      collect(result, kept);
      return result;
    } finally {
      this.#store.scopes.pop();
      for (const array of made) if (!kept.has(array) && !array.released) array.release();
      // What leaves this scope belongs to the one around it.
      for (const array of kept) if (made.includes(array)) this.#store.scopes.at(-1)?.push(array);
    }
  }

  /**
   * Reads an `.npy` file (versions 1 to 3, float32 and float64 of either byte order, C or Fortran order) straight into
   * the arena. A Fortran-ordered file gives a transposed view: nothing is moved.
   *
   * @param source a path or file URL (where the host has files), the bytes, or a Blob (a dropped File).
   * @throws FormatError saying at which byte the file is wrong, DTypeError for elements that are neither (see `convert`),
   * ArenaFullError; nothing stays allocated.
   */
  async loadNpy(
    source: string | URL | Uint8Array | ArrayBuffer | Blob,
    options: LoadNpyOptions = {},
  ): Promise<NDArray> {
    checkOptions(options, { convert: true, onProgress: true, signal: true }, "loadNpy");
    this.#store.checkOpen();
    const reader =
      typeof source === "string" || source instanceof URL
        ? await this.#setup.host.openSource(source)
        : source instanceof Blob
          ? blobReader(source)
          : bytesReader(source);
    const { array, order } = await readNpy(reader, {
      ...options,
      allocate: (shape, dtype, order) => {
        const array = this.#store.allocate(order === "C" ? shape : [...shape].reverse(), dtype);
        const bytes = array.size * itemSize(dtype);
        return {
          array,
          order,
          bytes: () => this.#store.linear.bytes(array.address, bytes),
          discard: () => array.release(),
        };
      },
    });
    if (order === "C") return array;
    const transposed = array.T;
    array.release();
    return transposed;
  }

  /**
   * Writes an array as an `.npy` file, as `np.save` does (bit for bit, for what is C-contiguous; a transposed view of it
   * is written in Fortran order; other strides are copied first).
   *
   * @throws UnsupportedError in a host without files: take `npyBytes()`. ReleasedError.
   */
  async saveNpy(array: NDArray, path: string | URL, options: SaveNpyOptions = {}): Promise<void> {
    checkOptions(options, { onProgress: true, signal: true }, "saveNpy");
    await this.#write("saveNpy", array, () => this.#setup.host.openTarget(path), options);
  }

  /**
   * An array as the bytes of an `.npy` file: for a download, or a host without files.
   * @throws ReleasedError, UnsupportedError (`FOREIGN`), ArenaFullError where a strided array must be copied first.
   */
  async npyBytes(array: NDArray): Promise<Uint8Array<ArrayBuffer>> {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    const sink = {
      write: async (bytes: Uint8Array<ArrayBuffer>) => void pieces.push(bytes),
      close: async () => {},
    };
    await this.#write("npyBytes", array, async () => sink, {});
    return new Uint8Array(await new Blob(pieces).arrayBuffer());
  }

  async #write(
    where: string,
    array: NDArray,
    open: () => Promise<Parameters<typeof writeNpy>[0]>,
    options: SaveNpyOptions,
  ): Promise<void> {
    const { shape } = ours(this.#store, where, array);
    const [reversedShape, reversedStrides] = [[...shape].reverse(), [...array.strides].reverse()];
    const fortranOrder = !array.isContiguous && isContiguous(reversedShape, reversedStrides);
    // What is written is held until it is, even if the caller releases it, or leaves a scope, meanwhile. (Not `using`: what
    // it becomes for Node 20 weighs 0.4 kB.)
    const source = fortranOrder || array.isContiguous ? array.retain() : array.copy().retain();
    const { linear } = this.#store;
    const { address, size, dtype } = source;
    const bytes = size * itemSize(dtype);
    const piece = 4 * 2 ** 20;
    const pieces = function* (): Iterable<Uint8Array> {
      for (let at = 0; at < bytes; at += piece) yield linear.bytes(address + at, Math.min(piece, bytes - at));
    };
    try {
      await writeNpy(await open(), { shape, dtype, fortranOrder, pieces }, options);
    } finally {
      source.release();
      if (source !== array && !source.released) source.release();
    }
  }

  /** What this context is and why, as data. */
  config(): Config {
    const { host, features, asked, build, buildReason, available, fused } = this.#setup;
    const { selection } = this.#engine;
    const kernels = (dtype: DType): Config["microKernels"][DType] => ({
      chosen: selection[dtype].chosen,
      reason: selection[dtype].reason,
      candidates: selection[dtype].candidates.map((candidate) => ({ ...candidate })),
    });
    const { linear } = this.#store;
    const { runtime, version: hostVersion, engine, v8, architecture, cpu, cores } = host;
    return {
      version,
      host: { runtime, version: hostVersion, engine, v8, architecture, cpu, cores },
      features: { ...features, fusedMultiplyAdd: fused },
      build: { asked: asked.build ?? "default", chosen: build, reason: buildReason, available },
      microKernels: { float32: kernels("float32"), float64: kernels("float64") },
      blocking: BLOCKING,
      memory: {
        shared: linear.shared,
        committed: linear.size,
        maximum: linear.maximum,
        scratch: SCRATCH_BYTES,
        reason: linear.reason ?? "as asked",
      },
      threads: {
        asked: asked.threads ?? "default",
        used: 1,
        reason: "this release computes on the calling thread",
      },
      advice: advise(host, asked.build),
    };
  }

  /** Prints config() as text, as np.show_config() does. */
  showConfig(): void {
    console.log(describe(this.config()));
  }

  /**
   * Ends the context: its arrays can no longer be used. Its memory is the garbage collector's once nothing refers to the
   * context or its arrays any more.
   */
  close(): void {
    this.#store.closed = true;
  }
}

/** Arrays in a value: itself, or elements of arrays and of plain objects. */
function collect(value: unknown, into: Set<NDArray>, seen = new Set<object>()): void {
  if (value instanceof NDArray) into.add(value);
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    for (const item of Object.values(value)) collect(item, into, seen);
  }
}

function advise(host: Host, asked: Build | undefined): string[] {
  const v8 = Number.parseFloat(host.v8 ?? "0");
  if (host.runtime !== "node" || host.architecture !== "x64") return [];
  if (v8 < 13)
    return ["Node 24 or newer has the tuned build with 256-bit registers: two to three times this speed."];
  return asked === undefined ? ['init({ build: "tuned" }) doubles the speed on CPUs with AVX2.'] : [];
}

/** @throws UnsupportedError (`OPTION`) for options out of range. */
function checkInit(options: InitOptions): void {
  checkOptions(options, { build: true, threads: true, memory: true, microKernel: true }, "init");
  checkOptions(options.memory, { initial: true, maximum: true, shared: true }, "init: memory");
  checkOptions(options.microKernel, { float32: true, float64: true }, "init: microKernel");
  const { build, threads } = options;
  if (build !== undefined && !BUILDS.includes(build)) {
    throw new UnsupportedError(
      `init: build ${JSON.stringify(build)}; the builds are ${BUILDS.join(", ")}.`,
      "OPTION",
    );
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 1024)) {
    throw new UnsupportedError(`init: threads ${threads} is no whole number from 1 to 1024.`, "OPTION");
  }
}

/**
 * Makes a context: one memory with an arena in it, and the kernels compiled for this engine.
 *
 * @throws UnsupportedError if the engine has no WebAssembly SIMD, or an option is unknown or out of range; ArenaFullError
 * if the host grants no memory.
 */
export async function init(options: InitOptions = {}): Promise<Context> {
  checkInit(options);
  const overrides = {
    float32: checkOverride("float32", options.microKernel?.float32),
    float64: checkOverride("float64", options.microKernel?.float64),
  };
  const host = detectHost();
  const binaries = await loadBinaries();
  const features = detectFeatures(binaries);
  if (!features.simd) {
    throw new UnsupportedError(
      `This engine (${host.runtime} ${host.version}) has no 128-bit WebAssembly SIMD. Node 16.4, Chromium 91, Firefox 89, Safari 16.4 or newer have it.`,
    );
  }
  const linear = createLinearMemory(options.memory ?? {}, SCRATCH + SCRATCH_BYTES + 2 ** 16);
  const built = await instantiate(options.build, binaries, features, host, linear);
  const selection = (dtype: DType): Selection => selectionFor(built.build, dtype, host, overrides[dtype]);
  const engine: Engine = {
    kernels: built.kernels,
    linear,
    job: JOBS,
    scratch: SCRATCH,
    selection: { float32: selection("float32"), float64: selection("float64") },
    now: host.now,
  };
  const fused = isFused(built.kernels, workbench(engine));
  const store = new ArrayStore(new Arena(linear, SCRATCH + SCRATCH_BYTES), built.kernels);
  return new Context(store, engine, {
    host,
    features,
    asked: options,
    build: built.build,
    buildReason: built.reason,
    available: built.available,
    fused,
  });
}

interface Built {
  readonly kernels: KernelTable;
  readonly build: Build;
  readonly reason: string;
  readonly available: readonly Build[];
}

/** Compiles and instantiates the build asked for, or the best below it. */
async function instantiate(
  asked: Build | undefined,
  binaries: Binaries,
  features: Features,
  host: Host,
  linear: LinearMemory,
): Promise<Built> {
  const bytesOf = (name: "strict" | "relaxed"): Uint8Array<ArrayBuffer> =>
    linear.shared ? binaries[name] : forUnsharedMemory(binaries[name]);
  const load = async (name: "strict" | "relaxed"): Promise<KernelTable> =>
    instantiateKernels(await WebAssembly.compile(bytesOf(name)), linear.memory);
  const { relaxedSimd } = features;
  const available: Build[] = relaxedSimd ? ["strict", "relaxed"] : ["strict"];
  const noRelaxed = "this engine has no relaxed SIMD";

  if (asked === "tuned") {
    const tuned = await compileTuned(bytesOf("relaxed"), host);
    if (tuned.module !== undefined) {
      const kernels = instantiateKernels(tuned.module, linear.memory);
      const reference = tuned.reference
        ? instantiateKernels(tuned.reference, linear.memory)
        : await load("relaxed");
      const bench = workbench({ linear, job: JOBS, scratch: SCRATCH });
      if (agree(reference, kernels, bench)) {
        return { kernels, build: "tuned", reason: tuned.gain, available: [...available, "tuned"] };
      }
      return {
        kernels: reference,
        build: "relaxed",
        reason: "tuned was dropped: its results differed from the relaxed build's",
        available,
      };
    }
    const fallback = relaxedSimd ? "relaxed" : "strict";
    return {
      kernels: await load(fallback),
      build: fallback,
      reason: `no tuned build: ${tuned.reason}`,
      available,
    };
  }
  const build = asked === "strict" || !relaxedSimd ? "strict" : "relaxed";
  const reason =
    asked === build
      ? "asked for"
      : build === "relaxed"
        ? "the default where relaxed SIMD is there"
        : noRelaxed;
  return { kernels: await load(build), build, reason, available };
}

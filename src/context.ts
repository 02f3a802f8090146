import { ArenaView } from "./arena-view.ts";
import * as create from "./array/create.ts";
import { NDArray, type SharedArray } from "./array/ndarray.ts";
import { checkOptions, isContiguous } from "./array/shape.ts";
import type { ArrayStore } from "./array/store.ts";
import { refuseOtherCopy } from "./base/copies.ts";
import { type Config, describe } from "./describe.ts";
import { UnsupportedError } from "./errors.ts";
import { blobReader, bytesReader } from "./io/bytes.ts";
import { readNpy, writeNpy } from "./io/npy.ts";
import type { Build } from "./kernels/builds.ts";
import type { DType, MicroKernel } from "./kernels/exports.ts";
import type { Features } from "./kernels/features.ts";
import { itemSize } from "./kernels/job.ts";
import type { WasmOptions } from "./kernels/source.ts";
import type { BlockHandle } from "./memory/block.ts";
import { labelled } from "./memory/label.ts";
import { SCRATCH_BYTES } from "./memory/layout.ts";
import type { MemoryOptions } from "./memory/linear.ts";
import { serveApart } from "./ops/apart.ts";
import { type GemmAsyncOptions, type GemmOptions, gemm, gemmAsync } from "./ops/gemm.ts";
import { Linalg } from "./ops/linalg.ts";
import { type MatmulAsyncOptions, type MatmulOptions, matmul, matmulAsync } from "./ops/matmul.ts";
import type { Engine } from "./ops/multiply.ts";
import { ours } from "./ops/operands.ts";
import { performPublished, rehearse } from "./ops/together.ts";
import { type TrsmOptions, trsm } from "./ops/trsm.ts";
import { BLOCKING } from "./plan/blocking.ts";
import { Barrier, type BarrierOptions } from "./sync/barrier.ts";
import { Condition } from "./sync/condition.ts";
import { Event } from "./sync/event.ts";
import { Gil } from "./sync/gil.ts";
import { Lock } from "./sync/lock.ts";
import { RLock } from "./sync/rlock.ts";
import { BoundedSemaphore, Semaphore } from "./sync/semaphore.ts";
import { MEMBERS_MAX } from "./sync/ticket.ts";
import { DISPOSE } from "./sync/wait.ts";
import type { Agent, Primitive, Shared } from "./sync/words.ts";
import type { Host, Port } from "./team/host.ts";
import { serve, spinsOf } from "./team/member.ts";
import type { Thread, Threads } from "./team/threads.ts";
import { adopt, pack, type SharedThing, unpack } from "./wire.ts";

/** Options of init(). */
export interface InitOptions {
  /**
   * Notices deadlocks: a blocking acquire that closes a cycle of locks and holders throws instead of hanging. Keeps guards
   * around blocks, fills new and freed memory with NaN, and tells in ReleasedError and arena.leaks() where a block was
   * allocated and released. Slower.
   */
  debug?: boolean;
  /**
   * "strict": the same bits on every engine and CPU. "relaxed": fused multiply-add where the CPU has it. "tuned": relaxed,
   * compiled by V8 for 256-bit registers where that can be had (Node 24 and newer on x86-64). Default: relaxed where the
   * engine has relaxed SIMD, else strict. What cannot be had falls back; `config().build.reason` says why.
   */
  build?: Build;
  /**
   * How many threads compute a product, the caller included, 1 to 65. Default: the cores of this process; in a browser half of
   * them if they are more than four, since it counts each core twice. They are started with the first product that is large
   * enough, or at once with `prewarm`.
   */
  threads?: number;
  /** Starts the threads at once: init() does not wait for them. */
  prewarm?: boolean;
  /**
   * Where the program of the threads lies, for pages whose Content-Security-Policy allows neither `blob:` nor `data:` for
   * workers: dist/worker.js of this package, from the page's own origin. Default: it is in this file.
   */
  workerURL?: string | URL;
  /** Where the kernels come from, instead of this file. */
  wasm?: WasmOptions;
  /** The kernels, compiled already: for engines that compile no bytes. One of this package's .wasm files, which says what it is. */
  module?: WebAssembly.Module;
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

/** What init() has found out, and config() tells. */
export interface Setup {
  readonly host: Host;
  readonly features: Features;
  readonly asked: InitOptions;
  readonly build: Build;
  readonly buildReason: string;
  readonly available: readonly Build[];
  readonly fused: boolean;
}

/** A context's place among the threads of its memory. */
export interface Home {
  readonly agent: Agent;
  /** Undefined where no other thread can be. */
  readonly threads: Threads | undefined;
  /** What other threads need to attach. */
  readonly shared: ContextShare;
  /** Ends this thread's part in it. */
  readonly leave: () => void;
}

/** What `la.share()` gives and attach() takes: a context for postMessage(). The memory in it is shared, not copied. */
export interface ContextShare {
  readonly blasm: "Context";
  /** Of the package: another may lay its memory out in another way. */
  readonly version: string;
  readonly memory: WebAssembly.Memory;
  readonly maximum: number;
  readonly module: WebAssembly.Module;
  readonly options: InitOptions;
  readonly features: Features;
  readonly build: Pick<Setup, "build" | "buildReason" | "available">;
}

/** @throws UnsupportedError (`OPTION`) for what is no number of threads. */
export function checkThreads(where: string, threads: number): void {
  if (Number.isInteger(threads) && threads >= 1 && threads <= MEMBERS_MAX + 1) return;
  throw new UnsupportedError(
    `${where}: threads ${threads} is no whole number from 1 to ${MEMBERS_MAX + 1}.`,
    "OPTION",
  );
}

/** Options of gil(). */
export interface GilOptions {
  /** Events that gil.trace() has room for, 12 bytes each. Default 4096. */
  traceEvents?: number;
}

/** What runs in a thread: what spawn() is given, or what the module that it is given exports by default. */
export type ThreadMain<R = unknown> = (la: Context, ...args: never[]) => R | Promise<R>;

/**
 * A memory, its arena, and the kernels over it: what init() returns. Arrays belong to the context that made them.
 */
export class Context {
  /** The memory behind the arrays, to look at. */
  readonly arena: ArenaView;
  /** Linear systems: LU, solve, rcond, by SciPy's names. */
  readonly linalg: Linalg;
  readonly #store: ArrayStore;
  readonly #engine: Engine;
  readonly #setup: Setup;
  readonly #home: Home;
  /** What the last run of each cell() has kept. */
  readonly #cells = new Map<string, readonly NDArray[]>();

  /** @internal */
  constructor(store: ArrayStore, engine: Engine, setup: Setup, home: Home) {
    this.#store = store;
    this.#engine = engine;
    this.#setup = setup;
    this.#home = home;
    this.linalg = new Linalg(engine, store);
    this.arena = new ArenaView(store, (thread) => home.agent.gone?.(thread) ?? false);
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
   * BLAS's trsm: B <- α op(A)⁻¹ B, or with side "R" B <- α B op(A)⁻¹, A triangular, into B, which it returns. A's other triangle is
   * not read, nor is its diagonal with diag "U". Does not look whether A is singular: see linalg.solveTriangular().
   *
   * @throws as gemm(); TeamError (`DIED`) if a thread died over it.
   */
  trsm(options: TrsmOptions): NDArray {
    return trsm(this.#engine, this.#store, options);
  }

  /**
   * As matmul(), leaving this thread's event loop free: the other threads compute; where memory is not shared, a thread of its own, to
   * which operands are copied; where there is none, or a product is small, this one, in slices.
   * Several calls are done in the order in which they were made. Operands may be released meanwhile. Never blocks.
   *
   * @throws as matmul(), before anything begins; the signal's reason, the result released; ClosedError.
   */
  matmulAsync(a: create.ArrayLike, b: create.ArrayLike, options?: MatmulAsyncOptions): Promise<NDArray> {
    return matmulAsync(this.#engine, this.#store, a, b, options);
  }

  /**
   * As gemm(), leaving this thread's event loop free; see matmulAsync(). C is neither old nor new until it is done, or after it was
   * aborted.
   *
   * @throws as gemm(); the signal's reason; TeamError (`DIED`) if a thread died over it and beta ≠ 0.
   */
  gemmAsync(options: GemmAsyncOptions): Promise<NDArray> {
    return gemmAsync(this.#engine, this.#store, options);
  }

  /**
   * Runs `fn` and releases every array made inside, but those it returns (alone, in arrays, or in plain objects) and
   * those it holds more often than once (retain()). Also if it throws.
   *
   * @throws UnsupportedError if `fn` returns a promise: arrays that others make meanwhile would be released, too.
   */
  scope<R>(fn: () => R): R {
    return this.#scoped("scope", fn).result;
  }

  /**
   * A scope() with a name, for what is run again and again, as a notebook's cells: first releases what its last run has kept, if
   * it still holds it. So there is at any time what one run has made, and no more.
   *
   *     const { a, b } = la.cell("operands", () => ({ a: la.random([500, 300]), b: la.ones([300, 2]) }));
   *
   * @throws as scope().
   */
  cell<R>(name: string, fn: () => R): R {
    this.#store.checkOpen();
    for (const array of this.#cells.get(name) ?? []) if (!array.released) array.release();
    this.#cells.delete(name);
    const { result, kept } = this.#scoped("cell", fn);
    this.#cells.set(name, kept);
    return result;
  }

  #scoped<R>(where: string, fn: () => R): { readonly result: R; readonly kept: readonly NDArray[] } {
    const made: NDArray[] = [];
    this.#store.checkOpen();
    this.#store.scopes.push(made);
    const returned = new Set<NDArray>();
    try {
      const result = fn();
      if (typeof (result as { then?: unknown } | null)?.then === "function") {
        throw new UnsupportedError(
          `${where}: fn is asynchronous. Use \`using\`, or release() in a finally block.`,
        );
      }
      collect(result, returned);
      return { result, kept: made.filter((array) => returned.has(array)) };
    } finally {
      this.#store.scopes.pop();
      for (const array of made) {
        // What leaves this scope belongs to the one around it.
        if (returned.has(array)) this.#store.scopes.at(-1)?.push(array);
        else if (!array.released) array.release();
      }
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

  /** A lock in this context's memory (Python: threading.Lock), a cache line of its own. @throws ArenaFullError, LockError. */
  lock(): Lock {
    return this.#primitive(Lock, (words, index, agent) => new Lock(words, index, agent));
  }

  /** A lock that its holder may take again (threading.RLock). @throws as lock(). */
  rlock(): RLock {
    return this.#primitive(RLock, (words, index, agent) => new RLock(words, index, agent));
  }

  /** A condition (threading.Condition), of a lock of its own if none is given. @throws as lock(). */
  condition(lock?: Lock): Condition {
    if (!(lock instanceof Lock)) refuseOtherCopy("condition", lock);
    // A lock of its own goes with it, and is not left behind if there is no room for the condition.
    const own = lock === undefined ? this.rlock() : undefined;
    const inner = (lock ?? own) as Lock;
    return this.#primitive(
      Condition,
      (words, index, agent) => new Condition(words, index, inner, agent),
      own,
    );
  }

  /** A semaphore (threading.Semaphore). @throws as lock(); LockError (`VALUE`) for what is no number of places. */
  semaphore(value = 1): Semaphore {
    return this.#primitive(Semaphore, (words, index, agent) =>
      new Semaphore(words, index, agent).init(value),
    );
  }

  /** A semaphore that may not be released too often (threading.BoundedSemaphore). @throws as semaphore(). */
  boundedSemaphore(value = 1): BoundedSemaphore {
    return this.#primitive(BoundedSemaphore, (words, index, agent) =>
      new BoundedSemaphore(words, index, agent).init(value),
    );
  }

  /** An event (threading.Event). @throws as lock(). */
  event(): Event {
    return this.#primitive(Event, (words, index, agent) => new Event(words, index, agent));
  }

  /**
   * A barrier for so many threads (threading.Barrier). The action, and the time limit of wait(), are this handle's.
   * @throws as lock(); LockError (`VALUE`) for what is no number of threads.
   */
  barrier(parties: number, options?: BarrierOptions): Barrier {
    return this.#primitive(Barrier, (words, index, agent) =>
      new Barrier(words, index, agent, options).init(parties),
    );
  }

  /** A global interpreter lock: one thread at a time runs, and lets others run now and then. @throws as lock(). */
  gil({ traceEvents = 4096 }: GilOptions = {}): Gil {
    if (!(Number.isInteger(traceEvents) && traceEvents >= 0 && traceEvents <= 2 ** 24)) {
      throw new UnsupportedError(
        `gil: traceEvents ${traceEvents} is no whole number from 0 to ${2 ** 24}.`,
        "OPTION",
      );
    }
    return this.#primitive({ KIND: Gil.KIND, BYTES: Gil.bytes(traceEvents) }, (words, index, agent) =>
      new Gil(words, index, agent).init(traceEvents),
    );
  }

  /**
   * From now on products of this thread, from 64³ multiply-adds on, are computed without the GIL, if this thread holds it
   * when it calls: as NumPy does between NPY_BEGIN_THREADS and NPY_END_THREADS. Nothing ends that.
   * @throws UnsupportedError (`OPTION`) for what is no Gil, (`FOREIGN`) for another copy's.
   */
  useGil(gil: Gil | undefined): void {
    if (gil !== undefined && !(gil instanceof Gil)) {
      refuseOtherCopy("useGil", gil);
      throw new UnsupportedError(`useGil: a ${typeof gil}, not what la.gil() gives.`, "OPTION");
    }
    this.#engine.gil = gil;
  }

  #primitive<T extends Primitive>(
    { KIND, BYTES: bytes }: { readonly KIND: string; readonly BYTES: number },
    make: (words: Int32Array, index: number, agent: Agent) => T,
    part?: Primitive,
  ): T {
    this.#store.checkOpen();
    const { arena, linear } = this.#store;
    let block: BlockHandle | undefined;
    const free = (): void => {
      if (block && !this.#store.closed) arena.release(block);
      part?.[DISPOSE]();
    };
    try {
      block = arena.allocate(bytes, labelled(KIND));
      const address = arena.addressOf(block);
      linear.bytes(address, bytes).fill(0);
      const primitive = make(linear.i32, address / 4, this.#home.agent);
      primitive.owns(free);
      return primitive;
    } catch (error) {
      free();
      throw error;
    }
  }

  /**
   * How many threads compute a product from now on, this one included; in all threads of the context.
   * @throws UnsupportedError (`OPTION`) for what is no number of threads; ClosedError.
   */
  setThreads(threads: number): void {
    this.#store.checkOpen();
    checkThreads("setThreads", threads);
    if (this.#engine.team) this.#engine.team.size = threads;
  }

  /** Id of this thread, as lock.holder tells it. */
  get threadId(): number {
    return this.#home.agent.id;
  }

  /**
   * Starts a thread (threading.Thread) that calls a function, or the default export of a module, as `(la, ...args)`, with this
   * context as it is there. Arrays and locks among the arguments, also in arrays and plain objects, arrive shared: they are the same
   * elements and the same words; everything else is copied as postMessage() does. What the function returns comes back the
   * same way through join(). When it has returned the thread ends, and the arrays left in it are released.
   *
   *     const thread = la.spawn(new URL("./worker.js", import.meta.url), [lock, a, 5]);
   *     // worker.js:  export default (la, lock, a, n) => { … return result; }
   *
   * A running thread keeps the process alive. Never blocks; any thread may call it.
   *
   * @param main the module: a URL, best made with import.meta.url. Or the function: its text is sent (as a `data:` URL), so it
   * sees nothing of what stands around it.
   * @throws TeamError (`SENT`) for arguments that cannot be sent; UnsupportedError in a host without threads, for what is no
   * URL, or in a context whose memory is not shared; LockError (`VALUE`) beyond 255 threads; ClosedError.
   */
  spawn<R = unknown>(main: string | URL | ThreadMain<R>, args: readonly unknown[] = []): Thread<R> {
    this.#store.checkOpen();
    const { threads, agent, shared } = this.#home;
    if (threads === undefined) throw this.#unshared("spawn");
    const module =
      typeof main === "function"
        ? `data:text/javascript,${encodeURIComponent(`export default ${main}\n//# sourceURL=spawned.js`)}`
        : this.#setup.host.moduleURL(main);
    const store = this.#store;
    const { packed, undo } = pack(store, args);
    try {
      return threads.start<R>({
        url: module,
        context: shared,
        args: packed as unknown[],
        unpack: (value) => unpack(store, agent, value),
      });
    } catch (error) {
      undo();
      throw error;
    }
  }

  /**
   * What to post to a worker of your own, for attach() there. Never blocks.
   * @throws UnsupportedError if the memory is not shared; ClosedError.
   */
  share(): ContextShare {
    this.#store.checkOpen();
    if (this.#home.threads === undefined) throw this.#unshared("share");
    return this.#home.shared;
  }

  /**
   * An array or a lock that another thread of this context has shared: the same elements, the same words. An array takes over
   * the reference that came with the message.
   * @throws UnsupportedError (`FOREIGN`) for an array of another context, or one that was adopted already; LockError
   * (`WORDS`) for what is no shared thing.
   */
  adopt(shared: SharedArray): NDArray;
  adopt<T extends Primitive>(shared: Shared<T>): T;
  adopt(shared: SharedThing): NDArray | Primitive {
    this.#store.checkOpen();
    return adopt(this.#store, this.#home.agent, shared);
  }

  #unshared(what: string): Error {
    return new UnsupportedError(
      `${what}: this context's memory is not shared (${this.#store.linear.reason ?? "as asked"}), so no other thread can use it. ` +
        "A page needs the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.",
    );
  }

  /** In a spawned thread: its arguments. @internal */
  receiveArguments(args: readonly unknown[]): unknown[] {
    return unpack(this.#store, this.#home.agent, args) as unknown[];
  }

  /** In a member of the team: waits for tickets until another thread has its seat, or it is ended. @internal */
  serve(member: number): void {
    const { threads, agent } = this.#home;
    const { board } = this.#engine.team!;
    rehearse(this.#engine);
    const seat = { member, thread: agent.id, spins: spinsOf(board.size, this.#setup.host.cores) };
    serve(board, threads!.table, seat, (ticket) => performPublished(this.#engine, ticket));
  }

  /** In a delegate: computes what it is asked for. @internal */
  serveApart(link: Port): void {
    serveApart(this.#engine, this.#store.arena, link);
  }

  /** In a spawned thread: what its function has returned, for a message. @internal */
  sendResult(value: unknown): unknown {
    return pack(this.#store, value).packed;
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
      version: this.#home.shared.version,
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
        used: this.#engine.team?.failure === undefined ? (this.#engine.team?.size ?? 1) : 1,
        reason: this.#threadsReason(),
      },
      advice: advise(host, asked.build),
    };
  }

  #threadsReason(): string {
    const { team, delegate } = this.#engine;
    if (team === undefined) {
      const why = `memory is not shared: ${this.#store.linear.reason ?? "as asked"}`;
      return delegate === undefined ? why : `${why}; asynchronous products ${delegate.state}`;
    }
    if (team.failure !== undefined) return `other threads cannot be started: ${team.failure}`;
    const reason = this.#setup.asked.threads === undefined ? "one a core" : "as asked";
    return [reason, ...(this.#home.threads?.refused ?? []).map((way) => `not from ${way}`)].join("; ");
  }

  /** Prints config() as text, as np.show_config() does; with `print`, where a page or a notebook wants it. */
  showConfig(print: (text: string) => void = console.log): void {
    print(describe(this.config()));
  }

  /**
   * Ends the context in this thread: its arrays can no longer be used here. In the thread that made it, threads that it has
   * spawned end, too, wherever they are. Its memory is the garbage collector's once nothing refers to it any more.
   */
  close(): void {
    if (this.#store.closed) return;
    this.#store.releaseAll();
    this.#home.leave();
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

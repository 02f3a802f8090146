import type { Build, DType, MicroKernel } from "../../src/index.ts";
import { forUnsharedMemory, loadBinaries } from "../../src/kernels/binaries.ts";
import { elements, itemSize, NO_JOB, writeJob } from "../../src/kernels/job.ts";
import { instantiateKernels } from "../../src/kernels/load.ts";
import type { KernelTable } from "../../src/kernels/table.ts";
import { compileTuned } from "../../src/kernels/window.ts";
import { detectHost } from "../../src/team/host.ts";
import { type Subject, timed } from "../common/sample.ts";

/** Where things lie in the bench's own memory: a job record, a C tile, and panels that together fit an L1 cache. */
const JOB = 1024;
const TILE = 4096;
const A = 8192;
const B = 32768;
const PAGES = 2;
const KC = 256;

/** A micro-kernel to be timed, and the floating-point operations of one call. */
export interface MicroSubject extends Subject {
  readonly flops: number;
}

/**
 * The micro-kernels of a build, outside any context. The engine keeps native code by a module's bytes, so this is the
 * very code that the context of that build runs.
 */
export class MicroKernels {
  readonly #kernels: KernelTable;
  readonly #memory: WebAssembly.Memory;

  private constructor(module: WebAssembly.Module, shared: boolean) {
    this.#memory = new WebAssembly.Memory({ initial: PAGES, maximum: 65536, shared });
    this.#kernels = instantiateKernels(module, this.#memory);
  }

  /**
   * Undefined where the build cannot be had.
   * @param shared whether the contexts' memory is: it is another module.
   */
  static async of(build: Build, shared: boolean): Promise<MicroKernels | undefined> {
    const binaries = await loadBinaries();
    const bytes = binaries[build === "strict" ? "strict" : "relaxed"];
    const fitting = shared ? bytes : forUnsharedMemory(bytes);
    if (build !== "tuned") return new MicroKernels(await WebAssembly.compile(fitting), shared);
    const { module } = await compileTuned(fitting, detectHost());
    return module && new MicroKernels(module, shared);
  }

  /** A full tile, k = KC, panels packed as in real work. */
  subject(microKernel: MicroKernel, dtype: DType): MicroSubject {
    const size = itemSize(dtype);
    const { rows, vectors, micro } = this.#kernels[dtype].tiles[microKernel];
    const columns = (vectors * 16) / size;
    const views = { i32: new Int32Array(this.#memory.buffer), f64: new Float64Array(this.#memory.buffer) };
    const strides = {
      rsa: size,
      csa: rows * size,
      rsb: columns * size,
      csb: size,
      rsc: columns * size,
      csc: size,
    };
    const run = timed(() => micro(JOB));
    return {
      flops: 2 * rows * columns * KC,
      sample(calls) {
        // All subjects of a build share one place in memory.
        const panels = elements(views, dtype);
        panels.fill(1, A / size, A / size + rows * KC);
        panels.fill(1, B / size, B / size + columns * KC);
        writeJob(views, JOB, { ...NO_JOB, k: KC, a: A, b: B, c: TILE, ...strides });
        return run.sample(calls);
      },
    };
  }
}

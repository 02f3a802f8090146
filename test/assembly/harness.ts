import { describe, test } from "vitest";
import relaxed from "../../build/relaxed.wasm";
import strict from "../../build/strict.wasm";
import type { KernelExports, MicroKernel, Suffix } from "../../src/kernels/exports.ts";
import { itemSize, JOB, JOB_BYTES } from "../../src/kernels/job.ts";

export interface Build {
  readonly name: "strict" | "relaxed";
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const BUILDS: readonly Build[] = [
  { name: "strict", bytes: strict },
  { name: "relaxed", bytes: relaxed },
];

export const SUFFIXES = ["f32", "f64"] as const satisfies readonly Suffix[];

/** Runs `body` once a build and element type. An engine without relaxed SIMD skips that build and says so. */
export function forEachBuild(role: string, body: (build: Build, suffix: Suffix) => void): void {
  for (const build of BUILDS) {
    const runs = build.name === "strict" || WebAssembly.validate(build.bytes);
    for (const suffix of SUFFIXES) {
      describe(`${role}, ${build.name} build, ${suffix}`, () => {
        if (runs) body(build, suffix);
        else test.skipIf(true)(`not run: this engine does not validate the ${build.name} build`, () => {});
      });
    }
  }
}

/** MR and NR of a micro-kernel. */
export function tileSize(tile: MicroKernel, suffix: Suffix): { MR: number; NR: number } {
  const [rows, vectors] = tile.split("x").map(Number) as [number, number];
  return { MR: rows, NR: (vectors * 16) / sizeOf(suffix) };
}

export function sizeOf(suffix: Suffix): 4 | 8 {
  return itemSize(suffix === "f32" ? "float32" : "float64");
}

/** Rounds to the element type. */
export function rounding(suffix: Suffix): (x: number) => number {
  return suffix === "f32" ? Math.fround : (x) => x;
}

/** Row and column strides, in elements, of an m × n matrix. Those of READ_ONLY_KINDS repeat elements. */
const STRIDES = {
  row: (_m: number, n: number) => [n, 1],
  column: (m: number, _n: number) => [1, m],
  rowGap: (_m: number, n: number) => [n + 3, 1],
  columnGap: (m: number, _n: number) => [1, m + 5],
  strided: (_m: number, n: number) => [2 * n + 3, 2],
  stridedColumn: (m: number, _n: number) => [3, 3 * m + 1],
  rowReversed: (_m: number, n: number) => [-n, 1],
  columnReversed: (m: number, _n: number) => [1, -m],
  reversed: (_m: number, n: number) => [-n, -1],
  sameRow: (_m: number, _n: number) => [0, 1],
  sameColumn: (_m: number, _n: number) => [1, 0],
  same: (_m: number, _n: number) => [0, 0],
} satisfies Record<string, (m: number, n: number) => [number, number]>;

export type Kind = keyof typeof STRIDES;
const READ_ONLY_KINDS: readonly string[] = ["sameRow", "sameColumn", "same"];
export const KINDS = Object.keys(STRIDES) as Kind[];
export const OUTPUT_KINDS = KINDS.filter((kind) => !READ_ONLY_KINDS.includes(kind));

/** A matrix in wasm memory; `rs` and `cs` are in bytes, as the kernels take them. */
export class Matrix {
  readonly rs: number;
  readonly cs: number;

  constructor(
    readonly items: Float32Array | Float64Array,
    readonly m: number,
    readonly n: number,
    readonly address: number,
    readonly rowStep: number,
    readonly columnStep: number,
  ) {
    this.rs = rowStep * items.BYTES_PER_ELEMENT;
    this.cs = columnStep * items.BYTES_PER_ELEMENT;
  }

  index(i: number, j: number): number {
    return this.address / this.items.BYTES_PER_ELEMENT + i * this.rowStep + j * this.columnStep;
  }

  /** m rows from row i, n columns from column j. */
  part(i: number, m: number, j: number, n: number): Matrix {
    const address = this.address + i * this.rs + j * this.cs;
    return new Matrix(this.items, m, n, address, this.rowStep, this.columnStep);
  }

  get(i: number, j: number): number {
    return this.items[this.index(i, j)] as number;
  }

  fill(value: (i: number, j: number) => number): this {
    for (let i = 0; i < this.m; ++i) {
      for (let j = 0; j < this.n; ++j) this.items[this.index(i, j)] = value(i, j);
    }
    return this;
  }

  /** Its elements, row by row. */
  dense(): Float64Array {
    const out = new Float64Array(this.m * this.n);
    for (let i = 0, at = 0; i < this.m; ++i) {
      for (let j = 0; j < this.n; ++j) out[at++] = this.get(i, j);
    }
    return out;
  }

  /** The opposite of `dense`. */
  write(values: ArrayLike<number>): this {
    return this.fill((i, j) => values[i * this.n + j] as number);
  }
}

/** NaN as float32 and, two of them, as float64: what a kernel must not read, and must not change. */
const GUARD = 0x7ff8dead;
const GUARD_BYTES = 128;
const START = 1024;

/**
 * One instance with its memory. Areas are laid out one after the other with guard words around each:
 *
 *     guard │ job record │ guard │ matrix, misaligned by an element │ guard │ … │ scratch │ guard
 */
export class Stage {
  readonly kernels: KernelExports;
  readonly memory: WebAssembly.Memory;
  readonly words: Int32Array;
  readonly items: Float32Array | Float64Array;
  readonly size: 4 | 8;
  readonly #floats: Float64Array;
  #job = 0;
  #end = START;

  constructor(
    readonly build: Build,
    readonly suffix: Suffix,
    pages = 256,
  ) {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
    const module = new WebAssembly.Module(build.bytes);
    this.memory = memory;
    this.kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as KernelExports;
    this.size = sizeOf(suffix);
    this.words = new Int32Array(memory.buffer);
    this.#floats = new Float64Array(memory.buffer);
    this.items = suffix === "f32" ? new Float32Array(memory.buffer) : this.#floats;
    this.reset();
  }

  reset(): void {
    this.#end = START;
    this.#claim(0);
    this.#job = this.#claim(JOB_BYTES);
  }

  #claim(bytes: number): number {
    const address = this.#end;
    const next = Math.ceil((address + bytes + GUARD_BYTES) / 64) * 64;
    this.words.fill(GUARD, address / 4, next / 4);
    this.#end = next;
    return address;
  }

  /** Filled with guard words, that is with NaN. `atEnd` puts its last element into the memory's last bytes. */
  matrix(m: number, n: number, kind: Kind | readonly [number, number], atEnd = false): Matrix {
    const [rs, cs] = typeof kind === "string" ? STRIDES[kind](m, n) : kind;
    const reach = (count: number, step: number) => Math.max(0, count - 1) * step;
    const below = Math.min(0, reach(m, rs as number)) + Math.min(0, reach(n, cs as number));
    const above = Math.max(0, reach(m, rs as number)) + Math.max(0, reach(n, cs as number));
    const bytes = (above - below + 1) * this.size;
    const start = atEnd ? this.memory.buffer.byteLength - bytes : this.#claim(bytes + this.size) + this.size;
    const address = start - below * this.size;
    return new Matrix(this.items, m, n, address, rs as number, cs as number);
  }

  /**
   * Calls `body` with scratch areas of the given sizes and throws if any byte changes but the elements of `outs`, the
   * scratch areas and the job record.
   */
  run(outs: readonly Matrix[], scratch: readonly number[], body: (areas: number[]) => void): void {
    const mark = this.#end;
    const areas = scratch.map((bytes) => this.#claim(bytes));
    const end = this.#end;
    const before = this.words.slice(START / 4, end / 4);
    body(areas);
    const allow = (from: number, bytes: number) => {
      if (from >= end) return;
      for (let word = from / 4; word < (from + bytes) / 4; ++word) {
        before[word - START / 4] = this.words[word] as number;
      }
    };
    allow(this.#job, JOB_BYTES);
    for (const [i, bytes] of scratch.entries()) allow(areas[i] as number, bytes);
    for (const out of outs) {
      for (let i = 0; i < out.m; ++i) {
        for (let j = 0; j < out.n; ++j) allow(out.index(i, j) * this.size, this.size);
      }
    }
    const after = Buffer.from(this.memory.buffer, START, end - START);
    if (!Buffer.from(before.buffer).equals(after)) {
      const at = before.findIndex((word, i) => word !== this.words[i + START / 4]);
      throw new Error(`byte ${START + at * 4} was overwritten; the scratch areas are at ${areas.join(", ")}`);
    }
    this.#end = mark;
  }

  /** Writes a job record and returns its address. */
  job(fields: Partial<Record<keyof typeof JOB, number>>): number {
    for (const name of Object.keys(JOB) as (keyof typeof JOB)[]) {
      const at = this.#job + JOB[name];
      if (name === "alpha" || name === "beta") this.#floats[at / 8] = fields[name] ?? 0;
      else this.words[at / 4] = fields[name] ?? 0;
    }
    return this.#job;
  }
}

/** C <- alpha A B + beta C, as a kernel is asked for it. */
export interface Problem {
  readonly a: Matrix;
  readonly b: Matrix;
  readonly c: Matrix;
  readonly alpha: number;
  readonly beta: number;
}

export interface Blocking {
  readonly MC: number;
  readonly KC: number;
  readonly NC: number;
}

const TILE_BYTES = 6 * 64;
const SPILL = 16;

/** Loops 5, 4 and 3 around a macro-kernel; where B's columns are `adjacent`, only a ragged panel is packed. */
export function blocked(
  stage: Stage,
  tile: MicroKernel,
  p: Problem,
  blocking: Blocking,
  adjacent: boolean,
): void {
  const { kernels, suffix, size } = stage;
  const { MR, NR } = tileSize(tile, suffix);
  const { a, b, c, alpha, beta } = p;
  const [m, n, k] = [a.m, b.n, a.n];
  // Rows of B that coincide cannot be read in place.
  const inPlace = adjacent && b.rs !== 0;
  const KC = Math.min(blocking.KC, k);
  const pack = kernels[`pack_${suffix}`];
  const panels = (extent: number, width: number) => Math.ceil(extent / width) * width * KC * size + SPILL;
  const packedA = panels(Math.min(blocking.MC, m), MR);
  const packedB = inPlace ? panels(NR, NR) : panels(Math.min(blocking.NC, n), NR);
  stage.run([c], [TILE_BYTES, packedA, packedB], ([scratchTile = 0, toA = 0, toB = 0]) => {
    if (beta !== 0 && beta !== 1) kernels[`scale_${suffix}`](m, n, beta, c.address, c.rs, c.cs);
    for (let jc = 0; jc < n; jc += blocking.NC) {
      const nc = Math.min(blocking.NC, n - jc);
      let pc = 0;
      do {
        const kc = Math.min(blocking.KC, k - pc);
        const fromB = b.address + pc * b.rs + jc * b.cs;
        if (!inPlace) pack(nc, kc, NR, fromB, b.cs, b.rs, toB);
        else if (nc % NR) pack(nc % NR, kc, NR, fromB + (nc - (nc % NR)) * b.cs, b.cs, b.rs, toB);
        for (let ic = 0; ic < m; ic += blocking.MC) {
          const mc = Math.min(blocking.MC, m - ic);
          pack(mc, kc, MR, a.address + ic * a.rs + pc * a.cs, a.rs, a.cs, toA);
          const job = stage.job({
            alpha,
            m: mc,
            n: nc,
            k: kc,
            a: toA,
            rsa: size,
            csa: MR * size,
            nextA: MR * kc * size,
            b: inPlace ? fromB : toB,
            rsb: inPlace ? b.rs : NR * size,
            nextB: inPlace ? NR * size : NR * kc * size,
            bScratch: inPlace ? toB : 0,
            c: c.address + ic * c.rs + jc * c.cs,
            rsc: c.rs,
            csc: c.cs,
            tile: scratchTile,
            accumulate: pc > 0 || beta !== 0 ? 1 : 0,
          });
          kernels[`macro_${tile}_${suffix}`](job);
        }
        pc += kc;
      } while (pc < k);
    }
  });
}

/** A batch for `small`: products, and bytes from one to the next. */
export interface Batch {
  readonly count: number;
  readonly nextA: number;
  readonly nextB: number;
  readonly nextC: number;
}

const ONE: Batch = { count: 1, nextA: 0, nextB: 0, nextC: 0 };

/** The no-packing path; `outs` are the C of every product, `p` is the first product. */
export function small(stage: Stage, tile: MicroKernel, p: Problem, batch = ONE, outs = [p.c]): void {
  const { MR, NR } = tileSize(tile, stage.suffix);
  const { a, b, c, alpha, beta } = p;
  const [m, n, k] = [a.m, b.n, a.n];
  const columns = b.cs === stage.size && b.rs !== 0 ? NR : Math.ceil(n / NR) * NR;
  const scratch = [TILE_BYTES, MR * k * stage.size + SPILL, columns * k * stage.size + SPILL];
  stage.run(outs, scratch, ([scratchTile = 0, aScratch = 0, bScratch = 0]) => {
    const job = stage.job({
      alpha,
      beta,
      ...batch,
      m,
      n,
      k,
      a: a.address,
      rsa: a.rs,
      csa: a.cs,
      b: b.address,
      rsb: b.rs,
      csb: b.cs,
      c: c.address,
      rsc: c.rs,
      csc: c.cs,
      tile: scratchTile,
      aScratch,
      bScratch,
    });
    stage.kernels[`small_${tile}_${stage.suffix}`](job);
  });
}

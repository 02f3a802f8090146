/** NumPy's names of the two element types. */
export type DType = "float32" | "float64";

/** What a table has for a dtype. (An index that is a variable costs a small product 10 ns; a comparison costs nothing.) */
export function of<T>(table: Readonly<Record<DType, T>>, dtype: DType): T {
  return dtype === "float32" ? table.float32 : table.float64;
}

/** The suffix that an element type has in the names of wasm exports. */
export type Suffix = "f32" | "f64";

/** The micro-kernels: rows × v128 vectors of the C tile. One file each in assembly/gemm/. */
export const MICRO_KERNELS = ["2x4", "3x3", "4x2", "4x4", "5x2", "6x2", "6x4"] as const;

/** A micro-kernel's name: rows × vectors. */
export type MicroKernel = (typeof MICRO_KERNELS)[number];

/** Does what the job record at an address says; see assembly/gemm/job.ts. */
type JobKernel = (job: number) => void;

type Sized<S extends Suffix> = {
  /** assembly/gemm/pack.ts */
  [K in `pack_${S}`]: (
    extent: number,
    kc: number,
    width: number,
    src: number,
    rs: number,
    cs: number,
    dst: number,
  ) => void;
} & {
  [K in `scale_${S}`]: (m: number, n: number, beta: number, c: number, rsc: number, csc: number) => void;
} & {
  [K in `copy_${S}`]: (
    m: number,
    n: number,
    src: number,
    rss: number,
    css: number,
    dst: number,
    rsd: number,
    csd: number,
  ) => void;
} & {
  [K in `gemv_${S}`]: (
    m: number,
    k: number,
    alpha: number,
    a: number,
    rsa: number,
    csa: number,
    x: number,
    incx: number,
    beta: number,
    y: number,
    incy: number,
    scratch: number,
  ) => void;
} & {
  /** assembly/level3/trsm.ts */
  [K in `trsm_${S}`]: (
    n: number,
    r: number,
    t: number,
    rst: number,
    cst: number,
    pst: number,
    unit: number,
    b: number,
    rsb: number,
  ) => void;
} & {
  /** assembly/lapack/getf2.ts */
  [K in `getf2_${S}`]: (m: number, n: number, a: number, csa: number, piv: number, row0: number) => number;
} & {
  /** assembly/lapack/laswp.ts */
  [K in `laswp_${S}`]: (
    n: number,
    a: number,
    rsa: number,
    csa: number,
    piv: number,
    first: number,
    last: number,
    backward: number,
  ) => void;
} & {
  /** assembly/lapack/asum.ts */
  [K in `asum_${S}`]: (m: number, n: number, a: number, rsa: number, csa: number, sums: number) => void;
} & {
  [K in `random_${S}`]: (state: number, dst: number, count: number) => void;
} & {
  [K in `standardNormal_${S}`]: (state: number, tables: number, dst: number, count: number) => void;
} & {
  [K in `${"micro" | "macro" | "small"}_${MicroKernel}_${S}`]: JobKernel;
};

/** The typed list of what both builds export; assembly/index.ts is the other side, a test compares the two. */
export type KernelExports = Sized<"f32"> & Sized<"f64"> & { readonly memory: WebAssembly.Memory };
